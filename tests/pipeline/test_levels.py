import numpy as np
import pytest

from streamer.pipeline.levels import LevelWatch, Trouble
from streamer.settings.pipeline import PipelineSettings


def square(amplitude: int) -> bytes:
    """A frame of constant magnitude: its level is the amplitude's."""
    return np.tile(np.array([amplitude, -amplitude], "<i2"), 160).tobytes()


def watch(*stretches: tuple[int, float], is_speech: bool = True) -> LevelWatch:
    """Hear stretches of (amplitude, seconds)."""
    levels = LevelWatch(PipelineSettings())
    for amplitude, seconds in stretches:
        for _ in range(round(seconds * 50)):
            levels.hear(square(amplitude), is_speech=is_speech)
    return levels


def test_peak_is_the_level_of_the_loudest_frame_since_it_was_asked() -> None:
    levels = watch((3277, 0.1), (33, 0.1))

    assert levels.take_peak() == pytest.approx(-20, abs=0.01)
    levels.hear(square(33), is_speech=False)
    assert levels.take_peak() == pytest.approx(-60, abs=0.2)


def test_silence_has_the_lowest_level() -> None:
    assert watch((0, 0.1)).take_peak() == -120.0


def test_exact_zeros_for_three_seconds_are_a_muted_microphone() -> None:
    assert watch((0, 2.98)).troubles() == frozenset()
    assert watch((0, 3.0)).troubles() == {Trouble.MUTED}


def test_one_sample_of_sound_ends_muting() -> None:
    assert watch((0, 5), (1, 0.02), is_speech=False).troubles() == frozenset()


def test_full_scale_is_clipping_and_is_forgotten_after_five_seconds() -> None:
    assert watch((32767, 0.1)).troubles() == {Trouble.CLIPPING}
    assert watch((32767, 0.1), (3000, 4.9)).troubles() == {Trouble.CLIPPING}
    assert watch((32767, 0.1), (3000, 5.1)).troubles() == frozenset()


def test_a_single_loud_sample_is_not_clipping() -> None:
    levels = LevelWatch(PipelineSettings())
    levels.hear(square(3000)[:-2] + b"\xff\x7f", is_speech=True)

    assert levels.troubles() == frozenset()


def test_soft_speech_is_too_quiet_once_its_window_is_full() -> None:
    assert watch((100, 3.9)).troubles() == frozenset()
    soft = watch((100, 4.0))
    assert soft.troubles() == {Trouble.QUIET}
    assert round(soft.speech_dbfs) == -50


def test_soft_sound_that_is_no_speech_is_no_trouble() -> None:
    assert watch((100, 20), is_speech=False).troubles() == frozenset()


def test_a_quiet_speaker_must_become_clearly_louder() -> None:
    assert watch((100, 4), (200, 4)).troubles() == {Trouble.QUIET}
    assert watch((100, 4), (300, 4)).troubles() == frozenset()
