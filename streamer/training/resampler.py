"""24 kHz to 16 kHz on any device."""

from __future__ import annotations

import math

import torch
from torch import Tensor
from torch.nn import functional

_OLD, _NEW = 3, 2
_REACH = 48
"""Zero crossings of the sinc on each side."""
_ROLL_OFF = 0.97
"""Cut-off, of half the new rate."""


class Resampler:
    """A sinc under a Hann window, one filter for each of two phases."""

    def __init__(self, device: str) -> None:
        rate = _NEW * _ROLL_OFF
        self._reach = math.ceil(_REACH * _OLD / rate)
        taps = torch.arange(-self._reach, self._reach + _OLD, dtype=torch.float64) / _OLD
        phases = torch.arange(_NEW, dtype=torch.float64)[:, None] / _NEW
        times = ((taps - phases) * rate).clamp(-_REACH, _REACH)
        window = torch.cos(times * math.pi / _REACH / 2) ** 2
        self._filters = (torch.sinc(times) * window * rate / _OLD)[:, None].float().to(device)

    def __call__(self, waves: Tensor) -> Tensor:
        """``(batch, samples)`` → ``(batch, samples · 2 / 3)``, where 3 divides the number of samples."""
        padded = functional.pad(waves[:, None], (self._reach, self._reach + _OLD))
        phases = functional.conv1d(padded, self._filters, stride=_OLD)
        return phases.transpose(1, 2).reshape(len(waves), -1)[:, : waves.shape[1] * _NEW // _OLD]
