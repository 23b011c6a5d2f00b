"""Speech, from its sound to a line of the meeting log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

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
    """Its samples, as those of ``Frame``; None where the recording holds them and the utterance waits to be decoded."""
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
