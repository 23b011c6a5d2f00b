from __future__ import annotations

import numpy as np
import pytest

from benchmarks.tempo import at_tempo


def tone(hertz: float, seconds: float) -> np.ndarray:
    return (8000 * np.sin(2 * np.pi * hertz * np.arange(round(16_000 * seconds)) / 16_000)).astype(np.int16)


@pytest.mark.parametrize("tempo", [0.8, 1.3, 1.6])
def test_shorter_by_the_tempo_at_the_same_pitch(tempo: float) -> None:
    fast = at_tempo(tone(440, 2.0), tempo)

    spectrum = np.abs(np.fft.rfft(fast[2000:18_000]))
    assert len(fast) == pytest.approx(32_000 / tempo, abs=320)
    assert int(spectrum.argmax()) == 440
    assert fast[2000:-2000].std() == pytest.approx(8000 / np.sqrt(2), rel=0.05)


def test_tempo_one_is_the_sound_itself() -> None:
    sound = tone(440, 0.5)

    np.testing.assert_array_equal(at_tempo(sound, 1.0), sound)


def test_events_keep_their_order_and_place() -> None:
    sound = np.concatenate([tone(300, 0.5), np.zeros(8000, np.int16), tone(900, 0.5)])

    fast = at_tempo(sound, 1.6)

    assert np.abs(fast[5500:9500]).max() < 100
    assert int(np.abs(np.fft.rfft(fast[1000:4000], 16_000)).argmax()) == pytest.approx(300, abs=3)
    assert int(np.abs(np.fft.rfft(fast[11_000:14_000], 16_000)).argmax()) == pytest.approx(900, abs=3)
