"""Changes to training sound: rooms, channels, codecs, noise, level; masks on features."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamer.training.features import Features, mel_centres
from streamer.training.noises import NoiseBank, Wave
from streamer.training.settings import AugmentSettings

_RATE = 16_000
KNOTS = np.array([0.0, 700, 1500, 2800, 4500, 6500, 8000])
"""Frequencies between which a warp is linear, Hz."""
LESS_ABOVE = np.array([1, 1, 1, 0.8, 0.4])
"""Share of a warp at each inner knot."""
HISS = slice(50, 76)
"""Mel bins of 2.8 to 7 kHz, louder in hissing consonants than …"""
VOICE = 20
"""… the bins below this one (780 Hz)."""


@dataclass(frozen=True, slots=True)
class Augmenter:
    """Draws changes whose strength grows with training."""

    settings: AugmentSettings
    noises: NoiseBank

    def changed(self, wave: Wave, rng: np.random.Generator, strength: float) -> Wave:
        """Sound in [−1, 1] through a random room, channel and level, with noise and dither of ±1 LSB; same length."""
        settings = self.settings
        response = np.ones(1, np.float32)
        if rng.random() < settings.reverberation * strength:
            response = _room(rng)
        if rng.random() < settings.channel * strength or len(response) > 1:
            wave = _filtered(wave, response, rng, strength)
        if rng.random() < settings.codec * strength:
            wave = _companded(wave, rng)
        power = float(np.mean(wave**2)) + 1e-9
        level = 10 ** (rng.uniform(-30, 0) / 20) / (float(np.abs(wave).max()) + 1e-6)
        wave = wave * np.float32(level)
        if rng.random() < settings.noise:
            low, high = settings.signal_to_noise_db
            decibels = rng.uniform(low + (1 - strength) * 0.6 * (high - low), high)
            gain = np.sqrt(power * level**2 * 10 ** (-decibels / 10))
            wave = wave + self.noises.draw(rng, len(wave)) * np.float32(gain)
        return dithered(np.clip(wave, -1, 1), rng)

    def silence(self, rng: np.random.Generator, size: int) -> Wave:
        """Noise alone, from inaudible to loud."""
        level = 10 ** (rng.uniform(-90, -15) / 20)
        return dithered(self.noises.draw(rng, size) * np.float32(level), rng)

    def warped(self, features: Features, rng: np.random.Generator, strength: float) -> Features:
        """A vocal tract of another length, and hissing consonants made further back or in front in the mouth."""
        low, high = self.settings.warp
        factor = rng.uniform(1 + (low - 1) * strength, 1 + (high - 1) * strength)
        regions = factor**LESS_ABOVE * (1 + rng.uniform(-0.06, 0.06, 5) * strength)
        moved = moved_bins(features, regions)
        low, high = self.settings.consonants
        place = rng.uniform(1 + (low - 1) * strength, 1 + (high - 1) * strength)
        hissing = features[:, HISS].mean(axis=1) > features[:, :VOICE].mean(axis=1) + 0.5
        # A lower share of the scale is read at a bin when everything moves up, hence the inverse.
        moved[hissing] = moved_bins(features[hissing], place**-LESS_ABOVE)
        return moved

    def masked(self, features: Features, rng: np.random.Generator, strength: float) -> Features:
        """SpecAugment: bands and spans set to the mean, in place."""
        frames, bins = features.shape
        for _ in range(self.settings.masks):
            width = int(rng.integers(0, 1 + round(15 * strength)))
            start = rng.integers(0, bins - width + 1)
            features[:, start : start + width] = 0
            span = int(rng.integers(0, 1 + round(min(20, frames / 12) * strength)))
            begin = rng.integers(0, frames - span + 1)
            features[begin : begin + span] = 0
        return features


def moved_bins(features: Features, regions: npt.NDArray[np.float64]) -> Features:
    """Features read at other frequencies: at each inner knot, the knot's frequency times its factor."""
    source = np.append(KNOTS[:-1] * np.append(1, regions), KNOTS[-1])
    hertz = mel_centres()
    places = np.interp(np.interp(hertz, KNOTS, source), hertz, np.arange(len(hertz)))
    lower = np.minimum(places.astype(int), len(hertz) - 2)
    share = (places - lower).astype(np.float32)
    moved: Features = features[:, lower] * (1 - share) + features[:, lower + 1] * share
    return moved


def dithered(wave: Wave, rng: np.random.Generator) -> Wave:
    """Uniform noise of one 16-bit step, as the recipe adds."""
    noisy: Wave = wave + (rng.random(len(wave), np.float32) * 2 - 1) * np.float32(1 / 32768)
    return noisy


def _room(rng: np.random.Generator) -> Wave:
    """A room's impulse response: the direct sound, early echoes, an exponential tail."""
    decay = rng.uniform(0.08, 0.6)
    size = int(decay * 0.8 * _RATE)
    times = np.arange(size) / _RATE
    tail = rng.standard_normal(size) * 10 ** (-3 * times / decay)
    tail[: int(rng.uniform(0.002, 0.02) * _RATE)] = 0
    direct_to_tail = 10 ** (rng.uniform(-3, 15) / 20)
    response = tail / (np.sqrt(np.sum(tail**2)) + 1e-9)
    response[0] = direct_to_tail
    for _ in range(rng.integers(0, 6)):
        response[rng.integers(8, min(size, 640))] += direct_to_tail * rng.uniform(-0.5, 0.5)
    narrow: Wave = response.astype(np.float32)
    return narrow


def _filtered(wave: Wave, response: Wave, rng: np.random.Generator, strength: float) -> Wave:
    """Room and channel in one product of spectra: tilt, gentle ripples, band limits."""
    size = len(wave) + len(response)
    length = 1 << (size - 1).bit_length() if size < 32_768 else -(-size // 4096) * 4096
    spectrum = np.fft.rfft(wave, length)
    frequency = np.linspace(0, 1, len(spectrum), dtype=np.float32)
    decibels = rng.uniform(-9, 9) * strength * (frequency * 2 - 1)
    for order in range(1, 5):
        decibels += rng.normal(0, 2 * strength) * np.cos(np.pi * order * frequency)
    if rng.random() < 0.3 * strength:
        decibels -= np.minimum(60, np.maximum(0, frequency - rng.uniform(0.42, 0.95)) * 1500)
    if rng.random() < 0.3 * strength:
        decibels -= np.minimum(40, np.maximum(0, rng.uniform(0.005, 0.045) - frequency) * 2500)
    spectrum *= (10 ** (decibels / 20)).astype(np.float32)
    if len(response) > 1:
        spectrum *= np.fft.rfft(response, length)
    filtered: Wave = np.fft.irfft(spectrum, length)[: len(wave)].astype(np.float32)
    return filtered


def _companded(wave: Wave, rng: np.random.Generator) -> Wave:
    """Eight-bit mu-law, as in telephony."""
    mu = np.float32(255)
    scaled = wave / (np.abs(wave).max() + np.float32(1e-6)) * np.float32(10 ** (rng.uniform(-20, 0) / 20))
    compressed = np.sign(scaled) * np.log1p(mu * np.abs(scaled)) / np.log1p(mu)
    coarse = np.round(compressed * 127) / np.float32(127)
    expanded: Wave = (np.sign(coarse) * np.expm1(np.abs(coarse) * np.log1p(mu)) / mu).astype(np.float32)
    return expanded
