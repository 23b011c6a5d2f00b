from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.asr.fbank import fbank
from streamer.asr.growing import GrowingHearing
from streamer.asr.hearings import later, mean_hearing
from streamer.asr.models import LoadedModels
from tests.tonepack import hiss, tone

BLANK = 5
SOUND = np.concatenate([hiss(0.3), tone(0, 0.2), hiss(1.2), tone(3, 0.2), hiss(0.8)])


def features(seconds: float) -> npt.NDArray[np.float32]:
    return fbank(SOUND[: round(seconds * 16_000)])


def log_probs(models: LoadedModels, heard: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    found = models.hear(heard).log_probs
    assert found is not None
    return found


def test_the_first_hearing_is_that_of_the_sound_as_it_lies(models: LoadedModels) -> None:
    growing = GrowingHearing(models, 3)

    np.testing.assert_array_equal(growing.hear(features(1.8)).log_probs, log_probs(models, features(1.8)))
    assert growing.late_samples == 0


def test_the_second_hears_later_sound_and_takes_what_both_heard_from_both(models: LoadedModels) -> None:
    growing = GrowingHearing(models, 3)
    growing.hear(features(1.8))

    found = growing.hear(features(2.2)).log_probs

    before, now = log_probs(models, features(1.8)), log_probs(models, later(features(2.2), 3))
    np.testing.assert_array_equal(found, mean_hearing(now, before, BLANK, until=len(before) - 16))
    assert growing.late_samples == 480


def test_the_third_is_of_the_sound_as_it_lies_and_takes_from_the_second_alone(models: LoadedModels) -> None:
    growing = GrowingHearing(models, 3)
    growing.hear(features(1.8))
    growing.hear(features(2.2))

    found = growing.hear(features(2.6)).log_probs

    before, now = log_probs(models, later(features(2.2), 3)), log_probs(models, features(2.6))
    np.testing.assert_array_equal(found, mean_hearing(now, before, BLANK, until=len(before) - 16))
    assert growing.late_samples == 0


def test_in_the_beginning_each_hearing_is_of_the_sound_as_it_lies_and_stands_alone(models: LoadedModels) -> None:
    growing = GrowingHearing(models, 3)

    for seconds in (0.9, 1.2, 1.58):
        found = growing.hear(features(seconds)).log_probs

        np.testing.assert_array_equal(found, log_probs(models, features(seconds)))
        assert growing.late_samples == 0


def test_the_first_long_hearing_takes_from_the_last_short_one(models: LoadedModels) -> None:
    growing = GrowingHearing(models, 3)
    growing.hear(features(1.2))
    growing.hear(features(1.5))

    found = growing.hear(features(1.8)).log_probs

    before, now = log_probs(models, features(1.5)), log_probs(models, later(features(1.8), 3))
    np.testing.assert_array_equal(found, mean_hearing(now, before, BLANK, until=len(before) - 16))


def test_of_a_very_short_hearing_nothing_is_taken(models: LoadedModels) -> None:
    growing = GrowingHearing(models, 3)
    growing.hear(features(0.4))  # 10 steps

    found = growing.hear(features(1.8)).log_probs

    np.testing.assert_array_equal(found, log_probs(models, later(features(1.8), 3)))


def test_hearings_stand_alone_where_one_is_enough(models: LoadedModels) -> None:
    growing = GrowingHearing(models, 0)
    growing.hear(features(1.8))

    np.testing.assert_array_equal(growing.hear(features(2.2)).log_probs, log_probs(models, features(2.2)))
    assert growing.late_samples == 0
