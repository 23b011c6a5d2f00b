"""Features of a whole batch on a device, at any tempo, with their warps and masks.

They are those of :mod:`streamer.training.features` and :mod:`streamer.training.augment`.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from streamer.asr.mel import MEL_BINS, WINDOW
from streamer.training.augment import HISS, KNOTS, LESS_ABOVE, VOICE
from streamer.training.device_draws import Draws
from streamer.training.features import FILTERS, FLOOR, HANN, PREEMPHASIS, mel_centres
from streamer.training.settings import AugmentSettings


class DeviceFeatures:
    """Features and their changes, with the tables they need on one device."""

    def __init__(self, device: torch.device, settings: AugmentSettings) -> None:
        self._settings = settings
        self._hann = torch.from_numpy(HANN).to(device)
        self._filters = torch.from_numpy(FILTERS).to(device)
        self._knots = torch.tensor(KNOTS, device=device, dtype=torch.float32)
        self._less_above = torch.tensor(LESS_ABOVE, device=device, dtype=torch.float32)
        self._hertz = torch.from_numpy(mel_centres().astype(np.float32)).to(device)

    def features(self, wave: Tensor, hop: Tensor, total: Tensor, width: int) -> Tensor:
        """Normalised log-mel features, zeros after each utterance.

        Args:
            wave: sound in [−1, 1] with dither, ``(batch, samples)``.
            hop: samples between frames, ``(batch,) int64``.
            total: samples of each utterance, ``(batch,) int64``.
            width: frames of the result.

        Returns:
            ``(batch, width, 80)``.
        """
        number, longest = wave.shape
        emphasised = wave.clone()
        emphasised[:, 1:] -= float(PREEMPHASIS) * wave[:, :-1]
        emphasised = emphasised * (torch.arange(longest, device=wave.device)[None, :] < total[:, None])
        padded = functional.pad(emphasised, (WINDOW // 2, WINDOW // 2))
        steps = torch.arange(width, device=wave.device)[None, :]
        begin = (steps * hop[:, None]).clamp(max=longest)
        places = (begin[:, :, None] + torch.arange(WINDOW, device=wave.device)).reshape(number, -1)
        windows = padded.gather(1, places).reshape(number, width, WINDOW)
        spectrum = torch.fft.rfft(windows * self._hann)
        power = spectrum.real.square() + spectrum.imag.square()
        log_mel = torch.log(power @ self._filters + float(FLOOR))
        frames = total // hop + 1
        known = (steps < frames[:, None])[:, :, None]
        values = (frames * MEL_BINS)[:, None, None]
        mean = (log_mel * known).sum((1, 2), keepdim=True) / values
        deviation = (((log_mel - mean) * known).square().sum((1, 2), keepdim=True) / values).sqrt()
        return (log_mel - mean) / (deviation + 1e-9) * known

    def warped(self, features: Tensor, lowered: Tensor, draws: Draws, strength: float) -> Tensor:
        """Vocal tracts of other lengths, and hissing consonants made elsewhere, for half of the utterances.

        Args:
            features: ``(batch, frames, 80)``.
            lowered: utterances played far lower, which are all warped, by ``lowered_warp``; ``(batch,) bool``.
            draws: of the batch.
            strength: of the augmentation, 0 to 1.
        """
        number = len(features)
        settings = self._settings
        some = draws.chance(0.5, number) | lowered
        usual, far, place = (
            draws.uniform(1 + (low - 1) * strength, 1 + (high - 1) * strength, number, 1)
            for low, high in (settings.warp, settings.lowered_warp, settings.consonants)
        )
        factor = torch.where(lowered[:, None], far, usual) ** self._less_above
        regions = factor * (1 + strength * draws.uniform(-0.06, 0.06, number, len(self._less_above)))
        hissing = features[:, :, HISS].mean(2) > features[:, :, :VOICE].mean(2) + 0.5
        moved = torch.where(
            hissing[:, :, None],
            self.moved_bins(features, place**-self._less_above),
            self.moved_bins(features, regions),
        )
        return torch.where(some[:, None, None], moved, features)

    def moved_bins(self, features: Tensor, regions: Tensor) -> Tensor:
        """Features read at other frequencies: at each inner knot, the knot's frequency times its factor.

        Args:
            features: ``(batch, frames, 80)``.
            regions: factors, ``(batch, 5)``.
        """
        number = len(features)
        knots, hertz = self._knots.expand(number, -1), self._hertz.expand(number, -1)
        source = torch.cat([knots[:, :1], knots[:, 1:-1] * regions, knots[:, -1:]], 1)
        numbers = torch.arange(MEL_BINS, device=features.device, dtype=torch.float32).expand(number, -1)
        places = _interpolated(_interpolated(hertz, knots, source), hertz, numbers)
        lower = places.long().clamp(max=MEL_BINS - 2)
        share = (places - lower)[:, None, :]
        index = lower[:, None, :].expand(-1, features.shape[1], -1)
        return features.gather(2, index) * (1 - share) + features.gather(2, index + 1) * share

    def masked(self, features: Tensor, frames: Tensor, draws: Draws, strength: float, more_spans: int = 0) -> Tensor:
        """SpecAugment: bands and spans set to the mean.

        Args:
            features: ``(batch, frames, 80)``.
            frames: of each utterance, ``(batch,) int64``.
            draws: of the batch.
            strength: of the augmentation, 0 to 1.
            more_spans: further spans beside those of ``augment.masks``.
        """
        number = len(features)
        steps = torch.arange(features.shape[1], device=features.device)
        bins = torch.arange(MEL_BINS, device=features.device)
        band = torch.full((number,), 1 + round(15 * strength), device=features.device)
        span = 1 + ((frames / 12).clamp(max=20) * strength).round().long()
        bands, spans = (bins, torch.full_like(frames, MEL_BINS), band), (steps, frames, span)
        for index, size, most in (*(bands, spans) * self._settings.masks, *(spans,) * more_spans):
            width = draws.below(most)
            start = draws.below(size - width + 1)
            hidden = (index >= start[:, None]) & (index < (start + width)[:, None])
            features = features * ~(hidden[:, None, :] if index is bins else hidden[:, :, None])
        return features


def _interpolated(x: Tensor, xp: Tensor, fp: Tensor) -> Tensor:
    """``np.interp`` row by row: values ``fp`` at the rising places ``xp``, read at ``x``; all ``(batch, …)``."""
    xp, x, fp = xp.contiguous(), x.contiguous(), fp.contiguous()
    right = torch.searchsorted(xp, x).clamp(1, xp.shape[1] - 1)
    left = right - 1
    before, after = xp.gather(1, left), xp.gather(1, right)
    low, high = fp.gather(1, left), fp.gather(1, right)
    return low + ((x - before) / (after - before)).clamp(0, 1) * (high - low)
