"""Unbroken speech in noise."""

import numpy as np
import pytest

from benchmarks.murmur import in_noise
from benchmarks.noises import white

SPEECH = (8000 * np.sin(np.arange(32_000) / 7)).astype(np.int16)


@pytest.mark.parametrize("snr_db", [20.0, 5.0])
def test_a_noise_lies_so_far_below_the_speech(snr_db: float) -> None:
    noise = in_noise(SPEECH, white, snr_db, np.random.default_rng(1)) - SPEECH.astype(np.float64)

    assert 10 * np.log10(np.mean(SPEECH.astype(np.float64) ** 2) / np.mean(noise**2)) == pytest.approx(snr_db, abs=0.1)
