import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.vad.levels import SILENCE_DBFS, level_dbfs, voice_levels

SECONDS = np.arange(320) / 16_000


def _voice(pcm: bytes) -> float:
    (level,) = voice_levels(pcm)
    return level


def tone(hertz: float, amplitude: float = 8192.0) -> bytes:
    return np.round(amplitude * np.sin(2 * np.pi * hertz * SECONDS)).astype("<i2").tobytes()


@pytest.mark.parametrize("hertz", [200.0, 1000.0, 3700.0, 7000.0])
def test_a_tone_a_voice_may_have_keeps_its_level(hertz: float) -> None:
    assert _voice(tone(hertz)) == pytest.approx(20 * np.log10(0.25 / np.sqrt(2)), abs=0.1)
    assert level_dbfs(tone(hertz)) == pytest.approx(20 * np.log10(0.25 / np.sqrt(2)), abs=0.1)


def test_samples_of_alternating_sign_keep_their_level() -> None:
    assert _voice(np.tile(np.array([8192, -8192], "<i2"), 160).tobytes()) == pytest.approx(-12.04, abs=0.01)


def test_a_thump_below_voices_is_nearly_nothing() -> None:
    assert _voice(tone(25.0)) < level_dbfs(tone(25.0)) - 25


def test_a_constant_offset_is_no_sound() -> None:
    assert _voice(np.full(320, 1000, "<i2").tobytes()) < -90


def test_silence_has_the_lowest_level() -> None:
    assert _voice(bytes(640)) == level_dbfs(bytes(640)) == level_dbfs(b"") == SILENCE_DBFS


@given(st.integers(1, 120), st.integers(1, 30_000), st.integers(0, 2**32 - 1))
def test_a_frame_has_its_level_whatever_comes_with_it(frames: int, amplitude: int, seed: int) -> None:
    sound = np.random.default_rng(seed).integers(-amplitude, amplitude + 1, frames * 320).astype("<i2").tobytes()

    assert voice_levels(sound) == [_voice(sound[start : start + 640]) for start in range(0, len(sound), 640)]
