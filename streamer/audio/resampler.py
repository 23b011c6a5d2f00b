"""Any sound in memory turned, piece by piece, into what streamer works with: 16 kHz, one channel, 16 bits."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import soxr

from streamer.errors import AudioError
from streamer.types import SAMPLE_RATE

MIX = 0
"""Channel number that stands for the mean of all channels; real channels count from 1."""

LOWEST_RATE = 4_000
HIGHEST_RATE = 768_000


class Resampler:
    """Mixes down or picks one channel, resamples with soxr, rounds to 16 bits; keeps its state between pieces.

    Raises:
        AudioError: the rate is no sound's rate, or the channel wanted is not there.
    """

    def __init__(self, rate: int, channels: int, channel: int = MIX) -> None:
        if not LOWEST_RATE <= rate <= HIGHEST_RATE:
            raise AudioError(f"a sample rate of {rate} Hz; expected {LOWEST_RATE} to {HIGHEST_RATE} Hz")
        if not 0 <= channel <= channels:
            raise AudioError(f"channel {channel} was asked for, but there are {channels}; 0 mixes all of them")
        self._channels = channels
        self._channel = channel
        self._stream = (
            None if rate == SAMPLE_RATE else soxr.ResampleStream(rate, SAMPLE_RATE, 1, dtype="float32", quality="HQ")
        )

    def push(self, samples: npt.NDArray[np.float32]) -> bytes:
        """Convert a piece (samples, channels), full scale ±1. Returns s16le PCM; the newest is held back."""
        return self._convert(samples, last=False)

    def push_pcm(self, pcm: bytes) -> bytes:
        """Convert a piece of interleaved s16le PCM: whole samples of all channels."""
        if self._stream is None and self._channels == 1:
            return pcm
        samples = np.frombuffer(pcm, dtype="<i2").reshape(-1, self._channels)
        if self._stream is None and self._channels == 2 and self._channel == MIX:
            return _mean_of_two(samples)
        return self.push(samples.astype(np.float32) / np.float32(32768))

    def flush(self) -> bytes:
        """End the sound: what was held back."""
        return self._convert(np.zeros((0, self._channels), dtype=np.float32), last=True)

    def _convert(self, samples: npt.NDArray[np.float32], *, last: bool) -> bytes:
        if self._channel == MIX and self._channels > 1:
            mono = samples.mean(axis=1, dtype=np.float32)
        else:
            mono = samples[:, max(0, self._channel - 1)]
        if self._stream is not None:
            mono = self._stream.resample_chunk(np.ascontiguousarray(mono), last=last)
        scaled = mono * np.float32(32768)
        np.rint(scaled, out=scaled)
        np.minimum(scaled, np.float32(32767), out=scaled)
        pcm: bytes = np.maximum(scaled, np.float32(-32768), out=scaled).astype("<i2").tobytes()
        return pcm


def _mean_of_two(samples: npt.NDArray[np.int16]) -> bytes:
    """What mixing two channels (n, 2) gives, halves to the even number, in a third of the time.

    Nearly every microphone has two, and this runs fifty times a second.
    """
    total = np.add(samples[:, 0], samples[:, 1], dtype=np.int32)
    total += (total >> 1) & 1
    total >>= 1
    pcm: bytes = total.astype("<i2").tobytes()
    return pcm
