from __future__ import annotations

import numpy as np
import pytest

from streamer.training.noises import NoiseBank


@pytest.mark.parametrize("seconds", [1, 2, 5])
def test_every_kind_is_as_loud_as_the_others_however_short(seconds: int) -> None:
    speech = np.random.default_rng(0).integers(-9_000, 9_000, 8_000).astype(np.int16)
    kinds = NoiseBank([speech], 1, seconds=seconds).kinds
    assert kinds.shape == (10, seconds * 16_000)
    assert np.mean(kinds**2, axis=1) == pytest.approx([1.0] * 10, rel=1e-3)


def test_stretches_that_are_drawn_have_unit_power() -> None:
    noises = NoiseBank([], 1, seconds=2)
    for seed in range(8):
        drawn = noises.draw(np.random.default_rng(seed), 40_000)  # longer than the bank
        assert len(drawn) == 40_000
        assert np.mean(drawn**2) == pytest.approx(1.0, rel=1e-3)
