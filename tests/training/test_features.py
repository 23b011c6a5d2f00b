from __future__ import annotations

import numpy as np

from streamer.asr.fbank import FeatureRecipe, fbank
from streamer.training.features import hop_at, mel_centres, training_features


def noise(samples: int) -> np.ndarray:
    return (np.random.default_rng(4).standard_normal(samples) * 2000).astype(np.int16)


def test_features_are_the_recipes() -> None:
    pcm = noise(45_775)
    expected = fbank(pcm, FeatureRecipe(dither=0))
    found = training_features(pcm.astype(np.float32) / 32768)
    assert found.shape == (287, 80)
    assert np.abs(found - expected).max() < 1e-3


def test_a_faster_tempo_has_fewer_frames_of_the_same_pitch() -> None:
    times = np.arange(32_000) / 16_000
    tone = (0.3 * np.sin(2 * np.pi * 1000 * times) + 0.001 * noise(32_000) / 32768).astype(np.float32)
    plain, fast = training_features(tone), training_features(tone, hop_at(1.6))
    assert (len(plain), len(fast)) == (201, 126)
    assert plain.mean(axis=0).argmax() == fast.mean(axis=0).argmax()


def test_mel_centres_rise_from_the_lowest_bin_to_nearly_8_khz() -> None:
    centres = mel_centres()
    assert (np.diff(centres) > 0).all()
    assert 0 < centres[0] < 80
    assert 7_500 < centres[-1] < 8_000
