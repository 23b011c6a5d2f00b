"""What the store refuses, put aside in a file elsewhere: the store's disk may stay full until the meeting ends.

``streamer-20261120T143000Z-3f9a-unsaved.jsonl`` holds an event a line, each with the messages that announce it.
Recovery puts them back and deletes the file.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from streamer.errors import StoreError
from streamer.meeting.outbox import OutboxEntry
from streamer.places import is_folder
from streamer.types import (
    GapFound,
    HotwordsChanged,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    SegmentFinalized,
    SegmentRevised,
    TitleChanged,
)

Waiting = tuple[MeetingEvent, Sequence[OutboxEntry]]
"""An event that the store does not have, and the messages that announce it."""

_KINDS: dict[str, type[MeetingEvent]] = {
    kind.__name__: kind
    for kind in (
        SegmentFinalized, SegmentRevised, MarkAdded, GapFound, MeetingPaused, MeetingResumed, HotwordsChanged,
        TitleChanged, MeetingEnded,
    )
}  # fmt: skip


class _Row(msgspec.Struct, frozen=True):
    """A line of the file."""

    kind: str
    event: msgspec.Raw
    messages: tuple[OutboxEntry, ...]


class AsideFile:
    """The file of one running meeting; there is one only while the store refuses. Used by one thread."""

    def __init__(self, meeting_id: str, places: Iterable[Path]) -> None:
        """``places``: folders; the first that takes the file gets it, and one that refuses is not asked again."""
        self._name = _name(meeting_id)
        self._places = list(places)
        self._path: Path | None = None
        self._descriptor = -1
        self._kept = 0
        """Events in the file."""

    @property
    def path(self) -> Path | None:
        """Where everything given to :meth:`keep` lies; None where no place took it."""
        return self._path

    def keep(self, waiting: Sequence[Waiting]) -> None:
        """Make durable what waits, in order; each time all of it. Where no place takes it, it is in memory only."""
        while self._places:
            try:
                if self._path is None:
                    self._open(self._places[0])
                self._write(waiting[self._kept :])
            except OSError:
                self.remove()
                self._places.pop(0)
            else:
                self._kept = len(waiting)
                return

    def remove(self) -> None:
        """The store has everything, or the place does not: forget the file."""
        if self._path is not None:
            os.close(self._descriptor)
            with contextlib.suppress(OSError):
                self._path.unlink()
        self._path, self._kept = None, 0

    def close(self) -> None:
        """Leave the file to recovery. Safe to call twice; nothing is kept afterwards."""
        if self._path is not None:
            os.close(self._descriptor)
        self._path, self._places = None, []

    def _open(self, place: Path) -> None:
        path = place / self._name
        self._descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_APPEND, 0o600)
        self._path = path

    def _write(self, waiting: Sequence[Waiting]) -> None:
        rows = (_Row(type(one).__name__, msgspec.Raw(msgspec.json.encode(one)), tuple(sent)) for one, sent in waiting)
        text = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        while text:
            text = text[os.write(self._descriptor, text) :]
        os.fsync(self._descriptor)


def aside_places(folder: Path) -> tuple[Path, ...]:
    """Where a meeting with this folder may put something aside: beside its sound, else on other disks, last in memory.

    Its own folder serves where only the store refuses, because it is damaged or locked.
    """
    named: list[str | Path] = [folder, os.environ.get("TMPDIR") or "/var/tmp", tempfile.gettempdir()]  # noqa: S108 - private, never trusted
    named += [os.environ.get("XDG_RUNTIME_DIR") or "/dev/shm", "/dev/shm"]  # noqa: S108
    return tuple(place for place in dict.fromkeys(Path(one) for one in named) if is_folder(place))


def find_aside(meeting_id: str, places: Iterable[Path]) -> Path | None:
    """What a meeting put aside, the longest where there are several; None where there is nothing."""
    found = [path for place in places if _is_ours(path := place / _name(meeting_id))]
    return max(found, key=lambda path: path.stat().st_size, default=None)


def read_aside(path: Path) -> Iterator[Waiting]:
    """The events of a file, in order; a last line that a crash cut off is passed over.

    Raises:
        StoreError: the file cannot be read, or is damaged.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if not line.endswith(b"\n"):
                    return
                try:
                    row = msgspec.json.decode(line, type=_Row)
                    yield msgspec.json.decode(row.event, type=_KINDS[row.kind]), row.messages
                except (msgspec.MsgspecError, KeyError) as error:
                    raise StoreError(
                        f"{path} is damaged in line {number} ({error}): move it away to go on without it"
                    ) from error
    except OSError as error:
        raise StoreError(f"cannot read {path}: {error.strerror}") from error


def drop_aside(meeting_id: str, places: Iterable[Path]) -> None:
    """Delete whatever a meeting put aside.

    Raises:
        StoreError: the disk refuses.
    """
    for path in (place / _name(meeting_id) for place in places):
        if _is_ours(path):
            try:
                path.unlink(missing_ok=True)
            except OSError as error:
                raise StoreError(f"cannot delete {path}: {error.strerror}") from error


def _name(meeting_id: str) -> str:
    return f"streamer-{meeting_id}-unsaved.jsonl"


def _is_ours(path: Path) -> bool:
    """Whether it is a file of this user: in a folder for everybody anyone could put one in a meeting's mouth."""
    try:
        status = path.lstat()
    except OSError:
        return False
    return stat.S_ISREG(status.st_mode) and status.st_uid == os.geteuid()
