from __future__ import annotations

import numpy as np
import pytest
import torch

from streamer.training.resampler import Resampler


def tone(hertz: float, rate: int, samples: int) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(samples) / rate).astype(np.float32)


@pytest.mark.parametrize("hertz", [100, 1_000, 7_000])
def test_a_tone_keeps_its_place_and_level(hertz: float) -> None:
    (made,) = Resampler("cpu")(torch.from_numpy(tone(hertz, 24_000, 12_000))[None]).numpy()
    assert len(made) == 8_000
    np.testing.assert_allclose(made[200:-200], tone(hertz, 16_000, 8_000)[200:-200], atol=3e-4)


def test_what_the_new_rate_cannot_hold_is_removed() -> None:
    (made,) = Resampler("cpu")(torch.from_numpy(tone(8_500, 24_000, 12_000))[None]).numpy()
    assert np.abs(made[200:-200]).max() < 1e-3


def test_rows_are_apart() -> None:
    rows = torch.stack([torch.zeros(600), torch.ones(600)])
    silent, loud = Resampler("cpu")(rows)
    assert silent.abs().max() == 0
    assert loud[200].item() == pytest.approx(1, abs=1e-4)
