"""A file that grows while others read it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

STEP_PARTS = 50
"""Parts that are written between two steps, a few hundredths of a second: so long may captions wait for minutes."""


class GrowingFile:
    """A text file of which a reader sees whole versions only; an update costs the same at any length.

    Two files take turns: the hidden one gets what it lacks and then takes the name. A plain append will not do: the
    file system shows parts of a write that crosses a page. Calls must be some 100 ms apart, so that nobody still reads
    a version that is written to again. ``tail -f`` works.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._spares = tuple(path.with_name(f".{path.name}.{letter}") for letter in "ab")
        self._hidden: Path | None = None
        self._lacking = ""
        self._tail_bytes = 0
        for spare in self._spares:
            spare.unlink(missing_ok=True)

    def rewrite(self, parts: Iterable[str], tail: str = "") -> None:
        """As :meth:`rewriting`, at once."""
        for _ in self.rewriting(parts, tail):
            pass

    def rewriting(self, parts: Iterable[str], tail: str = "") -> Iterator[None]:
        """Write the file anew, in steps of ``STEP_PARTS``; nothing else may be done with it before the last.

        Raises:
            OSError: the disk refuses; the version before stays.
        """
        self._forget_hidden()
        part = self._spares[0]
        try:
            with _created(part) as file:
                for number, text in enumerate(parts, 1):
                    file.write(text.encode())
                    if number % STEP_PARTS == 0:
                        yield
                file.write(tail.encode())
            part.rename(self.path)
        finally:
            part.unlink(missing_ok=True)
        self._tail_bytes = len(tail.encode())

    def append(self, text: str, tail: str = "") -> None:
        """Add a text before the tail.

        Raises:
            OSError: the disk refuses; the version before stays, and the file must be rewritten.
        """
        hidden = self._hidden if self._hidden is not None else self._copy(self._spares[0])
        with hidden.open("r+b") as file:
            file.seek(-self._tail_bytes, os.SEEK_END)
            file.write((self._lacking + text + tail).encode())
            file.truncate()
        self._hidden = None
        kept = self._spares[1] if hidden == self._spares[0] else self._spares[0]
        try:
            os.link(self.path, kept)
        except OSError:
            kept.unlink(missing_ok=True)
            self._copy(kept)
        hidden.rename(self.path)
        self._hidden, self._lacking = kept, text

    def close(self) -> None:
        """Make the file durable and remove the hidden one.

        Raises:
            OSError: the disk refuses.
        """
        self._forget_hidden()
        if self.path.exists():
            with self.path.open("rb") as file:
                os.fsync(file.fileno())

    def _copy(self, target: Path) -> Path:
        """A second version that lacks nothing."""
        self._lacking = ""
        with self.path.open("rb") as source, _created(target) as file:
            shutil.copyfileobj(source, file)
        return target

    def _forget_hidden(self) -> None:
        for spare in self._spares:
            spare.unlink(missing_ok=True)
        self._hidden = None
        self._lacking = ""


def _created(path: Path) -> BinaryIO:
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "wb")
