"""Signals that end training: as an exit, so that the process that makes its batches ends with it."""

from __future__ import annotations

import signal
import sys

import typer

from streamer.system.signals import INTERRUPTED


def stop_at_signals() -> None:
    """From now on SIGTERM and SIGHUP exit with the code that shells have for them; ignored ones, as by nohup, stay so.

    What was learnt since the last checkpoint is learnt again.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _stop)


def _stop(number: int, _frame: object) -> None:
    typer.echo(INTERRUPTED, err=True)
    sys.exit(128 + number)
