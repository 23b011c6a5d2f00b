"""How a recording is heard another time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from benchmarks.heard import drawn

SOUND = (3000 * np.sin(np.arange(16_000) / 7)).astype(np.int16)


def draw(number: int, seed: int = 3) -> npt.NDArray[np.int16]:
    return drawn(SOUND, number, np.random.default_rng(seed))


def power(sound: npt.NDArray[np.int16]) -> float:
    return float(np.mean(sound.astype(float) ** 2))


def test_the_first_drawing_is_the_recording() -> None:
    assert draw(0) is SOUND


def test_a_drawing_begins_sooner_and_goes_on_as_it_was() -> None:
    sooner = len(draw(1)) - len(SOUND)

    assert 0 < sooner < 640
    assert (draw(1)[sooner:] == SOUND).all()
    assert (draw(1)[:sooner] == SOUND[:sooner][::-1]).all()


def test_of_three_drawings_one_is_soft_and_one_noisy() -> None:
    assert abs(10 * np.log10(power(draw(2)) / 32768**2) + 45) < 0.01
    noise = draw(3).astype(float) - draw(4)
    assert abs(10 * np.log10(power(draw(4)) / np.mean(noise**2)) - 10) < 0.2
