from __future__ import annotations

import tracemalloc
from itertools import pairwise
from typing import Any, Literal

import librosa
import msgspec
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.asr.fbank import FeatureRecipe, GrowingSpectrum, fbank, normalised, padded_samples
from streamer.asr.mel import mel_filters
from streamer.asr.stft import mel_power, power_of, spectra_between
from streamer.errors import FeatureError
from streamer.types import MAX_UTTERANCE_SAMPLES

PLAIN = FeatureRecipe(dither=0.0)


def reference(
    samples: npt.NDArray[np.float64], padding: Literal["constant", "reflect"] = "constant"
) -> npt.NDArray[np.float64]:
    """The recipe of the model contract, by librosa, in double precision."""
    scaled = samples / (np.abs(samples).max() + 1e-9)
    emphasised = np.append(scaled[:1], scaled[1:] - 0.97 * scaled[:-1])
    spectrum = librosa.stft(
        emphasised, n_fft=400, hop_length=160, win_length=400, window="hann", center=True, pad_mode=padding
    )
    filters = librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80, fmin=0, fmax=8000, dtype=np.float64)
    log_mel = np.log(filters @ np.abs(spectrum) ** 2 + 1e-20).T
    return (log_mel - log_mel.mean()) / (log_mel.std() + 1e-9)


def noisy_tone(samples: int, noise: float, hertz: float = 440.0, seed: int = 0) -> npt.NDArray[np.float64]:
    """A tone of amplitude 0.5 over a noise floor."""
    random = np.random.default_rng(seed)
    return 0.5 * np.sin(2 * np.pi * hertz * np.arange(samples) / 16_000) + noise * random.standard_normal(samples)


@pytest.mark.filterwarnings("ignore:n_fft=400 is too large")
@settings(max_examples=60, deadline=None)
@given(
    samples=st.integers(201, 40_000),
    level_db=st.floats(-60, 0),
    noise_db=st.floats(-60, 0),
    padding=st.sampled_from(["constant", "reflect"]),
    seed=st.integers(0, 1000),
)
def test_equals_librosa_for_any_signal_with_a_noise_floor(
    samples: int, level_db: float, noise_db: float, padding: Literal["constant", "reflect"], seed: int
) -> None:
    sound = 10 ** (level_db / 20) * noisy_tone(samples, 10 ** (noise_db / 20), hertz=100 + seed * 7, seed=seed)

    found = fbank(np.clip(sound, -1, 1), FeatureRecipe(dither=0.0, padding=padding))

    np.testing.assert_allclose(found, reference(np.clip(sound, -1, 1), padding), rtol=0, atol=2e-6)


@pytest.mark.parametrize("padding", ["constant", "reflect"])
def test_equals_librosa_for_the_longest_utterance(padding: Literal["constant", "reflect"]) -> None:
    sound = noisy_tone(MAX_UTTERANCE_SAMPLES, 1e-3)

    found = fbank(sound, FeatureRecipe(dither=0.0, padding=padding))

    np.testing.assert_allclose(found, reference(sound, padding), rtol=0, atol=2e-6)


def test_equals_librosa_for_16_bit_samples() -> None:
    pcm = np.random.default_rng(1).integers(-20_000, 20_000, 45_775).astype(np.int16)

    np.testing.assert_allclose(fbank(pcm, PLAIN), reference(pcm / 32768), rtol=0, atol=2e-6)


def test_filters_equal_librosa() -> None:
    expected = librosa.filters.mel(sr=16_000, n_fft=400, n_mels=80, fmin=0, fmax=8000, dtype=np.float64)

    np.testing.assert_allclose(mel_filters(), expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize(("samples", "frames"), [(1, 1), (159, 1), (160, 2), (45_775, 287), (160_000, 1001)])
def test_frames(samples: int, frames: int) -> None:
    assert fbank(np.ones(samples, np.int16)).shape == (frames, 80)


def test_normalised_over_the_whole_utterance() -> None:
    features = fbank(np.random.default_rng(2).integers(-99, 99, 30_000).astype(np.int16)).astype(np.float64)

    assert abs(features.mean()) < 1e-6
    assert abs(features.std() - 1) < 1e-6


@pytest.mark.parametrize("dither", [0.0, 1.0])
@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(16_000, np.int16),
        np.full(16_000, 12_345, np.int16),
        np.full(16_000, -32_768, np.int16),
        np.where(np.arange(16_000) % 100 < 50, 32_767, -32_768).astype(np.int16),
        np.sin(np.arange(16_000) * 0.3) * 1e-30,
        np.sin(2 * np.pi * np.arange(16_000) / 16),
        np.eye(1, 16_000, 8_000)[0],
        np.array([0.5]),
        np.zeros(1, np.int16),
    ],
    ids=["silence", "dc", "lowest", "clipping", "vanishing", "tone", "click", "one sample", "one zero"],
)
def test_finite_and_bounded(sound: npt.NDArray[Any], dither: float) -> None:
    features = fbank(sound, FeatureRecipe(dither=dither))

    assert np.isfinite(features).all()
    assert np.abs(features).max() < 40


def test_dither_is_even_white_noise() -> None:
    silence = np.zeros(160_000, np.int16)
    drawn = np.random.default_rng(0).uniform(-1, 1, 160_000) / 32768

    difference = fbank(silence).mean(axis=0) - fbank(drawn, PLAIN).mean(axis=0)
    assert np.abs(difference).max() < 0.1


def test_seed_decides_the_dither() -> None:
    silence = np.zeros(16_000, np.int16)
    first, second = (fbank(silence, FeatureRecipe(seed=seed)) for seed in (0, 1))

    np.testing.assert_array_equal(first, fbank(silence))
    assert np.abs(first - second).max() > 1


def test_dither_keeps_the_contrast_after_exact_zeros() -> None:
    speech = np.random.default_rng(3).integers(-3000, 3000, 16_000).astype(np.int16)
    muted = np.concatenate([np.zeros(4800, np.int16), speech])

    contrast_with = fbank(muted)[40:].std()
    contrast_without = fbank(muted, PLAIN)[40:].std()

    assert contrast_with > 2 * contrast_without


@pytest.mark.parametrize(
    ("sound", "message"),
    [
        (np.empty(0, np.int16), "no samples"),
        (np.zeros(160_001, np.int16), "160001 samples is longer than 160000"),
        (np.zeros((2, 100), np.int16), r"one dimension, got shape \(2, 100\)"),
        (np.array([0.0, np.nan]), "NaN or infinity"),
        (np.array([0.0, -np.inf], np.float32), "NaN or infinity"),
        (np.array([1e4, 0.0]), "reach 1e\\+04, expected −1 to 1"),
        (np.zeros(10, np.int32), "got int32"),
    ],
)
def test_refuses(sound: npt.NDArray[Any], message: str) -> None:
    with pytest.raises(FeatureError, match=message):
        fbank(sound)


def test_what_has_heard_nothing_takes_no_room() -> None:
    """One waits through every pause for the next utterance."""
    tracemalloc.start()
    try:
        spectrum = GrowingSpectrum()
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert spectrum.samples == 0
    assert kept < 4096


def test_refuses_growth_beyond_ten_seconds() -> None:
    spectrum = GrowingSpectrum()
    spectrum.extend(np.zeros(MAX_UTTERANCE_SAMPLES, np.int16))

    with pytest.raises(FeatureError, match="cut it before"):
        spectrum.extend(np.zeros(1, np.int16))


@settings(max_examples=60, deadline=None)
@given(
    cuts=st.lists(st.integers(1, 30_000), max_size=8),
    padding=st.sampled_from(["constant", "reflect"]),
    dither=st.sampled_from([0.0, 1.0]),
)
def test_growing_equals_whole_bit_for_bit(
    cuts: list[int], padding: Literal["constant", "reflect"], dither: float
) -> None:
    sound = np.random.default_rng(4).integers(-9000, 9000, 30_000).astype(np.int16)
    recipe = FeatureRecipe(dither=dither, padding=padding)
    spectrum = GrowingSpectrum(recipe)

    for start, stop in pairwise([0, *sorted(cuts), len(sound)]):
        spectrum.extend(sound[start:stop])
        if stop:
            np.testing.assert_array_equal(spectrum.features(), fbank(sound[:stop], recipe))


def test_an_unknown_key_of_a_recipe_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="unknown field `dithr`"):
        msgspec.convert({"dithr": 1.0}, FeatureRecipe)


@pytest.mark.parametrize("padding", ["constant", "reflect"])
@pytest.mark.parametrize("samples", [1, 150, 201, 5000, 16_000])
def test_spectra_are_those_that_features_are_made_of(samples: int, padding: Literal["constant", "reflect"]) -> None:
    recipe = FeatureRecipe(padding=padding)
    sound = (noisy_tone(samples, 0.1) * 20_000).astype(np.int16)
    growing = GrowingSpectrum(recipe)
    growing.extend(sound)

    spectra = spectra_between(padded_samples(sound, recipe), 0, samples // 160 + 1)

    power = mel_power(power_of(spectra))
    np.testing.assert_array_equal(normalised(power, growing.peak), growing.features())


@pytest.mark.parametrize(("first", "last"), [(0, 1), (1, 30), (7, 8), (60, 101), (100, 101)])
def test_spectra_of_some_frames_are_those_of_all(first: int, last: int) -> None:
    recipe, sound = FeatureRecipe(), (noisy_tone(16_000, 0.1) * 20_000).astype(np.int16)

    some = spectra_between(padded_samples(sound, recipe), first, last)

    np.testing.assert_array_equal(some, spectra_between(padded_samples(sound, recipe), 0, 101)[first:last])


def test_the_probe_holds_some_frequencies_of_every_frame() -> None:
    recipe, sound = FeatureRecipe(), (noisy_tone(16_000, 0.1) * 20_000).astype(np.int16)
    growing = GrowingSpectrum(recipe, probed=slice(5, 101, 8))
    for first in range(0, 16_000, 4000):
        growing.extend(sound[first : first + 4000])
        growing.features()

    assert growing.probe is not None
    expected = spectra_between(padded_samples(sound, recipe), 0, 101)[:, 5:101:8].astype(np.complex64)
    np.testing.assert_array_equal(growing.probe, expected)


def test_nothing_is_probed_unless_it_is_asked_for() -> None:
    growing = GrowingSpectrum()
    growing.extend(np.ones(1000, np.int16))

    assert growing.probe is None
