"""What a run's log writes beside the captions."""

from __future__ import annotations

import subprocess
import sys

import pytest

SCRIPT = """
import logging
from streamer.commands.run import _log
from streamer.errors import NOTICED
from streamer.outputs import Output
from streamer.settings import Settings

_log(Output.PLAIN, Settings(), None)
logging.error("a notice says this too", extra=NOTICED)
logging.error("only here")
"""


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [(subprocess.STDOUT, ["only here"]), (subprocess.PIPE, ["a notice says this too", "only here"])],
)
def test_what_a_notice_says_is_not_logged_beside_it(stderr: int, expected: list[str]) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT], stdout=subprocess.PIPE, stderr=stderr, text=True, check=True, timeout=60
    )
    lines = (run.stderr or run.stdout).splitlines()

    assert [line.split("root: ")[1] for line in lines] == expected
