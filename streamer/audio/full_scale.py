"""Samples at full scale: whether a sound was recorded so loud that much of it was cut off."""

from __future__ import annotations

from typing import Final

import numpy as np

from streamer.audio.decoders.sound_reader import Samples

_FULL_SCALE: Final = 32768
_NEAR: Final = 32700
"""From here on a sample counts: converters stop a little short of full scale."""
_SHARE: Final = 0.01
"""Of the samples; sound that was only made loud afterwards has fewer there. With five times as many a seventh more
characters are wrong, with twenty-five times half as many more, and soon no speech is found."""
_LEAST: Final = 1600
"""Fewer say nothing: a decoder may make as many of a damaged frame."""


class FullScale:
    """Counts them."""

    def __init__(self) -> None:
        self._samples = self._full = 0

    def take(self, block: Samples) -> None:
        """The next samples, whole numbers of 16 bits or floats of full scale ±1."""
        limit = _NEAR if block.dtype == np.int16 else _NEAR / _FULL_SCALE
        self._samples += block.size
        # Of most sound nothing is near: two passes in place of five, and no arrays.
        if block.max(initial=0) >= limit or block.min(initial=0) <= -limit:
            self._full += int(np.count_nonzero(block >= limit) + np.count_nonzero(block <= -limit))

    @property
    def remark(self) -> str:
        """What a person is told; empty where there is nothing to tell."""
        if self._full < max(_LEAST, _SHARE * self._samples):
            return ""
        share = round(100 * self._full / self._samples)
        return f"it was recorded too loud: {share} % of its samples are at full scale, and speech in it is heard worse"
