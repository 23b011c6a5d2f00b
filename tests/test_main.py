from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

LOADING = """
import importlib.abc, os, signal, sys

class Interrupted(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == "typer":
            os.kill(os.getpid(), signal.SIGINT)

sys.meta_path.insert(0, Interrupted())
signal.signal(signal.SIGINT, signal.default_int_handler if sys.argv[1] == "heeded" else signal.SIG_IGN)
sys.argv = ["streamer", "--version"]
from streamer.__main__ import main
main()
"""


def interrupted(how: str) -> subprocess.CompletedProcess[str]:
    """Ctrl-C while the program loads."""
    return subprocess.run([sys.executable, "-c", LOADING, how], capture_output=True, text=True, check=False)


def test_ctrl_c_while_the_program_loads_leaves_no_traceback() -> None:
    ended = interrupted("heeded")

    assert (ended.returncode, ended.stdout, ended.stderr) == (-signal.SIGINT, "", "")


SHOWING = """
import os, sys
sys.argv = ["streamer", "--version"]
from streamer.__main__ import main
try:
    main()
finally:
    print(os.environ["OPENBLAS_NUM_THREADS"])
"""


@pytest.mark.parametrize(("given", "threads"), [({}, "1"), ({"OPENBLAS_NUM_THREADS": "2"}, "2")])
def test_matrices_are_multiplied_in_one_thread_unless_the_environment_says_otherwise(
    given: dict[str, str], threads: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "OPENBLAS_NUM_THREADS"}

    ended = subprocess.run(
        [sys.executable, "-c", SHOWING], capture_output=True, text=True, check=False, env={**environment, **given}
    )

    assert ended.stdout.split()[-1] == threads


def test_a_ctrl_c_that_is_ignored_stays_ignored() -> None:
    ended = interrupted("ignored")

    assert (ended.returncode, ended.stdout.split()[0]) == (0, "streamer")
