from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

LOADING = """
import importlib.abc, os, signal, sys

number, awaited, how = signal.Signals[sys.argv[1]], sys.argv[2], sys.argv[3]

class Interrupted(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name == awaited:
            os.kill(os.getpid(), number)

sys.meta_path.insert(0, Interrupted())
heeded = signal.default_int_handler if number is signal.SIGINT else signal.SIG_DFL
signal.signal(number, signal.SIG_IGN if how == "ignored" else heeded)
if how == "without stderr":
    os.close(2)
sys.argv = ["streamer", "devices", "--help"]
from streamer.__main__ import main
main()
"""


def interrupted(
    number: signal.Signals, awaited: str, how: str = "heeded", locale: str = "C.UTF-8"
) -> subprocess.CompletedProcess[str]:
    """A signal while the program loads this module."""
    command = [sys.executable, "-c", LOADING, number.name, awaited, how]
    environment = {**os.environ, "LC_ALL": locale}
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False)


@pytest.mark.parametrize("awaited", ["streamer.cli", "typer", "streamer.commands.devices"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_while_the_program_loads_ends_it_with_a_word_and_its_code(
    number: signal.Signals, awaited: str
) -> None:
    ended = interrupted(number, awaited)

    assert (ended.returncode, ended.stdout, ended.stderr) == (128 + number, "", "Interrupted.\n")


def test_in_a_chinese_locale_the_word_is_chinese() -> None:
    assert interrupted(signal.SIGINT, "typer", locale="zh_CN.UTF-8").stderr == "已中断。\n"


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


ON_WINDOWS = """
import signal, sys
sys.platform = "win32"
del signal.SIGHUP
from streamer.__main__ import main
main()
"""


def test_windows_is_told_where_streamer_runs() -> None:
    ended = subprocess.run([sys.executable, "-c", ON_WINDOWS], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (2, "streamer: runs on Linux; on Windows install it in WSL 2\n")


def test_where_there_is_no_standard_error_its_code_says_enough() -> None:
    ended = interrupted(signal.SIGINT, "typer", "without stderr")

    assert (ended.returncode, ended.stdout, ended.stderr) == (130, "", "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_that_is_ignored_stays_ignored(number: signal.Signals) -> None:
    ended = interrupted(number, "typer", "ignored")

    assert ended.returncode == 0
    assert "Usage" in ended.stdout


SHORT_OF_MEMORY = """
import sys
from streamer import cli
def app():
    raise MemoryError
cli.app = app
cli.main()
"""


def test_where_there_is_no_memory_one_line_says_so() -> None:
    ended = subprocess.run([sys.executable, "-c", SHORT_OF_MEMORY], capture_output=True, text=True, check=False)

    assert (ended.returncode, " ".join(ended.stderr.split())) == (
        1,
        "streamer: the system gives no more memory; end other programs, or raise this one's limit (ulimit -v)",
    )
