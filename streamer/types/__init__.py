"""The values that flow through streamer, from a sound to a line of the minutes.

Positions are samples of the recording at 16 kHz: monotonic over what was recorded, so neither pauses nor gaps count.
Wall-clock times are aware datetimes in UTC. Seconds appear only at sinks.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

SAMPLE_RATE = 16_000
"""Hertz; every sound inside streamer has this rate, one channel, 16 bits."""
FRAME_SAMPLES = 320
"""Samples in a frame: 20 ms."""
MAX_UTTERANCE_SAMPLES = 160_000
"""The longest utterance: 10 s, exactly 1001 feature frames."""


class EndReason(StrEnum):
    """Why an utterance ended."""

    SILENCE = "silence"
    """The end silence has passed."""
    FORCED = "forced"
    """Unbroken speech was cut where an utterance was longest; the next one continues the sentence."""
    STOP = "stop"
    """The meeting ended, was paused, or a gap interrupted it."""


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of sound."""

    pcm: bytes
    """640 bytes: 320 samples, signed 16-bit little-endian, mono, 16 kHz."""
    start_sample: int
    """Position of the first sample in the recording."""

    @property
    def frames(self) -> list[Frame]:
        """Itself, as of :class:`FrameRun`."""
        return [self]


@dataclass(frozen=True, slots=True)
class FrameRun:
    """Frames in a row, from a source that has many at once: an object for each would cost as much as hearing it."""

    pcm: bytes
    """One or more frames, as in :class:`Frame`."""
    start_sample: int
    """Position of the first sample in the recording."""

    @property
    def frames(self) -> list[Frame]:
        """Each by itself."""
        size = 2 * FRAME_SAMPLES
        return [Frame(self.pcm[at : at + size], self.start_sample + at // 2) for at in range(0, len(self.pcm), size)]


@dataclass(frozen=True, slots=True)
class Gap:
    """Sound that never arrived: the device was away, its queue overflowed, or the server hung."""

    at_sample: int
    """Position in the recording where sound is missing."""
    started_at: datetime
    """When the sound stopped."""
    seconds: float
    """How long it was missing."""
    reason: str
    """What happened, for a person to read."""


@dataclass(frozen=True, slots=True)
class Utterance:
    """Speech between two endpoints, at most ten seconds; a snapshot while it grows."""

    id: int
    """Counts from 1 within a meeting."""
    revision: int
    """Counts the snapshots of this utterance from 0."""
    start_sample: int
    """Position of its first sample, pre-roll included."""
    end_sample: int
    """Position after its last sample."""
    pcm: bytes | None
    """Its samples as in :class:`Frame`; None where the recording holds them and the utterance waits to be decoded."""
    end_reason: EndReason | None = None
    """Why it ended; None while it grows."""
    overlap_samples: int = 0
    """How many samples at its start the utterance before it holds too (after a forced cut without a quiet point)."""
    overlap_after_samples: int = 0
    """How many samples at its end the next utterance holds too; known only when it has ended."""

    @property
    def samples(self) -> int:
        """Its length."""
        return self.end_sample - self.start_sample


@dataclass(frozen=True, slots=True)
class Token:
    """One character, or one spelled letter, with the syllable it was chosen for."""

    text: str
    """The character; empty where the language stage gave none."""
    syllable: str
    """Its toned pinyin (``zhong1``) or letter."""
    start_sample: int
    """Where it begins in the recording: from the CTC alignment, or spread over the voiced span for bare packs."""
    end_sample: int
    """Where it ends."""
    score: float | None = None
    """Log-probability under the models; None for packs that offer none."""
    confidence: float | None = None
    """Calibrated probability that the character is right; None where unknown."""


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """What the recogniser made of one snapshot of an utterance."""

    utterance_id: int
    revision: int
    """The snapshot's revision."""
    start_sample: int
    end_sample: int
    """The snapshot's span, not that of its first and last tokens."""
    tokens: tuple[Token, ...]
    """In order of time; empty where nothing was heard."""
    score: float | None = None
    """Log-probability of the whole; None for packs that offer none."""
    is_final: bool = False
    """Whether the snapshot was the whole utterance."""
    pack: str = ""
    """Name of the pack that made it; hypotheses of different packs are never mixed inside one utterance."""
    is_convincing: bool = True
    """Whether a person may see it where nothing of its utterance is shown yet; a final is shown in any case."""

    @property
    def text(self) -> str:
        """The characters in a row, without punctuation."""
        return "".join(token.text for token in self.tokens)


@dataclass(frozen=True, slots=True)
class Segment:
    """A line of the meeting log: stitched, timed text."""

    id: int
    """Counts from 1 within a meeting."""
    revision: int
    """Grows with every change of this segment."""
    start_sample: int
    end_sample: int
    started_at: datetime
    """Wall-clock time of its first sample."""
    text: str
    """Written form: punctuation, and at the final digits (inverse text normalisation)."""
    spoken: str
    """Characters as spoken, no punctuation."""
    stable_length: int
    """Code points of ``spoken`` that will not change before the final; all of it once final."""
    tokens: tuple[Token, ...] = ()
    is_final: bool = False
    end_reason: EndReason | None = None
    """Why its last utterance ended; ``FORCED`` means that the next segment continues the sentence."""

    @property
    def confidence(self) -> float | None:
        """Mean confidence of its tokens; None where there is none."""
        known = [token.confidence for token in self.tokens if token.confidence is not None]
        return sum(known) / len(known) if known else None


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


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


MICROPHONE_LOST = "microphone.lost"
"""Key of the notice that is up while the microphone is away."""
SOUND_REMARK = "sound.remark"
"""Key of the notice of what was odd about a sound file that could be read; it comes when the sound ends."""
ENDED_BY_SILENCE = "silence"
"""Key of the notice that a meeting ends because nobody has spoken for long; it comes just before the end."""
ROOM_FAILED = "room"
"""Key of the notice that a room's meeting could not be held, or broke off without an end, while others go on."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know: a muted microphone, a full disk, a broker that is away."""

    key: str
    """Which condition this is about (``microphone.quiet``); a later notice with the same key replaces it."""
    severity: Severity
    text: str
    """For a person to read; empty when the condition is over."""


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


@dataclass(frozen=True, slots=True)
class MeetingEnded:
    """The meeting is over and everything is final."""

    at_sample: int
    ended_at: datetime


MeetingEvent = (
    MeetingStarted
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
