from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from streamer.asr.dereverberation import REACH, Parts, dry_power, late_filters, parts_of
from streamer.asr.stft import short_time_spectra

Spectra = npt.NDArray[np.complex128]


def spoken(frames: int, seed: int = 0) -> Spectra:
    """Independent spectra ``(frames, 201)`` whose power jumps every five frames, within 30 dB."""
    random = np.random.default_rng(seed)
    levels = np.repeat(10 ** random.uniform(1, 2.5, (-(-frames // 5), 201)), 5, axis=0)[:frames]
    return levels * (random.standard_normal((frames, 201)) + 1j * random.standard_normal((frames, 201)))


def echoing(dry: Spectra, weights: dict[int, complex]) -> Spectra:
    """Each frame with earlier ones of the result mixed in, as many frames before as the key says."""
    wet = dry.copy()
    for frame in range(len(wet)):
        for delay, weight in weights.items():
            if frame >= delay:
                wet[frame] += weight * wet[frame - delay]
    return wet


def parts_with(spectra: Spectra) -> Parts:
    """Of spectra ``(frames, 201)`` that nothing comes before."""
    parts = np.zeros((201, 2, REACH + len(spectra)), np.float32)
    parts[:, 0, REACH:], parts[:, 1, REACH:] = spectra.real.T, spectra.imag.T
    return parts


def decibels(power: npt.NDArray[np.float64], of: Spectra) -> npt.NDArray[np.float64]:
    """By how much power differs from that of spectra, a median for each frequency."""
    found: npt.NDArray[np.float64] = np.median(np.abs(10 * np.log10(power / np.abs(of) ** 2)), axis=0)
    return found


@pytest.mark.parametrize("weights", [{2: 0.6}, {2: 0.3j, 5: -0.4}, {4: 0.5, 10: 0.3 - 0.2j}])
def test_what_earlier_frames_add_is_taken_away(weights: dict[int, complex]) -> None:
    dry = spoken(800)
    parts = parts_with(echoing(dry, weights))

    found = dry_power(parts, late_filters(parts))

    assert decibels(dry_power(parts, []), dry).mean() > 2.0
    assert decibels(found, dry).mean() < 1.2


def test_only_what_is_two_frames_before_and_earlier_predicts() -> None:
    wet = echoing(spoken(800), {1: 0.5})
    parts = parts_with(wet)

    # The neighbour's half is left, a quarter of which is predicted through the frame before it.
    assert decibels(dry_power(parts, late_filters(parts)), wet).mean() < 3.0


def test_dry_speech_stays() -> None:
    dry = spoken(800)
    parts = parts_with(dry)

    assert decibels(dry_power(parts, late_filters(parts)), dry).mean() < 0.7


@pytest.mark.parametrize(("frames", "taps"), [(9, set()), (10, {1}), (99, {9}), (150, {10, 15}), (300, {10, 20, 30})])
def test_short_sound_is_predicted_from_fewer_frames(frames: int, taps: set[int]) -> None:
    assert {each.taps for each in late_filters(parts_with(spoken(frames)))} == taps


def test_all_frequencies_are_filtered_once() -> None:
    filters = late_filters(parts_with(spoken(100)))

    assert [number for each in filters for number in range(201)[each.bins]] == list(range(201))


def test_filters_go_on_where_they_are_given_what_was_before() -> None:
    parts = parts_with(echoing(spoken(300), {3: 0.5}))
    filters = late_filters(parts)

    later = dry_power(parts[:, :, 200:], filters)

    np.testing.assert_allclose(later, dry_power(parts, filters)[200:], rtol=1e-4, atol=1.0)


def test_silence_stays_silence() -> None:
    parts = parts_with(np.zeros((200, 201), np.complex128))

    np.testing.assert_array_equal(dry_power(parts, late_filters(parts)), np.zeros((200, 201)))


def test_the_largest_samples_do_not_overflow() -> None:
    parts = parts_with(spoken(200) * 1e4)

    assert np.isfinite(dry_power(parts, late_filters(parts))).all()


@pytest.mark.parametrize(("first", "last"), [(0, 300), (0, 20), (10, 300), (200, 290)])
def test_parts_are_spectra_after_those_before_them(first: int, last: int) -> None:
    sound = np.random.default_rng(0).standard_normal(300 * 160 + 240)
    whole = np.concatenate([np.zeros((REACH, 201)), short_time_spectra(sound)]).astype(np.complex64)

    parts = parts_of(sound, first, last)

    np.testing.assert_array_equal(parts[:, 0] + 1j * parts[:, 1], whole[first : last + REACH].T)
