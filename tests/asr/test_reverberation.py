from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from streamer.asr.fbank import FeatureRecipe, frame_count, padded_samples
from streamer.asr.reverberation import PROBED, dryness
from streamer.asr.stft import spectra_between
from tests.asr.echoing import chatter, in_room, steps


def probe(sound: npt.NDArray[np.float64]) -> npt.NDArray[np.complex64]:
    return spectra_between(padded_samples(steps(sound), FeatureRecipe()), 0, frame_count(len(sound)))[:, PROBED].astype(
        np.complex64
    )


@pytest.mark.parametrize("seconds", [1.0, 3.0, 10.0])
def test_what_changes_by_chance_is_not_predicted(seconds: float) -> None:
    assert dryness(probe(chatter(seconds))) == pytest.approx(1.0, abs=0.06)


@pytest.mark.parametrize("room", [0.3, 0.6, 1.0])
@pytest.mark.parametrize("seconds", [1.5, 8.0])
def test_a_room_is_heard_from_small_to_large(room: float, seconds: float) -> None:
    assert dryness(probe(in_room(chatter(seconds), room))) < 0.84


def test_what_repeats_is_predicted() -> None:
    random = np.random.default_rng(0)
    once = random.standard_normal((20, 12)) + 1j * random.standard_normal((20, 12))

    # Each frame is the one ten before it; the first have none, and the matrix is loaded.
    assert dryness(np.tile(once[:10], (20, 1)).astype(np.complex64)) < 0.1


def test_level_does_not_count() -> None:
    sound = in_room(chatter(3.0), 0.5)

    assert dryness(probe(sound / 8)) == pytest.approx(dryness(probe(sound)), abs=0.01)


def test_silence_has_no_room() -> None:
    assert dryness(np.zeros((100, 12), np.complex64)) == pytest.approx(1 / (1 - 16 / 100))
