"""The WebRTC speech detector."""

from __future__ import annotations

# The extension itself: the module around it does nothing but ask for its own version, for which it imports 2 MB.
import _webrtcvad

from streamer.types import FRAME_SAMPLES, SAMPLE_RATE


class WebrtcDetector:
    """A :class:`~streamer.interfaces.SpeechDetector`: Gaussian mixtures over six bands, adapting to the noise.

    It adapts as it listens and its state can be neither saved nor reset: one detector per stream, a new one after
    every gap.
    """

    def __init__(self, mode: int) -> None:
        """``mode``: 0 calls most sound speech, 3 the least."""
        self._vad = _webrtcvad.create()
        _webrtcvad.init(self._vad)
        _webrtcvad.set_mode(self._vad, mode)

    def is_speech(self, frame: bytes) -> bool:
        """Whether 20 ms of sound (640 bytes) hold speech."""
        heard: bool = _webrtcvad.process(self._vad, SAMPLE_RATE, frame, FRAME_SAMPLES)
        return heard
