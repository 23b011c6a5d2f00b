"""Voices: one recorded or synthetic speaker made into many with the WORLD vocoder."""

from __future__ import annotations

import random
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command
from streamer.training.shards import Pcm

_RATE = 16_000
_FRAME_MS = 5.0


@dataclass(frozen=True, slots=True)
class Voice:
    """How a voice differs from its source."""

    pitch: float
    """Median fundamental frequency, Hz."""
    formants: float
    """Factor on the frequency axis of the spectral envelope; below 1 is a longer vocal tract."""
    consonants: float
    """The same for unvoiced sounds: their noise comes from in front of the tongue, whose place an accent decides."""
    pitch_range: float
    """Factor on the excursions of the logarithmic pitch around its median."""
    breath: float
    """Exponent on the aperiodicity; below 1 is breathier."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """WORLD's parameters of one waveform."""

    pitch: npt.NDArray[np.float64]
    """Hz per 5 ms, 0 where unvoiced."""
    envelope: npt.NDArray[np.float64]
    """Power spectrum ``(frames, bins)``."""
    aperiodicity: npt.NDArray[np.float64]
    """Noise share ``(frames, bins)``."""


def draw_voice(rng: random.Random, *, male: bool) -> Voice:
    """A random adult voice, as seen from a female source."""
    if male:
        pitch, formants = rng.uniform(85, 170), rng.uniform(0.78, 0.95)
    else:
        pitch, formants = rng.uniform(160, 290), rng.uniform(0.9, 1.12)
    return Voice(pitch, formants, rng.uniform(0.95, 1.3), rng.uniform(0.75, 1.35), rng.uniform(0.7, 1.3))


def draw_neighbour(rng: random.Random, *, male: bool) -> Voice:
    """A random voice of the same sex as its source."""
    pitch = rng.uniform(85, 170) if male else rng.uniform(165, 280)
    formants, consonants = rng.uniform(0.9, 1.12), rng.uniform(0.92, 1.15)
    return Voice(pitch, formants, consonants, rng.uniform(0.8, 1.3), rng.uniform(0.7, 1.3))


def analyse(pcm: Pcm) -> Analysis:
    """Take a waveform at 16 kHz apart.

    Raises:
        MissingDependencyError: pyworld is not installed.
    """
    try:
        import pyworld  # noqa: PLC0415 - needed by synthesis only
    except ImportError as error:
        raise MissingDependencyError(
            f"pyworld is missing; install streamer's extra: {install_command('train')}"
        ) from error
    wave = pcm.astype(np.float64) / 32768
    # WORLD needs some noise: exact zeros make empty spectra.
    wave += np.random.default_rng(0).normal(0, 1e-5, len(wave))
    coarse, times = pyworld.dio(wave, _RATE, f0_floor=70.0, f0_ceil=500.0, frame_period=_FRAME_MS)
    pitch = pyworld.stonemask(wave, coarse, times, _RATE)
    envelope = pyworld.cheaptrick(wave, pitch, times, _RATE)
    aperiodicity = pyworld.d4c(wave, pitch, times, _RATE)
    return Analysis(pitch, envelope, aperiodicity)


def revoice(source: Analysis, voice: Voice) -> Pcm:
    """Put a waveform together again in another voice; its length and timing stay."""
    import pyworld  # noqa: PLC0415 - see analyse

    voiced = source.pitch > 0
    pitch = np.zeros_like(source.pitch)
    if voiced.any():
        excursion = np.log(source.pitch[voiced] / np.median(source.pitch[voiced]))
        pitch[voiced] = np.clip(voice.pitch * np.exp(excursion * voice.pitch_range), 50, 600)
    vowels, consonants = (_stretched(source.envelope, factor) for factor in (voice.formants, voice.consonants))
    envelope = np.where(voiced[:, None], vowels, consonants)
    aperiodicity = np.clip(_stretched(source.aperiodicity, voice.formants) ** voice.breath, 1e-6, 1.0)
    wave = pyworld.synthesize(pitch, envelope, aperiodicity, _RATE, _FRAME_MS)
    peak = float(np.abs(wave).max())
    scaled: Pcm = (wave * min(1.0, 0.95 / max(peak, 1e-6)) * 32767).astype(np.int16)
    return scaled


def _stretched(spectra: npt.NDArray[np.float64], factor: float) -> npt.NDArray[np.float64]:
    """Spectra whose features lie at ``factor`` times their frequency."""
    bins = spectra.shape[1]
    wanted = np.minimum(np.arange(bins) / factor, bins - 1)
    below = np.minimum(wanted.astype(int), bins - 2)
    share = wanted - below
    stretched: npt.NDArray[np.float64] = np.ascontiguousarray(
        spectra[:, below] * (1 - share) + spectra[:, below + 1] * share
    )
    return stretched
