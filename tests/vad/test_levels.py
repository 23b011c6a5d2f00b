import numpy as np
import pytest

from streamer.vad.levels import SILENCE_DBFS, level_dbfs, voice_dbfs

SECONDS = np.arange(320) / 16_000


def tone(hertz: float, amplitude: float = 8192.0) -> bytes:
    return np.round(amplitude * np.sin(2 * np.pi * hertz * SECONDS)).astype("<i2").tobytes()


@pytest.mark.parametrize("hertz", [200.0, 1000.0, 3700.0, 7000.0])
def test_a_tone_a_voice_may_have_keeps_its_level(hertz: float) -> None:
    assert voice_dbfs(tone(hertz)) == pytest.approx(20 * np.log10(0.25 / np.sqrt(2)), abs=0.1)
    assert level_dbfs(tone(hertz)) == pytest.approx(20 * np.log10(0.25 / np.sqrt(2)), abs=0.1)


def test_samples_of_alternating_sign_keep_their_level() -> None:
    assert voice_dbfs(np.tile(np.array([8192, -8192], "<i2"), 160).tobytes()) == pytest.approx(-12.04, abs=0.01)


def test_a_thump_below_voices_is_nearly_nothing() -> None:
    assert voice_dbfs(tone(25.0)) < level_dbfs(tone(25.0)) - 25


def test_a_constant_offset_is_no_sound() -> None:
    assert voice_dbfs(np.full(320, 1000, "<i2").tobytes()) < -90


@pytest.mark.parametrize("pcm", [b"", bytes(640)])
def test_silence_has_the_lowest_level(pcm: bytes) -> None:
    assert voice_dbfs(pcm) == level_dbfs(pcm) == SILENCE_DBFS
