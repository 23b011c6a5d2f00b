"""Rooms and microphones that recordings are heard through, made by calculation.

Rooms are boxes by the image method (J. B. Allen, D. A. Berkley: "Image method for efficiently simulating small-room
acoustics", Journal of the Acoustical Society of America 65(4), 1979), each image displaced by up to 5 cm, as in real
rooms nothing is exactly parallel. How much their walls reflect was chosen for the reverberation times.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from streamer.types import SAMPLE_RATE

Samples = npt.NDArray[np.float64]

_SOUND = 343.0
"""Metres a second."""
_DISPLACED = 0.05
_Point = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Room:
    """A box, and where in it somebody speaks and a microphone stands; metres."""

    name: str
    size: _Point
    mouth: _Point
    microphone: _Point
    reflected: float
    """Share of the pressure that walls, floor and ceiling give back."""
    seconds: float
    """Reverberation time: how long sound takes to decay by 60 dB."""


ROOMS = (
    Room("office, 1 m", (3.6, 2.9, 2.6), (1.2, 1.5, 1.3), (2.1, 1.7, 1.0), 0.82, 0.3),
    Room("meeting room, 2 m", (6.1, 4.3, 2.8), (1.3, 1.5, 1.3), (3.2, 2.3, 0.9), 0.866, 0.5),
    Room("meeting room, 3 m", (7.2, 5.4, 3.1), (1.3, 1.5, 1.3), (4.0, 2.9, 0.9), 0.891, 0.7),
    Room("hall, 4 m", (10.1, 7.7, 3.4), (2.3, 2.5, 1.4), (6.1, 4.1, 0.9), 0.897, 1.0),
)


@lru_cache(maxsize=8)
def response(room: Room) -> Samples:
    """What a room makes of one click, from just before its direct sound on, at 16 kHz."""
    length = round(room.seconds * SAMPLE_RATE)
    reach = [int(np.ceil(room.seconds * _SOUND / (2 * side))) + 1 for side in room.size]
    found, random = np.zeros(length + 1), np.random.default_rng(0)
    for corner in range(8):
        flips = [corner >> axis & 1 for axis in range(3)]
        turns = [np.arange(-far, far + 1) for far in reach]
        away = [
            (1 - 2 * flip) * mouth + 2 * turn * side - ear
            for flip, turn, mouth, side, ear in zip(flips, turns, room.mouth, room.size, room.microphone, strict=True)
        ]
        metres = np.sqrt(sum(np.square(each) for each in np.ix_(*away)))
        bounces = sum(np.abs(each) for each in np.ix_(*(2 * t - f for t, f in zip(turns, flips, strict=True))))
        loudness = room.reflected**bounces / np.maximum(metres, 0.1)
        metres = metres + np.where(bounces > 0, random.uniform(-_DISPLACED, _DISPLACED, metres.shape), 0.0)
        places = metres / _SOUND * SAMPLE_RATE
        heard = places < length
        whole = places[heard].astype(int)
        np.add.at(found, whole, loudness[heard] * (whole + 1 - places[heard]))
        np.add.at(found, whole + 1, loudness[heard] * (places[heard] - whole))
    direct = float(np.linalg.norm(np.subtract(room.mouth, room.microphone))) / _SOUND * SAMPLE_RATE
    # No microphone hears the sum of all reflections as pressure that stays.
    hertz = np.fft.rfftfreq(len(found), 1 / SAMPLE_RATE)
    steady: Samples = np.fft.irfft(np.fft.rfft(found) * hertz / np.hypot(hertz, 50.0), len(found))
    return steady[max(0, int(direct) - 8) :]


def in_room(room: Room) -> Callable[[Samples], Samples]:
    """Sound as a room carries it, as long and as loud as it was."""

    def heard(sound: Samples) -> Samples:
        size = len(sound) + len(response(room))
        found = np.fft.irfft(np.fft.rfft(sound, size) * np.fft.rfft(response(room), size), size)
        return _as_loud(found[: len(sound)], sound)

    return heard


def through(decibels: Callable[[Samples], Samples]) -> Callable[[Samples], Samples]:
    """Sound as a microphone hears it that amplifies each frequency, in Hz, by so many dB; as loud as it was."""

    def heard(sound: Samples) -> Samples:
        size = len(sound) + SAMPLE_RATE // 5
        hertz = np.maximum(np.fft.rfftfreq(size, 1 / SAMPLE_RATE), 20.0)
        found = np.fft.irfft(np.fft.rfft(sound, size) * 10 ** (decibels(hertz) / 20), size)
        return _as_loud(found[: len(sound)], sound)

    return heard


MICROPHONES: dict[str, Callable[[Samples], Samples]] = {
    "dull, −6 dB an octave": lambda hertz: -6 * np.log2(np.maximum(hertz / 500, 1)),
    "muffled, −12 dB an octave": lambda hertz: -12 * np.log2(np.maximum(hertz / 1000, 1)),
    "sharp, +6 dB an octave": lambda hertz: 6 * np.log2(np.maximum(hertz / 1000, 1)),
    "thin, nothing below 500 Hz": lambda hertz: -12 * np.log2(np.maximum(500 / hertz, 1)),
    "telephone, 300 to 3,400 Hz": lambda hertz: (
        -24 * np.log2(np.maximum(300 / hertz, 1)) - 24 * np.log2(np.maximum(hertz / 3400, 1))
    ),
    "resonant, +12 dB at 2.5 kHz": lambda hertz: 12 * np.exp(-2 * np.square(np.log2(hertz / 2500))),
    "hollow, −15 dB at 1.5 kHz": lambda hertz: -15 * np.exp(-2 * np.square(np.log2(hertz / 1500))),
    "booming, +12 dB at 150 Hz": lambda hertz: 12 * np.exp(-0.5 * np.square(np.log2(hertz / 150))),
}
"""How microphones that are not what they should be amplify each frequency, in dB."""


def with_noise(sound: Samples, below_db: float, random: np.random.Generator) -> Samples:
    """The sound with noise of 3 dB less an octave, so far below it."""
    spectrum = np.fft.rfft(random.standard_normal(len(sound)))
    spectrum /= np.sqrt(np.maximum(np.fft.rfftfreq(len(sound), 1 / SAMPLE_RATE), 50.0))
    return sound + 10 ** (-below_db / 20) * _as_loud(np.fft.irfft(spectrum, len(sound)), sound)


def _as_loud(sound: Samples, other: Samples) -> Samples:
    gain = float(np.sqrt(np.square(other).mean() / max(1e-12, float(np.square(sound).mean()))))
    return sound * gain
