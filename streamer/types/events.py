"""The events of a meeting: everything that sinks see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from streamer.types.notices import Notice
from streamer.types.sound import Gap
from streamer.types.speech import Segment


@dataclass(frozen=True, slots=True)
class DeviceAwaited:
    """No meeting has begun yet, for its microphone is not there; comes again where there is another reason."""

    device: str
    """Which one, as the settings name it; empty: the system's default input."""
    since: datetime
    """Since when it is waited for."""
    reason: str
    """Why it cannot be opened now, for a person."""
    title: str = ""
    """What the meeting will be called; empty where whoever tells of it does not know."""


@dataclass(frozen=True, slots=True)
class MeetingCalledOff:
    """No meeting was begun: its microphone is not waited for any more."""

    called_off_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingStarted:
    """A meeting was opened."""

    meeting_id: str
    """Unique, sorts by time: ``20261120T143000Z-3f9a``."""
    title: str
    room: str
    """Slug used in topics and folder names."""
    device: str
    """What is listened to, for a person to read."""
    pack: str
    """Name and version of the model pack."""
    started_at: datetime
    is_late: bool = False
    """For who watches: its captions were kept while a broker was away, and come only now."""


@dataclass(frozen=True, slots=True)
class SegmentUpdated:
    """The open segment has new provisional text; a later one with the same id replaces it."""

    segment: Segment
    utterance_id: int
    lag_seconds: float
    """How far this text is behind the newest sound."""


@dataclass(frozen=True, slots=True)
class SegmentFinalized:
    """A segment is final; its text may be empty, which takes back what the partials showed."""

    segment: Segment


@dataclass(frozen=True, slots=True)
class SegmentRevised:
    """A final has other punctuation in hindsight, for whoever keeps it: captions are never changed under a reader."""

    segment: Segment


@dataclass(frozen=True, slots=True)
class MarkAdded:
    """Somebody marked this moment."""

    at_sample: int
    marked_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class GapFound:
    """Sound is missing from the recording."""

    gap: Gap


@dataclass(frozen=True, slots=True)
class CaptionsMissed:
    """Finals were published that have not arrived where they are watched; the meeting itself has them."""

    at_sample: int
    """Where the first caption after them begins."""
    missed_until: datetime
    """When that was; or since when the meeting is in the state that told of them."""
    count: int


@dataclass(frozen=True, slots=True)
class MeetingPaused:
    """Recording and recognition stopped on request."""

    at_sample: int
    paused_at: datetime


@dataclass(frozen=True, slots=True)
class MeetingResumed:
    """Recording and recognition go on."""

    at_sample: int
    resumed_at: datetime


@dataclass(frozen=True, slots=True)
class TitleChanged:
    """The meeting has another title."""

    title: str


@dataclass(frozen=True, slots=True)
class HotwordsChanged:
    """Other hotwords are favoured from here on; stored, because recovery must favour the same."""

    at_sample: int
    """Where the first utterance begins that they are favoured in."""
    words: tuple[str, ...]
    """All of them, each with its weight, as in the settings: ``张伟 2.5``."""


@dataclass(frozen=True, slots=True)
class StatusUpdated:
    """How the meeting is doing; sent a few times a second, never stored."""

    position: int
    """Samples recorded so far."""
    level_dbfs: float
    """Loudest recent level, decibels below full scale (−120 for silence)."""
    lag_seconds: float
    """Sound that waits to be decoded, now."""
    is_speech: bool
    """Whether an utterance is open."""
    partials_shed: int = 0
    """Partials left out so far because captions lagged."""
    until: int = 0
    """Position at which a file will end; 0 where that is not known. In a pause it comes nearer: the file goes on."""


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    """The meeting is over and everything is final."""

    at_sample: int
    ended_at: datetime


MeetingEvent = (
    DeviceAwaited
    | MeetingCalledOff
    | MeetingStarted
    | SegmentUpdated
    | SegmentFinalized
    | SegmentRevised
    | MarkAdded
    | GapFound
    | CaptionsMissed
    | MeetingPaused
    | MeetingResumed
    | TitleChanged
    | HotwordsChanged
    | Notice
    | StatusUpdated
    | MeetingEnded
)
"""Everything that sinks see, in order."""
