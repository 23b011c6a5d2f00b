"""Standard error kept off the terminal while captions are drawn on it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

_STANDARD_ERROR = 2


@contextlib.contextmanager
def standard_error_into(path: Path) -> Iterator[None]:
    """Append what libraries and child processes write to descriptor 2 to a file, if it would go to a terminal."""
    if not os.isatty(_STANDARD_ERROR):
        yield
        return
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    before = os.dup(_STANDARD_ERROR)
    os.dup2(file, _STANDARD_ERROR)
    os.close(file)
    try:
        yield
    finally:
        os.dup2(before, _STANDARD_ERROR)
        os.close(before)
