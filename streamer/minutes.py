"""What minutes are made of: the values between the store, the writers and the commands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Protocol

from streamer.clock import to_the_millisecond
from streamer.types import GapFound, MarkAdded, MeetingPaused, MeetingResumed, Segment, Token


class Audio(StrEnum):
    """What has become of a meeting's sound."""

    KEPT = "kept"
    """It is in the meeting's folder."""
    PASSING = "passing"
    """It is kept only until its captions are durable (``--no-recording``)."""
    DELETED = "deleted"
    """It was deleted, by request or by age or size."""


@dataclass(frozen=True, slots=True)
class MeetingRecord:
    """A meeting as the store knows it, without its lines."""

    id: str
    title: str
    room: str
    device: str
    """What was listened to."""
    pack: str
    """Name and version of the model pack."""
    started_at: datetime
    """UTC."""
    utc_offset_s: int
    """Local time where it was held, seconds east of UTC."""
    folder: str
    """Name of its folder inside ``meetings/`` of the data folder."""
    audio: Audio
    settings: str
    """JSON: the settings that its captions were made with."""
    ended_at: datetime | None = None
    """UTC; None while it runs or after it was interrupted."""
    end_sample: int | None = None
    """Length of the recording."""

    @property
    def local_start(self) -> datetime:
        """When it began, by the clock on its wall."""
        return self.local(self.started_at)

    def local(self, at: datetime) -> datetime:
        """A time by the clock on the meeting's wall, also after that was changed to or from summer time."""
        return at.astimezone(self._zone)

    def told_time(self, at: datetime) -> str:
        """A time as it is told on its own: with its date where that is not the one of the beginning.

        In an hour that came a second time, as at the end of summer time, with its zone: ``02:15:00 UTC+01:00``.
        """
        local = self.local(at)
        date = "" if local.date() == self.local_start.date() else f"{local:%Y-%m-%d} "
        is_second, offset = self.moment(local) != at, local.utcoffset()
        return f"{date}{local:%H:%M:%S}" + (f" {timezone(offset)}" if is_second and offset is not None else "")

    def moment(self, wall: datetime) -> datetime:
        """When the clock on the meeting's wall showed this; where it did so twice, the first time in the meeting."""
        zone = self._zone
        if zone is not None:
            return wall.replace(tzinfo=zone)
        first = wall.replace(tzinfo=None).astimezone()
        return wall.replace(tzinfo=None, fold=1).astimezone() if self.is_before(first) else first

    def is_before(self, at: datetime) -> bool:
        """Whether a time as it is shown lies before the beginning: without its fraction the very first one seems to."""
        return at.timestamp() + 1 <= self.started_at.timestamp()

    @property
    def _zone(self) -> timezone | None:
        """None: that of this computer. Only where it had another offset then, the meeting was held in another."""
        offset = timedelta(seconds=self.utc_offset_s)
        return None if self.started_at.astimezone().utcoffset() == offset else timezone(offset)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the minutes: a final segment, or what a person made of it."""

    segment_id: int
    revision: int
    start_sample: int
    end_sample: int
    started_at: datetime
    """UTC."""
    text: str
    """Written form; the edit's where there is one."""
    spoken: str
    """Characters as heard, no punctuation; what the machine heard also where a person edited the line."""
    confidence: float | None
    """Mean over its tokens; None where unknown."""
    tokens: tuple[Token, ...]
    """What the machine heard, with times; empty where they were not asked for."""
    edited: bool = False
    """Whether a person wrote the text."""

    @property
    def position(self) -> int:
        """Where it begins in the recording, as of :class:`Moment`."""
        return self.start_sample


class MomentKind(StrEnum):
    """What happened beside speech."""

    MARK = "mark"
    GAP = "gap"
    PAUSE = "pause"
    RESUME = "resume"


@dataclass(frozen=True, slots=True)
class Moment:
    """A mark, a gap, a pause or its end."""

    kind: MomentKind
    at_sample: int
    """Position in the recording."""
    at: datetime
    """UTC."""
    seconds: float = 0.0
    """How long a gap was."""
    text: str = ""
    """A mark's note or a gap's reason."""

    @property
    def position(self) -> int:
        """Where it lies in the recording, as of :class:`Line`."""
        return self.at_sample


def line_of(segment: Segment) -> Line:
    """A final as a line of minutes."""
    return Line(
        segment.id, segment.revision, segment.start_sample, segment.end_sample, segment.started_at, segment.text,
        segment.spoken, segment.confidence, segment.tokens,
    )  # fmt: skip


def moment_of(event: MarkAdded | GapFound | MeetingPaused | MeetingResumed) -> Moment:
    """What is kept of an event beside speech; its time as the store keeps it, so that the two are equal."""
    match event:
        case MarkAdded(at_sample=position, marked_at=at, note=note):
            return Moment(MomentKind.MARK, position, to_the_millisecond(at), text=note)
        case GapFound(gap=gap):
            return Moment(MomentKind.GAP, gap.at_sample, to_the_millisecond(gap.started_at), gap.seconds, gap.reason)
        case MeetingPaused(at_sample=position, paused_at=at):
            return Moment(MomentKind.PAUSE, position, to_the_millisecond(at))
        case MeetingResumed(at_sample=position, resumed_at=at):
            return Moment(MomentKind.RESUME, position, to_the_millisecond(at))


class MinutesSource(Protocol):
    """Where the writers find a meeting again when a file is written anew. Called in the storage thread."""

    def record(self) -> MeetingRecord:
        """The meeting, as it is now."""

    def entries(self) -> Iterator[Line | Moment]:
        """Its lines and moments in order of position, read as they are asked for.

        A moment comes before a line of equal position; lines without text are left out.
        """

    def summary(self) -> str:
        """The summary as plain text; empty where there is none."""

    def edition(self) -> str:
        """Changes when something written before has: title, summary, lines that were edited or decoded again."""

    def link(self, sample: int) -> str | None:
        """Where this position is heard: a relative URL with the time inside the file; None without a recording."""
