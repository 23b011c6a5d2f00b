"""Sounds for tests, and the ways in which sound files go wrong."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import soundfile


def tone(seconds: float, rate: int = 16_000, *, hertz: float = 440.0, level: float = 0.5) -> npt.NDArray[np.float32]:
    """A sine, shape (samples,)."""
    time = np.arange(round(seconds * rate)) / rate
    return (level * np.sin(2 * np.pi * hertz * time)).astype(np.float32)


def noise(seconds: float, rate: int = 16_000, *, level: float = 0.1, seed: int = 7) -> npt.NDArray[np.float32]:
    """White noise, shape (samples,)."""
    generator = np.random.default_rng(seed)
    return (level * generator.standard_normal(round(seconds * rate))).astype(np.float32)


def write(path: Path, samples: npt.NDArray[Any], rate: int = 16_000, **options: str) -> Path:
    """Save a sound file; ``options``: soundfile's format, subtype, endian. Integers are rounded as :func:`pcm` does."""
    if options.get("subtype") not in {"FLOAT", "DOUBLE"}:
        # soundfile itself scales by 32767.
        samples = np.frombuffer(pcm(samples), "<i2").reshape(samples.shape)
    soundfile.write(path, samples, rate, **options)
    return path


def pcm(samples: npt.NDArray[np.float32]) -> bytes:
    """Samples as s16le PCM."""
    return np.clip(np.rint(samples * 32768), -32768, 32767).astype("<i2").tobytes()


def loudest_hertz(sound: bytes) -> float:
    """The frequency that dominates 16 kHz PCM."""
    values = np.frombuffer(sound, "<i2").astype(np.float64)
    spectrum = np.abs(np.fft.rfft(values * np.hanning(len(values))))
    return float(np.argmax(spectrum) * 16_000 / len(values))
