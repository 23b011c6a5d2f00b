"""Standard error kept off the terminal while captions are drawn on it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_STANDARD_ERROR = 2


def open_log(path: str | Path) -> int:
    """A descriptor that appends to a file; one that it makes only its owner may read: titles and hotwords are logged.

    Raises:
        OSError: it cannot be opened.
    """
    return os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)


@contextlib.contextmanager
def standard_error_into(path: Path) -> Iterator[None]:
    """Append what libraries and child processes write to descriptor 2 to a file, if it would go to a terminal."""
    if not os.isatty(_STANDARD_ERROR):
        yield
        return
    file = open_log(path)
    before = os.dup(_STANDARD_ERROR)
    os.dup2(file, _STANDARD_ERROR)
    os.close(file)
    try:
        yield
    finally:
        os.dup2(before, _STANDARD_ERROR)
        os.close(before)
