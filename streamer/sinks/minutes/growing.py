"""A file that grows while others read it."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from streamer.places import new_private_file
from streamer.sinks.minutes.replacing import Replacing, keep_beside, tell_of_others
from streamer.sinks.minutes.seals import seal

STEP_PARTS = 50
"""Parts that are written between two steps, a few hundredths of a second: so long may captions wait for minutes."""


class GrowingFile:
    """A text file of which a reader sees whole versions only; an update costs the same at any length.

    Two files take turns: the hidden one gets what it lacks and then takes the name. A plain append will not do: the
    file system shows parts of a write that crosses a page. Calls must be some 100 ms apart, so that nobody still reads
    a version that is written to again. ``tail -f`` works. Each version is sealed.
    """

    def __init__(self, path: Path, replacing: Replacing = keep_beside) -> None:
        """``replacing``: told what somebody else wrote in its place, before that is written over."""
        self.path = path
        self._replacing = replacing
        self._spares = tuple(path.with_name(f".{path.name}.{letter}") for letter in "ab")
        self._hidden: Path | None = None
        self._lacking = ""
        self._tail_bytes = 0
        self._body = hashlib.sha256()
        """Of all before the tail."""
        self._left: tuple[int, int, int] | None = None
        """How the version that was given the name last looked."""
        for spare in self._spares:
            spare.unlink(missing_ok=True)

    def rewriting(self, parts: Iterable[str], tail: str = "") -> Iterator[None]:
        """Write the file anew, in steps of ``STEP_PARTS``; nothing else may be done with it before the last.

        Raises:
            OSError: the disk refuses; the version before stays.
        """
        self._forget_hidden()
        self._body, part = hashlib.sha256(), self._spares[0]
        try:
            with new_private_file(part) as file:
                for number, text in enumerate(parts, 1):
                    self._body.update(block := text.encode())
                    file.write(block)
                    if number % STEP_PARTS == 0:
                        yield
                file.write(tail.encode())
                seal(file, self._digest(tail))
            if self._left is None or not self.path.exists() or not self.is_as_left():
                tell_of_others(self.path, self._digest(tail), self._replacing)
            self._give_name(part)
        finally:
            part.unlink(missing_ok=True)
        self._tail_bytes = len(tail.encode())

    def is_as_left(self) -> bool:
        """Whether nobody else has written the file since the last version; where somebody has, it must be rewritten.

        Raises:
            OSError: it is not there, or cannot be looked at.
        """
        return self._left is None or _look(self.path) == self._left

    def append(self, text: str, tail: str = "") -> None:
        """Add a text before the tail of what is as it was left.

        Raises:
            OSError: the disk refuses; the version before stays, and the file must be rewritten.
        """
        hidden = self._hidden if self._hidden is not None else self._copy(self._spares[0])
        with hidden.open("r+b") as file:
            file.seek(-self._tail_bytes, os.SEEK_END)
            file.write((self._lacking + text + tail).encode())
            file.truncate()
            self._body.update(text.encode())
            seal(file, self._digest(tail))
        self._hidden = None
        kept = self._spares[1] if hidden == self._spares[0] else self._spares[0]
        try:
            os.link(self.path, kept)
        except OSError:
            kept.unlink(missing_ok=True)
            self._copy(kept)
        self._give_name(hidden)
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

    def _digest(self, tail: str) -> bytes:
        whole = self._body.copy()
        whole.update(tail.encode())
        return whole.digest()

    def _give_name(self, version: Path) -> None:
        version.rename(self.path)
        self._left = _look(self.path)

    def _copy(self, target: Path) -> Path:
        """A second version that lacks nothing."""
        self._lacking = ""
        with self.path.open("rb") as source, new_private_file(target) as file:
            shutil.copyfileobj(source, file)
        return target

    def _forget_hidden(self) -> None:
        for spare in self._spares:
            spare.unlink(missing_ok=True)
        self._hidden = None
        self._lacking = ""


def _look(path: Path) -> tuple[int, int, int]:
    """What changes when somebody saves a file."""
    found = path.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
