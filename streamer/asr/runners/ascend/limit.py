"""An end for calls that never return."""

from __future__ import annotations

import contextlib
import faulthandler
from collections.abc import Iterator


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Let this process end where what is done inside takes longer.

    A call into pyACL may hang with the interpreter's lock, so that nothing written in Python would come to end it.
    """
    faulthandler.dump_traceback_later(seconds, exit=True)
    try:
        yield
    finally:
        faulthandler.cancel_dump_traceback_later()
