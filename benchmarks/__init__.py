"""Measurements: one file a question, each printing a table or JSON."""

import sys

from benchmarks.failing import explain
from streamer.system.one_thread import compute_in_one_thread

if sys.argv[:1] == ["-m"]:  # Python is about to run one of them: `python -m benchmarks.NAME`
    sys.excepthook = explain
    compute_in_one_thread()  # as the program does
