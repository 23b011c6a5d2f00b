"""Changes to a whole batch of sound on a device: playback, rooms, channels, codecs, noise, level.

They are those of :mod:`streamer.training.augment`; sound is ``(batch, samples) float32`` in [−1, 1] with zeros after
each utterance, and every number is drawn per utterance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from streamer.training.device_draws import Draws
from streamer.training.settings import AugmentSettings

_RATE = 16_000
_LSB = 1 / 32768
_TAPS = 8
_TAIL = 7_680
_ECHOES = 5
_MU = 255.0


def played(pcm: Tensor, clips: Tensor, samples: Tensor, begin: Tensor, rate: Tensor, longest: int) -> Tensor:
    """Clips at other playback rates, by a windowed sinc of eight taps.

    Args:
        pcm: of the corpus, ``(samples,) int16``.
        clips: first sample and length of each clip, ``(2, batch) int64``.
        samples: how much is played, ``(batch,) int64``.
        begin: where it begins in the result, ``(batch,) int64``.
        rate: playback rate, ``(batch,) float32``.
        longest: samples of the result.

    Returns:
        ``(batch, longest)``, zeros around each clip.
    """
    start, length = clips
    at = torch.arange(longest, device=pcm.device)[None, :] - begin[:, None]
    inside = (at >= 0) & (at < samples[:, None])
    # In double precision: ten seconds have more samples than a single one has steps of a hundredth.
    source = at.clamp(min=0).double() * rate[:, None].double()
    whole = source.floor()
    fraction = (source - whole).float()
    whole = whole.long()
    # Played faster, what would lie above half the rate is left out.
    scale = torch.clamp(1 / rate, max=1.0)[:, None]
    found = torch.zeros(len(start), longest, device=pcm.device)
    half = _TAPS // 2
    for tap in range(1 - half, half + 1):
        distance = tap - fraction
        weight = torch.sinc(distance * scale) * torch.cos(distance * (math.pi / (2 * half + 1))).square_()
        place = torch.minimum((whole + tap).clamp_(min=0), (length - 1)[:, None])
        found.addcmul_(pcm[place.add_(start[:, None])].float(), weight)
    return found * inside * (scale * _LSB)


@dataclass(frozen=True, slots=True)
class DeviceAugmenter:
    """Draws changes whose strength grows with training, as :class:`streamer.training.augment.Augmenter` does."""

    settings: AugmentSettings
    noises: Tensor
    """Of a noise bank, ``(kinds, samples) float32`` of mean square 1, on the device."""

    def changed(self, wave: Tensor, total: Tensor, silent: Tensor, draws: Draws, strength: float) -> Tensor:
        """Sound through random rooms, channels, codecs and levels, with noise and dither of ±1 LSB.

        Args:
            wave: ``(batch, samples)``.
            total: samples of each utterance, ``(batch,) int64``.
            silent: utterances that are to be noise alone, ``(batch,) bool``.
            draws: of the batch.
            strength: of the augmentation, 0 to 1.
        """
        settings = self.settings
        number, longest = wave.shape
        inside = torch.arange(longest, device=wave.device)[None, :] < total[:, None]
        wave = _filtered(wave, draws, settings, strength) * inside
        wave = torch.where(draws.chance(settings.codec * strength, number)[:, None], _companded(wave, draws), wave)
        power = wave.square().sum(1) / total + 1e-9
        level = 10 ** (draws.uniform(-30, 0, number) / 20) / (wave.abs().amax(1) + 1e-6)
        low, high = settings.signal_to_noise_db
        ratio = draws.uniform(low + (1 - strength) * 0.6 * (high - low), high, number)
        gain = (power * level**2 * 10 ** (-ratio / 10)).sqrt() * draws.chance(settings.noise, number)
        gain = torch.where(silent, 10 ** (draws.uniform(-90, -15, number) / 20), gain)
        wave = wave * level[:, None] + _noise(self.noises, total, inside, draws) * gain[:, None]
        return dithered(wave.clamp(-1, 1), draws) * inside


def dithered(wave: Tensor, draws: Draws) -> Tensor:
    """Uniform noise of one 16-bit step, as the recipe adds."""
    return wave + draws.uniform(-_LSB, _LSB, *wave.shape)


def _noise(noises: Tensor, total: Tensor, inside: Tensor, draws: Draws) -> Tensor:
    """A stretch of one kind for each utterance, of mean square 1."""
    kinds, size = noises.shape
    number, longest = inside.shape
    kind = draws.below(torch.full((number,), kinds, device=noises.device))
    offset = draws.below(torch.full((number,), size, device=noises.device))
    place = (offset[:, None] + torch.arange(longest, device=noises.device)[None, :]) % size
    noise = noises[kind[:, None], place] * inside
    return noise / ((noise.square().sum(1) / total).sqrt() + 1e-6)[:, None]


def _filtered(wave: Tensor, draws: Draws, settings: AugmentSettings, strength: float) -> Tensor:
    """Room and channel in one product of spectra."""
    number, longest = wave.shape
    length = -(-(longest + _TAIL) // 4096) * 4096
    has_room = draws.chance(settings.reverberation * strength, number)
    has_channel = draws.chance(settings.channel * strength, number) | has_room
    decibels = _channel(draws, number, length // 2 + 1, strength) * has_channel[:, None]
    spectrum = torch.fft.rfft(wave, length) * 10 ** (decibels / 20)
    spectrum = spectrum * torch.fft.rfft(_room(draws, has_room), length)
    filtered: Tensor = torch.fft.irfft(spectrum, length)[:, :longest]
    return filtered


def _channel(draws: Draws, number: int, bins: int, strength: float) -> Tensor:
    """Tilt, gentle ripples and band limits, ``(batch, bins)`` in decibels."""
    frequency = torch.linspace(0, 1, bins, device=draws.device)
    decibels = draws.uniform(-9 * strength, 9 * strength, number, 1) * (frequency * 2 - 1)
    for order in range(1, 5):
        decibels = decibels + 2 * strength * draws.normal(number, 1) * torch.cos(math.pi * order * frequency)
    above = (frequency - draws.uniform(0.42, 0.95, number, 1)).clamp(min=0) * 1500
    below = (draws.uniform(0.005, 0.045, number, 1) - frequency).clamp(min=0) * 2500
    for loss, most in ((above, 60), (below, 40)):
        decibels = decibels - loss.clamp(max=most) * draws.chance(0.3 * strength, number)[:, None]
    return decibels


def _room(draws: Draws, has_room: Tensor) -> Tensor:
    """Impulse responses ``(batch, 7680)``: direct sound, early echoes, an exponential tail; elsewhere a 1."""
    number = len(has_room)
    times = torch.arange(_TAIL, device=draws.device) / _RATE
    decay = draws.uniform(0.08, 0.6, number, 1)
    tail = draws.normal(number, _TAIL) * 10 ** (-3 * times / decay)
    tail = tail * (times >= draws.uniform(0.002, 0.02, number, 1)) * (times < 0.8 * decay)
    response = tail / (tail.square().sum(1, keepdim=True).sqrt() + 1e-9)
    direct = 10 ** (draws.uniform(-3, 15, number, 1) / 20)
    for _ in range(_ECHOES):
        place = draws.uniform(8, 638, number, 1).long()
        echo = direct * draws.uniform(-0.5, 0.5, number, 1) * draws.chance(0.5, number)[:, None]
        response.scatter_add_(1, place, echo)
    response[:, :1] = direct
    response = response * has_room[:, None]
    response[:, :1] = torch.where(has_room[:, None], direct, 1.0)
    return response


def _companded(wave: Tensor, draws: Draws) -> Tensor:
    """Eight-bit mu-law, as in telephony."""
    loudness = 10 ** (draws.uniform(-20, 0, len(wave), 1) / 20)
    scaled = wave / (wave.abs().amax(1, keepdim=True) + 1e-6) * loudness
    compressed = scaled.sign() * torch.log1p(_MU * scaled.abs()) / math.log1p(_MU)
    coarse = torch.round(compressed * 127) / 127
    return coarse.sign() * torch.expm1(coarse.abs() * math.log1p(_MU)) / _MU
