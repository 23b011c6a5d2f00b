"""Signals that no command looks after, above all while modules load: a word, and the code that shells have for them.

An exception would come anywhere in what is being imported, which shows a traceback, or takes it for a failure.
"""

from __future__ import annotations

import atexit
import os
import signal
import sys

from streamer.system.language import is_chinese

INTERRUPTED = "Interrupted."
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def end_at_signals() -> None:
    """From now on they end the process where it stands; those that a parent had ignored stay so."""
    for number in _ENDING:
        if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
            signal.signal(number, _end)


def is_ended_by_ctrl_c() -> bool:
    """Whether :func:`end_at_signals` has taken it: not where a parent had it ignored, nor in another program."""
    return signal.getsignal(signal.SIGINT) is _end


def interrupted() -> str:
    """For whoever knows nothing better to say, in the language of the locale."""
    return "已中断。" if is_chinese(os.environ) else INTERRUPTED


def leave_threads_behind(code: int) -> None:
    """Have the process end with this code as soon as everything is given back, without what Python does at its end.

    A thread that still runs a model would be ended there in the middle of its library, which aborts the process.
    """
    atexit.register(os._exit, code)


def _end(number: int, _frame: object) -> None:
    signal.signal(number, signal.SIG_DFL)  # a second one ends at once what a stopped terminal keeps from writing
    try:
        os.write(2, f"{interrupted()}\n".encode(getattr(sys.stderr, "encoding", None) or "utf-8", "replace"))
    finally:
        os._exit(128 + number)
