"""Threads that take turns, except while a model runs.

Python's lock lets one thread at a time run, but numpy gives it away for every array of some size, and each time another
thread that waits for it has to be woken: thousands of times a minute of sound, for microseconds each. Threads with a
turn of their own change places only where a model runs.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

_own = threading.local()
"""``turn``: the one that this thread has taken."""


@contextmanager
def taken(turn: threading.Lock) -> Iterator[None]:
    """Wait for the turn, and have it but for :func:`given_up`. Not to be taken twice."""
    with turn:
        _own.turn = turn
        try:
            yield
        finally:
            _own.turn = None


@contextmanager
def given_up() -> Iterator[None]:
    """Let others have the turn that this thread has taken, if it has, and wait for it again at the end."""
    turn: threading.Lock | None = getattr(_own, "turn", None)
    if turn is None:
        yield
        return
    turn.release()
    try:
        yield
    finally:
        turn.acquire()
