from __future__ import annotations

import msgspec
import numpy as np
import pytest
import soxr

torch = pytest.importorskip("torch")

from streamer.training.device_changes import DeviceAugmenter, dithered, played  # noqa: E402 - torch is optional
from streamer.training.device_draws import Draws  # noqa: E402
from streamer.training.noises import NoiseBank  # noqa: E402
from streamer.training.settings import AugmentSettings  # noqa: E402
from tests.training.device_samples import PLAIN, speechlike  # noqa: E402

CPU = torch.device("cpu")


def play(waves: list[np.ndarray], rates: list[float], begin: list[int]) -> tuple[np.ndarray, list[int]]:
    lengths = torch.tensor([len(wave) for wave in waves])
    samples = [round(len(wave) / rate) for wave, rate in zip(waves, rates, strict=True)]
    clips = torch.stack([torch.cumsum(lengths, 0) - lengths, lengths])
    longest = max(first + size for first, size in zip(begin, samples, strict=True))
    sound = played(
        torch.from_numpy(np.concatenate(waves)), clips, torch.tensor(samples), torch.tensor(begin), torch.tensor(rates),
        longest,
    )  # fmt: skip
    return sound.numpy(), samples


def test_playback_at_the_clips_rate_is_the_clip_in_its_place() -> None:
    waves = [speechlike(9_000, 1), speechlike(7_000, 2)]
    sound, _ = play(waves, [1.0, 1.0], [0, 1_500])
    assert np.abs(sound[0] - waves[0] / 32768).max() < 1e-6
    assert np.abs(sound[1, 1_500:8_500] - waves[1] / 32768).max() < 1e-6
    assert not sound[1, :1_500].any()
    assert not sound[1, 8_500:].any()


@pytest.mark.parametrize("rate", [0.7, 0.85, 1.13])
def test_playback_at_another_rate_is_soxrs_within_three_hundredths(rate: float) -> None:
    wave = speechlike(48_000)
    sound, samples = play([wave], [rate], [0])
    expected = soxr.resample((wave / 32768).astype(np.float32), 16_000 * rate, 16_000, "HQ")
    size = min(samples[0], len(expected))
    assert abs(samples[0] - len(expected)) <= 1
    error = np.sqrt(np.mean((sound[0, :size] - expected[:size]) ** 2) / np.mean(expected**2))
    assert error < 0.03


def augmented(wave: np.ndarray, total: list[int], augment: AugmentSettings, *, silent: bool = False) -> np.ndarray:
    augmenter = DeviceAugmenter(augment, torch.from_numpy(NoiseBank([], 1, seconds=1).kinds))
    number = len(total)
    batch = torch.from_numpy(np.stack([wave] * number).astype(np.float32) / 32768)
    batch = batch * (torch.arange(batch.shape[1])[None, :] < torch.tensor(total)[:, None])
    return augmenter.changed(batch, torch.tensor(total), torch.full((number,), silent), Draws(CPU, 1), 1.0).numpy()


def test_without_changes_only_level_and_dither_differ() -> None:
    wave = speechlike(16_000)
    changed = augmented(wave, [16_000, 9_000], PLAIN)
    for row, total in enumerate([16_000, 9_000]):
        level = changed[row] @ wave / (wave[:total].astype(np.float64) @ wave[:total])
        assert np.abs(changed[row, :total] - level * wave[:total]).max() < 1.1 / 32768
        assert not changed[row, total:].any()
        assert 10 ** (-30 / 20) < np.abs(changed[row]).max() <= 1 + 1 / 32768


def test_dither_is_one_16_bit_step_up_or_down() -> None:
    steps = dithered(torch.zeros(3, 20_000), Draws(CPU, 1)).numpy() * 32768
    assert -1 <= steps.min() < -0.99
    assert 0.99 < steps.max() <= 1


def test_augmented_sound_stays_finite_and_ends_where_it_ended() -> None:
    every = AugmentSettings(reverberation=1, noise=1, channel=1, codec=1)
    wave = np.concatenate([np.zeros(4_000), speechlike(8_000)])
    changed = augmented(wave, [12_000, 11_000, 9_000, 12_000], every)
    assert np.isfinite(changed).all()
    assert not changed[1, 11_000:].any()
    assert np.abs(changed).max() <= 1 + 1 / 32768


def test_noise_is_added_at_the_wanted_distance() -> None:
    noisy = msgspec.structs.replace(PLAIN, noise=1.0, signal_to_noise_db=(20.0, 20.0))
    wave = speechlike(16_000)
    changed = augmented(wave, [16_000] * 8, noisy).astype(np.float64)
    for row in changed:
        level = row @ wave / (wave.astype(np.float64) @ wave)
        noise = row - level * wave
        ratio = 10 * np.log10(np.mean((level * wave) ** 2) / np.mean(noise**2))
        assert ratio == pytest.approx(20, abs=1.5)


@pytest.mark.parametrize("kind", ["reverberation", "channel", "codec"])
def test_noise_is_at_that_distance_from_speech_that_was_changed(kind: str) -> None:
    noisy = msgspec.structs.replace(PLAIN, noise=1.0, signal_to_noise_db=(20.0, 20.0), **{kind: 1.0})
    clean = msgspec.structs.replace(noisy, signal_to_noise_db=(200.0, 200.0))
    wave = speechlike(16_000)
    heard, speech = (augmented(wave, [16_000] * 8, each).astype(np.float64) for each in (noisy, clean))
    ratios = 10 * np.log10(np.mean(speech**2, axis=1) / np.mean((heard - speech) ** 2, axis=1))
    assert ratios == pytest.approx([20.0] * 8, abs=1.5)


def test_silent_utterances_are_noise_of_any_loudness() -> None:
    changed = augmented(np.zeros(16_000), [16_000] * 64, PLAIN, silent=True)
    loudness = 20 * np.log10(np.sqrt(np.mean(changed**2, axis=1)))
    assert loudness.max() == pytest.approx(-15, abs=5)
    assert loudness.min() < -75
