"""What the segmenter reports."""

from __future__ import annotations

from dataclasses import dataclass

from streamer.types import Utterance


@dataclass(frozen=True, slots=True)
class SpeechStarted:
    """An utterance is open: the start rule holds, or speech goes on after a forced cut."""

    start_sample: int
    """Position of the first sample of the utterance that grows from now on, pre-roll included."""


@dataclass(frozen=True, slots=True)
class SpeechPaused:
    """Silence inside an utterance has lasted long enough to decode the final ahead of its end."""

    utterance: Utterance
    """The utterance as it ends if nobody goes on: :class:`UtteranceEnded` then carries the same revision and pcm."""


@dataclass(frozen=True, slots=True)
class SpeechResumed:
    """Somebody went on after :class:`SpeechPaused`: what was decoded ahead is a partial only."""

    at_sample: int
    """Position of the frame that resumed."""


@dataclass(frozen=True, slots=True)
class UtteranceEnded:
    """An utterance is complete."""

    utterance: Utterance
    """All of it, ``end_reason`` set. The same revision as an earlier snapshot means the same sound."""


SegmenterEvent = SpeechStarted | SpeechPaused | SpeechResumed | UtteranceEnded
"""Everything the segmenter reports, in order."""
