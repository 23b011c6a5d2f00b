"""Measurements: one file a question, each printing a table or JSON."""

import sys

from benchmarks.failing import explain

if sys.argv[:1] == ["-m"]:  # Python is about to run one of them: `python -m benchmarks.NAME`
    sys.excepthook = explain
