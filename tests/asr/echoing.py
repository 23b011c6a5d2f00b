"""Sound that changes like speech, and rooms to hear it in."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt


def chatter(seconds: float, seed: int = 0) -> npt.NDArray[np.float64]:
    """Noise whose level jumps every 50 ms, between full scale over 10 and 40 dB below that."""
    random = np.random.default_rng(seed)
    levels = np.repeat(10 ** random.uniform(-3, -1, round(seconds * 20)), 800)
    return levels * random.uniform(-1, 1, len(levels))


def in_room(sound: npt.NDArray[np.float64], seconds: float, seed: int = 1) -> npt.NDArray[np.float64]:
    """The sound with a tail as strong as itself, which decays by 60 dB in so many seconds; as long as it was."""
    random = np.random.default_rng(seed)
    tail = random.standard_normal(round(seconds * 16_000))
    tail *= 10 ** (-3 * np.arange(len(tail)) / len(tail))
    tail[:160] = 0.0
    tail /= np.sqrt(np.square(tail).sum())
    size = len(sound) + len(tail)
    echo: npt.NDArray[np.float64] = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(tail, size), size)
    return sound + echo[: len(sound)]


def steps(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.int16]:
    """In 16-bit steps."""
    return np.asarray(np.clip(np.rint(sound * 32767), -32768, 32767), dtype=np.int16)
