from __future__ import annotations

import msgspec
import numpy as np
import pytest

from streamer.training import augment as module
from streamer.training.augment import Augmenter, dithered, moved_bins
from streamer.training.noises import NoiseBank, Wave
from streamer.training.settings import AugmentSettings

PLAIN = AugmentSettings(
    warp=(1.0, 1.0), consonants=(1.0, 1.0), reverberation=0, noise=0, channel=0, codec=0, masks=0, noise_seconds=1
)

NOISES = NoiseBank([], 1, seconds=2)


def wave(size: int = 16_000) -> Wave:
    return (np.random.default_rng(5).standard_normal(size) * 0.1).astype(np.float32)


def level(changed: Wave, before: Wave) -> float:
    """How much louder what is left of a sound is."""
    return float(changed @ before / (before @ before))


@pytest.mark.parametrize("strength", [0.1, 1.0])
def test_augmented_sound_stays_finite_and_as_long(strength: float) -> None:
    augmenter = Augmenter(AugmentSettings(reverberation=1, noise=1, channel=1, codec=1), NoiseBank([], 1, seconds=2))
    for seed in range(8):
        rng = np.random.default_rng(seed)
        wave = np.concatenate([np.zeros(4_000), rng.standard_normal(8_000) * 0.1]).astype(np.float32)
        changed = augmenter.changed(wave, rng, strength)
        assert changed.shape == wave.shape
        assert np.isfinite(changed).all()


@pytest.mark.parametrize(("factor", "low", "high"), [(0.88, 16, 18), (1.12, 21, 24)])
def test_a_warp_moves_low_frequencies_and_leaves_the_top(factor: float, low: int, high: int) -> None:
    augmenter = Augmenter(msgspec.structs.replace(PLAIN, warp=(factor, factor)), NoiseBank([], 1, seconds=1))
    moved = augmenter.warped(np.eye(80, dtype=np.float32), np.random.default_rng(1), 1.0)
    assert low <= moved[:, 20].argmax() <= high
    assert moved[:, 79].argmax() == 79


def test_hissing_consonants_move_up_and_vowels_stay() -> None:
    settings = msgspec.structs.replace(PLAIN, consonants=(1.3, 1.3))
    augmenter = Augmenter(settings, NoiseBank([], 1, seconds=1))
    features = np.zeros((2, 80), np.float32)
    features[0, 52:62] = 3.0
    features[1, 10] = 3.0
    moved = augmenter.warped(features, np.random.default_rng(2), 1.0)
    centre = (moved[0] * np.arange(80)).sum() / moved[0].sum()
    assert 59 < centre < 66
    assert abs(moved[1].argmax() - 10) <= 1


def test_dither_is_one_step_of_16_bits_both_ways() -> None:
    steps = dithered(np.zeros(20_000, np.float32), np.random.default_rng(1)) * 32768

    assert (steps.min(), steps.max()) == pytest.approx((-1, 1), abs=1e-3)
    assert abs(steps.mean()) < 0.02


def test_without_a_change_only_the_level_is_another() -> None:
    levels = []
    for seed in range(24):
        changed = Augmenter(PLAIN, NOISES).changed(wave(), np.random.default_rng(seed), 1.0)
        levels.append(20 * np.log10(np.abs(changed).max()))
        assert np.abs(changed - wave() * level(changed, wave())).max() < 1.1 / 32768

    assert -30 <= min(levels) < -25
    assert -5 < max(levels) <= 0.01


@pytest.mark.parametrize(("strength", "low", "high"), [(1.0, 20, 20.0), (0.0, 44, 60)])
def test_noise_is_as_far_below_the_speech_as_the_settings_and_the_strength_say(
    strength: float, low: float, high: float
) -> None:
    settings = msgspec.structs.replace(PLAIN, noise=1.0, signal_to_noise_db=(20.0, 20.0 if strength else 60.0))
    for seed in range(8):
        # Loud enough for dither to be nothing beside the noise.
        changed = Augmenter(settings, NOISES).changed(wave() * 4, np.random.default_rng(seed), strength)
        speech = wave() * level(changed, wave())
        ratio = 10 * np.log10(np.mean(speech**2) / np.mean((changed - speech) ** 2))
        assert low - 2 <= ratio <= high + 0.5


@pytest.mark.parametrize("kind", ["reverberation", "channel", "codec"])
def test_noise_is_as_far_below_speech_that_was_changed(kind: str) -> None:
    settings = msgspec.structs.replace(PLAIN, noise=1.0, signal_to_noise_db=(20.0, 20.0), **{kind: 1.0})
    noises = NoiseBank([], 1, seconds=3)
    clean = msgspec.structs.replace(settings, signal_to_noise_db=(200.0, 200.0))
    for seed in range(8):
        noisy, speech = (
            Augmenter(each, noises).changed(wave() * 4, np.random.default_rng(seed), 1.0) for each in (settings, clean)
        )
        ratio = 10 * np.log10(np.mean(speech**2) / np.mean((noisy - speech) ** 2))
        assert ratio == pytest.approx(20, abs=1)


def test_silence_is_noise_between_inaudible_and_loud() -> None:
    silences = [Augmenter(PLAIN, NOISES).silence(np.random.default_rng(seed), 4_000) for seed in range(24)]
    levels = [10 * np.log10(np.mean(silence**2)) for silence in silences]

    assert all(silence.shape == (4_000,) for silence in silences)
    assert -96 < min(levels) < -75
    assert -30 < max(levels) <= -14.9


def test_where_no_frequency_moves_features_stay() -> None:
    features = np.random.default_rng(1).standard_normal((3, 80)).astype(np.float32)

    assert moved_bins(features, np.ones(5)) == pytest.approx(features, abs=1e-5)


def test_a_mask_is_at_most_15_bins_and_a_twelfth_of_the_frames() -> None:
    augmenter = Augmenter(msgspec.structs.replace(PLAIN, masks=1), NOISES)
    bands, spans = [], []
    for seed in range(60):
        masked = augmenter.masked(np.ones((120, 80), np.float32), np.random.default_rng(seed), 1.0)
        bands.append(int((masked == 0).all(axis=0).sum()))
        spans.append(int((masked == 0).all(axis=1).sum()))

    assert (min(bands), max(bands)) == (0, 15)
    assert (min(spans), max(spans)) == (0, 10)


@pytest.mark.parametrize("size", [16_000, 40_000])
def test_a_room_is_heard_as_its_response_and_a_channel_without_strength_not_at_all(size: int) -> None:
    late = np.array([0, 0, 0, 0.5], np.float32)
    there = module._filtered(wave(size), np.ones(1, np.float32), np.random.default_rng(1), 0.0)
    later = module._filtered(wave(size), late, np.random.default_rng(1), 0.0)

    assert np.abs(there - wave(size)).max() < 1e-6
    assert np.abs(later[:3]).max() < 1e-6
    assert np.abs(later[3:] - 0.5 * wave(size)[:-3]).max() < 1e-6


def louder(changed: Wave, before: Wave, low: float, high: float) -> float:
    """Decibels by which a band is louder; its bounds are shares of 8 kHz."""
    spectra = [np.abs(np.fft.rfft(sound)) ** 2 for sound in (changed, before)]
    band = slice(round(low * len(spectra[0])), round(high * len(spectra[0])))
    return float(10 * np.log10(spectra[0][band].sum() / spectra[1][band].sum()))


def test_a_channel_colours_speech_gently_and_cuts_off_the_ends_of_some() -> None:
    before = wave(32_000)
    changed = [module._filtered(before, np.ones(1, np.float32), np.random.default_rng(seed), 1.0) for seed in range(40)]
    middle, top, bottom = (
        np.array([louder(each, before, low, high) for each in changed])
        for low, high in ((0.2, 0.4), (0.98, 1.0), (0.0005, 0.004))
    )

    assert np.abs(middle).max() < 12
    assert 2 < middle.std() < 6
    assert 0.1 < (top < -35).mean() < 0.5
    assert 0.05 < (bottom - middle < -20).mean() < 0.4


@pytest.mark.parametrize("kind", ["reverberation", "channel", "codec"])
def test_each_change_is_made_by_its_chance_and_with_strength_only(kind: str) -> None:
    def changes(chance: float, strength: float) -> list[bool]:
        augmenter = Augmenter(msgspec.structs.replace(PLAIN, **{kind: chance}), NOISES)
        sounds = [augmenter.changed(wave(4_000), np.random.default_rng(seed), strength) for seed in range(20)]
        return [np.abs(sound - wave(4_000) * level(sound, wave(4_000))).max() > 3 / 32768 for sound in sounds]

    assert all(changes(1.0, 1.0))
    assert not any(changes(1.0, 0.0))
    assert 4 <= sum(changes(0.5, 1.0)) <= 16


def test_a_room_is_heard_after_what_is_said() -> None:
    click = np.zeros(8_000, np.float32)
    click[1_000] = 0.5
    rooms = Augmenter(msgspec.structs.replace(PLAIN, reverberation=1), NOISES)
    tails = [
        float(np.mean(rooms.changed(click, np.random.default_rng(seed), 1.0)[1_700:3_000] ** 2)) for seed in range(8)
    ]

    # Dither alone has a third of a step's square.
    assert min(tails) > 4 / 3 / 32768**2


def test_a_rooms_tail_decays_behind_its_direct_sound() -> None:
    for seed in range(8):
        response = module._room(np.random.default_rng(seed))
        direct, tail = float(response[0]), response[640:]
        assert 0.08 * 0.8 * 16_000 - 1 <= len(response) <= 0.6 * 0.8 * 16_000
        assert 10 ** (-3 / 20) <= direct <= 10 ** (15 / 20)
        assert np.abs(tail[: len(tail) // 4]).mean() > 4 * np.abs(tail[-len(tail) // 4 :]).mean()


def test_a_room_is_direct_sound_then_echoes_and_a_tail_of_its_own_loudness() -> None:
    rooms = [module._room(np.random.default_rng(seed)) for seed in range(24)]

    assert all(not room[1:8].any() for room in rooms)
    assert all(np.sum(room[640:] ** 2) <= 1.0001 for room in rooms)
    # Half of the direct sound at most; a tail alone reaches no fifth of one so loud.
    echoes = [float(np.abs(room[8:640]).max() / room[0]) for room in rooms if room[0] > 2]
    assert 0.3 < max(echoes) < 0.7
    assert min(echoes) < 0.2


def test_telephony_leaves_255_levels_which_are_finer_for_quiet_sound() -> None:
    heard = module._companded(wave(), np.random.default_rng(1))
    levels = np.unique(heard)

    assert 50 < len(levels) <= 255
    assert np.abs(heard).max() <= 1
    assert np.corrcoef(heard, wave())[0, 1] > 0.999
    assert np.diff(levels).min() < 0.1 * np.diff(levels).max()


@pytest.mark.parametrize("peak", [0.01, 0.9])
def test_telephony_hears_quiet_and_loud_sound_at_levels_of_its_own(peak: float) -> None:
    before = wave() * np.float32(peak / np.abs(wave()).max())
    peaks = [float(np.abs(module._companded(before, np.random.default_rng(seed))).max()) for seed in range(24)]

    assert 0.09 < min(peaks) < 0.2
    assert 0.7 < max(peaks) <= 1
