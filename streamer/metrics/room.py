"""The figures of one room, from its events and its recogniser."""

from __future__ import annotations

import time
from collections.abc import Callable

from prometheus_client import Gauge

from streamer.interfaces import Recognizer
from streamer.metrics.flicker import lost_characters
from streamer.metrics.instruments import Instruments
from streamer.types import (
    MICROPHONE_AWAITED,
    MICROPHONE_LOST,
    SAMPLE_RATE,
    SOUND_UNRECORDED,
    STORE_FAILED,
    DeviceAwaited,
    EndReason,
    GapFound,
    Hypothesis,
    MeetingCalledOff,
    MeetingEnded,
    MeetingEvent,
    MeetingStarted,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentUpdated,
    Severity,
    Utterance,
)

_KINDS = ("partial", "final")
"""What is decoded: an utterance that goes on, or one that has ended."""


class RoomMetrics:
    """A :class:`~streamer.interfaces.Sink` that counts."""

    def __init__(self, room: str, instruments: Instruments, position: Callable[[], int], *, pause_ms: int) -> None:
        """Prepare.

        Args:
            room: label of all figures.
            instruments: shared by the rooms.
            position: how far sound has got.
            pause_ms: silence that a segment holds after its last voiced frame.
        """
        self._room = room
        self._all = instruments
        self._position = position
        self._pause = pause_ms * SAMPLE_RATE // 1000
        self._open: Segment | None = None
        self._awaited: Gauge | None = None
        """Since when the device is waited for; None where it was there."""
        self.decoding_seconds = 0.0
        """Time that decoding took so far."""
        # Label values appear with 0 before anything happens, so that a rate can be taken from the beginning.
        for counter in (instruments.partials, instruments.segments, instruments.characters, instruments.changed):
            counter.labels(room)
        for counter in (instruments.stable_changed, instruments.gaps, instruments.gap_seconds):
            counter.labels(room)
        for delay in (instruments.first_text, instruments.final, instruments.display):
            delay.labels(room)
        self._troubles = {MICROPHONE_AWAITED, MICROPHONE_LOST, STORE_FAILED, SOUND_UNRECORDED}
        """Keys of all that have been up, and of those that everybody wants to see at 0."""
        for key in self._troubles:
            instruments.trouble.labels(room, key)
        for kind in _KINDS:
            instruments.decoding.labels(room, kind)
            instruments.decoded.labels(room, kind)

    async def handle(self, event: MeetingEvent) -> None:
        """Count an event."""
        match event:
            case SegmentUpdated(segment=segment, lag_seconds=lag):
                self._all.partials.labels(self._room).inc()
                self._all.display.labels(self._room).observe(lag)
                self._show(segment)
            case SegmentFinalized(segment=segment):
                self._show(segment)
                self._finish(segment)
            case GapFound(gap=gap):
                self._all.gaps.labels(self._room).inc()
                self._all.gap_seconds.labels(self._room).inc(gap.seconds)
            case Notice(key=key, severity=severity, text=text):
                self._note(key, is_up=bool(text) and severity is not Severity.INFO)
            case DeviceAwaited(device=device, since=since):
                self._note(MICROPHONE_AWAITED, is_up=True)
                self._awaited = self._all.awaited.labels(self._room, device)
                self._awaited.set(since.timestamp())
            case MeetingStarted() | MeetingCalledOff():
                self._note(MICROPHONE_AWAITED, is_up=False)
                if self._awaited is not None:
                    self._awaited.set(0)
            case MeetingEnded():
                for key in self._troubles:
                    self._all.trouble.labels(self._room, key).set(0)
            case _:
                pass

    def timed(self, recognizer: Recognizer) -> Recognizer:
        """The recogniser, with the time that it takes counted."""
        return TimedRecognizer(recognizer, self._note_decoding)

    def _note(self, key: str, *, is_up: bool) -> None:
        if is_up:
            self._troubles.add(key)
        if key in self._troubles:
            self._all.trouble.labels(self._room, key).set(is_up)

    def _note_decoding(self, utterance: Utterance, seconds: float) -> None:
        """Called in the inference thread."""
        kind = _KINDS[utterance.end_reason is not None]
        self.decoding_seconds += seconds
        self._all.decoding.labels(self._room, kind).inc(seconds)
        self._all.decoded.labels(self._room, kind).inc(utterance.samples / SAMPLE_RATE)

    def _show(self, segment: Segment) -> None:
        before = self._open if self._open is not None and self._open.id == segment.id else None
        if before is not None:
            self._all.changed.labels(self._room).inc(lost_characters(before.spoken, segment.spoken))
        elif segment.tokens:
            self._all.first_text.labels(self._room).observe(self._since(segment.tokens[0].start_sample))
        if segment.spoken or before is not None:
            self._open = segment if not segment.is_final else None
        if segment.is_final and before is not None:
            stable = before.spoken[: before.stable_length]
            self._all.stable_changed.labels(self._room).inc(lost_characters(stable, segment.spoken))

    def _finish(self, segment: Segment) -> None:
        if not segment.spoken:
            return
        self._all.segments.labels(self._room).inc()
        self._all.characters.labels(self._room).inc(len(segment.spoken))
        if segment.end_reason is EndReason.SILENCE:
            self._all.final.labels(self._room).observe(self._since(segment.end_sample - self._pause))

    def _since(self, sample: int) -> float:
        return max(0, self._position() - sample) / SAMPLE_RATE


class TimedRecognizer:
    """A :class:`~streamer.interfaces.Recognizer` that tells how long it took, by the wall clock."""

    def __init__(self, recognizer: Recognizer, note: Callable[[Utterance, float], None]) -> None:
        """``note``: told of every call, with its seconds."""
        self._recognizer = recognizer
        self._note = note

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot.

        Raises:
            RecognizerError: it cannot be decoded.
        """
        began = time.perf_counter()
        try:
            return self._recognizer.recognize(utterance)
        finally:
            self._note(utterance, time.perf_counter() - began)
