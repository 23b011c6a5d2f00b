"""Frames with a script: what the segmenter's tests listen to."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FRAME_SAMPLES, Frame, Utterance
from streamer.vad.events import SegmenterEvent, UtteranceEnded
from streamer.vad.segmenter import Segmenter

LOUD = 3000
"""Amplitude of speech in a scripted frame: a level of about −21 dBFS."""
PAUSE = 10
"""Frames of silence that an utterance keeps at its end, by default."""


_ZEROS = bytes(2 * FRAME_SAMPLES)


class ScriptedDetector:
    """Hears speech in frames whose samples are not all zero."""

    def is_speech(self, frame: bytes) -> bool:
        return frame != _ZEROS


@lru_cache(maxsize=1024)
def square(amplitude: int, mark: int = 0) -> bytes:
    """A frame of a square wave; its first sample carries ``mark``, so that frames can be told apart."""
    pcm = b"".join((amplitude * sign).to_bytes(2, "little", signed=True) for sign in (1, -1)) * (FRAME_SAMPLES // 2)
    return mark.to_bytes(2, "little", signed=True) + pcm[2:]


def frames(amplitudes: Iterable[int], start_sample: int = 0) -> list[Frame]:
    return [Frame(square(value), start_sample + at * FRAME_SAMPLES) for at, value in enumerate(amplitudes)]


def script(*runs: tuple[str, int]) -> list[int]:
    """``("v", 10), ("s", 5)``: ten voiced frames, then five of silence."""
    return [LOUD if kind == "v" else 0 for kind, count in runs for _ in range(count)]


def events_of(amplitudes: Iterable[int], settings: SegmenterSettings | None = None) -> list[SegmenterEvent]:
    segmenter = Segmenter(ScriptedDetector(), settings or SegmenterSettings())
    events = [event for frame in frames(amplitudes) for event in segmenter.push(frame)]
    return [*events, *segmenter.flush()]


def utterances_of(amplitudes: Iterable[int], settings: SegmenterSettings | None = None) -> list[Utterance]:
    return [event.utterance for event in events_of(amplitudes, settings) if isinstance(event, UtteranceEnded)]
