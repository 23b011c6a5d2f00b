"""A sound heard the way a live meeting hears it, without waiting for it to be spoken."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from streamer.interfaces import Recognizer
from streamer.pipeline.partials import PartialCadence
from streamer.settings import Settings
from streamer.stitcher import Stitcher
from streamer.types import FRAME_SAMPLES, EndReason, Frame, Hypothesis, Segment, Token, Utterance
from streamer.vad.events import SegmenterEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded
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
    """Segment, decode and stitch a whole sound; partials, if wanted, as often as a meeting that never lags has them.

    Args:
        pcm: signed 16-bit little-endian samples, 16 kHz mono; what is left of the last frame is dropped.
        recognizer: decodes the utterances.
        settings: those of segmenter and captions are used.
        partials: decode growing utterances too, and pauses ahead of the final.
    """
    segmenter = Segmenter(WebrtcDetector(settings.segmenter.vad_mode), settings.segmenter)
    listening = _Listening(recognizer, settings, segmenter)
    for at in range(0, len(pcm) - 2 * FRAME_SAMPLES + 1, 2 * FRAME_SAMPLES):
        for event in segmenter.push(Frame(pcm[at : at + 2 * FRAME_SAMPLES], at // 2)):
            listening.notice(event, partials=partials)
        if partials:
            listening.grow(at // 2 + FRAME_SAMPLES)
    for event in segmenter.flush():
        listening.notice(event, partials=partials)
    return listening.heard


class _Listening:
    """What :mod:`streamer.pipeline` does with one sound, without its tasks and threads."""

    def __init__(self, recognizer: Recognizer, settings: Settings, segmenter: Segmenter) -> None:
        self._recognizer = recognizer
        self._segmenter = segmenter
        self._stitcher = Stitcher(lambda _: _EPOCH, settings.captions)
        self._cadence = PartialCadence(settings.captions)
        self._is_growing = False
        self._ahead: Hypothesis | None = None
        self.heard = Heard()

    def notice(self, event: SegmenterEvent, *, partials: bool) -> None:
        """Take what the segmenter reports."""
        match event:
            case SpeechStarted(start_sample=start):
                self._cadence.start(start)
                self._is_growing = True
            case SpeechPaused(utterance=utterance) if partials:
                self._is_growing = False
                utterance = replace(utterance, end_reason=EndReason.SILENCE)
                self._ahead = self._recognizer.recognize(utterance)
                self.heard.updates += self._stitcher.push(utterance, replace(self._ahead, is_final=False))
            case SpeechResumed():
                self._is_growing, self._ahead = True, None
            case UtteranceEnded(utterance=utterance):
                self._is_growing = False
                self._finish(utterance)
            case _:
                pass

    def grow(self, position: int) -> None:
        """Sound up to ``position`` was heard: perhaps a partial is due."""
        if not self._is_growing or not self._cadence.is_due(position):
            return
        if self._cadence.has_text and self._segmenter.is_fading():
            return
        snapshot = self._segmenter.snapshot()
        if snapshot is not None:
            self._cadence.take(snapshot.end_sample)
            hypothesis = self._recognizer.recognize(snapshot)
            updates = self._stitcher.push(snapshot, hypothesis)
            self._cadence.decoded(hypothesis, is_shown=any(segment.spoken for segment in updates))
            self.heard.updates += updates

    def _finish(self, utterance: Utterance) -> None:
        known, self._ahead = self._ahead, None
        if known is None or (known.utterance_id, known.revision) != (utterance.id, utterance.revision):
            known = self._recognizer.recognize(utterance)
        self.heard.utterances.append(replace(utterance, pcm=None))
        self.heard.hypotheses.append(known)
        for segment in self._stitcher.push(utterance, replace(known, is_final=True)):
            (self.heard.finals if segment.is_final else self.heard.updates).append(segment)
