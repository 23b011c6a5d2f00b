"""How recordings are played: level, and noise behind them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.corpus import Recording
from benchmarks.noises import Samples, white
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE

LEAD_SECONDS = 1.0
"""Background before and after a recording."""
_BACKGROUND_DBFS = -80.0
"""The microphone's own noise, where a recording has no other."""
_SNR_DB = 10.0

Background = Callable[[float, np.random.Generator], Samples]


@dataclass(frozen=True, slots=True)
class Condition:
    """How recordings are played."""

    name: str
    level_dbfs: float | None = None
    """Level they are brought to; None leaves them as they are."""
    background: Background | None = None
    """Noise behind them, 10 dB below; None for the microphone's own noise."""

    def played(self, recording: Recording, rng: np.random.Generator, later: int = 0) -> npt.NDArray[np.int16]:
        """A recording with a second of background before and after it; before it ``later`` samples more."""
        speech = recording.samples().astype(np.float64) / 32768.0
        level = 20 * np.log10(np.sqrt(np.mean(speech**2)))
        target = level if self.level_dbfs is None else self.level_dbfs
        lead = int(LEAD_SECONDS * SAMPLE_RATE)
        sound = np.pad(speech * 10 ** ((target - level) / 20), (lead + later, lead))
        sound = np.pad(sound, (0, -len(sound) % FRAME_SAMPLES))
        make = self.background or white
        noise = make(len(sound) / SAMPLE_RATE + 0.1, rng)[: len(sound)]
        noise_level = target - _SNR_DB if self.background else _BACKGROUND_DBFS
        sound += noise / np.sqrt(np.mean(noise**2)) * 10 ** (noise_level / 20)
        return np.asarray(np.clip(sound, -1.0, 32767 / 32768) * 32768, dtype=np.int16)
