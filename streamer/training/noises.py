"""Noise to train with: coloured noise, hum, chords, clicks and babble, made once from a seed."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.training.shards import Pcm

Wave = npt.NDArray[np.float32]
"""Mono samples at 16 kHz."""
_RATE = 16_000


class NoiseBank:
    """Some seconds of each kind of noise; draws random stretches at unit power."""

    def __init__(self, speech: list[Pcm], seed: int, seconds: int = 40) -> None:
        rng = np.random.default_rng(seed)
        size = seconds * _RATE
        kinds = [
            _coloured(rng, size, 0.0),
            _coloured(rng, size, 1.0),
            _coloured(rng, size, 1.6),
            _coloured(rng, size, 2.0),
            _hum(rng, size),
            _chords(rng, size),
            _clicks(rng, size),
        ]
        if speech:
            kinds += [_babble(rng, size, speech, voices) for voices in (4, 8, 12)]
        self.kinds: npt.NDArray[np.float32] = np.stack(kinds)
        """Every kind, ``(kinds, samples) float32`` of mean square 1."""

    def draw(self, rng: np.random.Generator, size: int) -> Wave:
        """``size`` samples of one kind, of mean square 1."""
        kind = self.kinds[rng.integers(len(self.kinds))]
        start = rng.integers(max(1, len(kind) - size))
        noise = np.resize(kind[start : start + size], size)
        unit: Wave = (noise / np.float32(np.sqrt(np.mean(noise**2)) + 1e-6)).astype(np.float32, copy=False)
        return unit


def _coloured(rng: np.random.Generator, size: int, slope: float) -> Wave:
    """Noise whose power falls with frequency to the power of ``slope``."""
    spectrum = np.fft.rfft(rng.standard_normal(size))
    frequency = np.maximum(np.arange(len(spectrum)), len(spectrum) / 160)
    return _unit(np.fft.irfft(spectrum / frequency ** (slope / 2), size))


def _hum(rng: np.random.Generator, size: int) -> Wave:
    """Mains hum with harmonics above a fan's noise."""
    times = np.arange(size) / _RATE
    tones = sum(rng.uniform(0.1, 1) / order * np.sin(2 * np.pi * 50 * order * times) for order in range(1, 13))
    return _unit(tones + 0.5 * _coloured(rng, size, 1.5))


def _chords(rng: np.random.Generator, size: int) -> Wave:
    """Chords of decaying harmonic tones, twice a second, as a stand-in for music."""
    music = np.zeros(size)
    length = 2 * _RATE
    times = np.arange(length) / _RATE
    for start in range(0, size, _RATE // 2):
        heard = music[start : start + length]
        root = 110 * 2 ** (rng.integers(0, 24) / 12)
        for interval in rng.choice([0, 3, 4, 5, 7, 9, 12], 3, replace=False):
            pitch = root * 2 ** (interval / 12)
            tone = sum(np.sin(2 * np.pi * pitch * order * times) / order for order in range(1, 7))
            heard += (tone * np.exp(-times * rng.uniform(1, 5)))[: len(heard)]
    return _unit(music)


def _clicks(rng: np.random.Generator, size: int) -> Wave:
    """Keys and knocks above a quiet room."""
    noise = 0.02 * _coloured(rng, size, 1.0).astype(np.float64)
    for start in rng.integers(0, size - 2000, size // _RATE * 5):
        length = int(rng.integers(100, 2000))
        decay = np.exp(-np.arange(length) / (length / 6))
        noise[start : start + length] += rng.uniform(0.2, 2) * rng.standard_normal(length) * decay
    return _unit(noise)


def _babble(rng: np.random.Generator, size: int, speech: list[Pcm], voices: int) -> Wave:
    """Several people at once."""
    mixed = np.zeros(size)
    for _ in range(voices):
        joined: list[npt.NDArray[np.float64]] = []
        while sum(map(len, joined)) < size:
            joined.append(speech[rng.integers(len(speech))].astype(np.float64))
        voice = np.concatenate(joined)[:size]
        mixed += np.roll(voice, rng.integers(size)) / (voice.std() + 1.0)
    return _unit(mixed)


def _unit(wave: npt.NDArray[np.float64] | Wave) -> Wave:
    unit: Wave = (wave / (np.sqrt(np.mean(wave**2)) + 1e-9)).astype(np.float32)
    return unit
