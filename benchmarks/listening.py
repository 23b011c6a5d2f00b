"""A sound heard the way a live meeting hears it, without waiting for it to be spoken."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from streamer.interfaces import Recognizer
from streamer.partials import PartialCadence
from streamer.settings import Settings
from streamer.stitcher import Stitcher
from streamer.types import FRAME_SAMPLES, Frame, Hypothesis, Segment, Token, Utterance
from streamer.vad.events import UtteranceEnded
from streamer.vad.segmenter import Segmenter
from streamer.vad.webrtc import WebrtcDetector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Heard:
    """What came of a sound."""

    utterances: list[Utterance] = field(default_factory=list)
    """All of them, without their samples."""
    hypotheses: list[Hypothesis] = field(default_factory=list)
    """The final hypothesis of each."""
    updates: list[Segment] = field(default_factory=list)
    """Segments as partials showed them; empty where none were asked for."""
    finals: list[Segment] = field(default_factory=list)

    @property
    def tokens(self) -> tuple[Token, ...]:
        """Tokens of all finals in order."""
        return tuple(token for segment in self.finals for token in segment.tokens)

    @property
    def text(self) -> str:
        """Characters of all finals in order."""
        return "".join(segment.spoken for segment in self.finals)


def listen(pcm: bytes, recognizer: Recognizer, settings: Settings, *, partials: bool = False) -> Heard:
    """Segment, decode and stitch a whole sound; partials, if wanted, at their shortest cadence.

    Args:
        pcm: signed 16-bit little-endian samples, 16 kHz mono; what is left of the last frame is dropped.
        recognizer: decodes the utterances.
        settings: those of segmenter and captions are used.
        partials: decode growing utterances too.
    """
    segmenter = Segmenter(WebrtcDetector(settings.segmenter.vad_mode), settings.segmenter)
    stitcher = Stitcher(lambda _: _EPOCH, settings.captions)
    cadence = PartialCadence(settings.captions)
    heard = Heard()
    open_id = 0
    for at in range(0, len(pcm) - 2 * FRAME_SAMPLES + 1, 2 * FRAME_SAMPLES):
        for event in segmenter.push(Frame(pcm[at : at + 2 * FRAME_SAMPLES], at // 2)):
            if isinstance(event, UtteranceEnded):
                _finish(event.utterance, recognizer, stitcher, heard)
        snapshot = segmenter.snapshot() if partials else None
        if snapshot is None:
            continue
        if snapshot.id != open_id:
            open_id = snapshot.id
            cadence.start()
        if cadence.is_due(snapshot.end_sample):
            cadence.take(snapshot.end_sample)
            heard.updates += stitcher.push(snapshot, recognizer.recognize(snapshot))
    for event in segmenter.flush():
        if isinstance(event, UtteranceEnded):
            _finish(event.utterance, recognizer, stitcher, heard)
    return heard


def _finish(utterance: Utterance, recognizer: Recognizer, stitcher: Stitcher, heard: Heard) -> None:
    hypothesis = recognizer.recognize(utterance)
    heard.utterances.append(_without_sound(utterance))
    heard.hypotheses.append(hypothesis)
    for segment in stitcher.push(utterance, hypothesis):
        (heard.finals if segment.is_final else heard.updates).append(segment)


def _without_sound(utterance: Utterance) -> Utterance:
    return Utterance(
        id=utterance.id,
        revision=utterance.revision,
        start_sample=utterance.start_sample,
        end_sample=utterance.end_sample,
        pcm=None,
        end_reason=utterance.end_reason,
        overlap_samples=utterance.overlap_samples,
        overlap_after_samples=utterance.overlap_after_samples,
    )
