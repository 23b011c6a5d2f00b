from __future__ import annotations

import numpy as np
import pytest

from benchmarks.impulses import MICROPHONES, ROOMS, Room, in_room, response, through, with_noise


def decay_seconds(found: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    """Reverberation time from where the energy still to come (Schroeder's integral) falls from −5 to −25 dB."""
    left = 10 * np.log10(np.cumsum(np.square(found)[::-1])[::-1] / np.square(found).sum())
    first, last = (int(np.flatnonzero(left < level)[0]) for level in (-5, -25))
    return 3 * (last - first) / 16_000


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_decays_as_it_says(room: Room) -> None:
    assert decay_seconds(response(room)) == pytest.approx(room.seconds, rel=0.02)


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_direct_sound_comes_first_and_is_the_loudest_single_one(room: Room) -> None:
    assert int(np.abs(response(room)).argmax()) in range(7, 11)


def test_a_room_keeps_length_and_loudness() -> None:
    sound = np.random.default_rng(0).standard_normal(8000)

    heard = in_room(ROOMS[0])(sound)

    assert len(heard) == 8000
    assert np.square(heard).mean() == pytest.approx(np.square(sound).mean())


@pytest.mark.parametrize(
    ("name", "hertz", "decibels"),
    [
        ("dull, −6 dB an octave", 1000, -6),
        ("sharp, +6 dB an octave", 4000, 12),
        ("resonant, +12 dB at 2.5 kHz", 2500, 12),
        ("telephone, 300 to 3,400 Hz", 150, -24),
    ],
)
def test_a_microphone_amplifies_as_its_name_says(name: str, hertz: float, decibels: float) -> None:
    assert MICROPHONES[name](np.array([hertz])) == pytest.approx(decibels, abs=0.1)


def test_sound_through_a_microphone_is_as_loud_as_before() -> None:
    sound = np.random.default_rng(0).standard_normal(8000)

    heard = through(MICROPHONES["muffled, −12 dB an octave"])(sound)

    assert np.square(heard).mean() == pytest.approx(np.square(sound).mean())
    assert np.square(np.diff(heard)).mean() < 0.3 * np.square(np.diff(sound)).mean()


def test_noise_lies_so_far_below_the_sound() -> None:
    sound = np.random.default_rng(0).standard_normal(16_000)

    noise = with_noise(sound, 20.0, np.random.default_rng(1)) - sound

    assert np.square(noise).mean() == pytest.approx(0.01 * np.square(sound).mean())
