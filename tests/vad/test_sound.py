from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from streamer.types import SAMPLE_RATE
from streamer.vad.sound import SoundMeter, SoundStatistics, quantiles

SECOND = np.arange(SAMPLE_RATE) / SAMPLE_RATE


def pcm(sound: npt.NDArray[np.float64]) -> bytes:
    return (sound * 32767).astype("<i2").tobytes()


def voice(first_hertz: float, last_hertz: float) -> npt.NDArray[np.float64]:
    """A second of a pulse-like tone that glides from one pitch to another."""
    phase = 2 * np.pi * np.cumsum(np.linspace(first_hertz, last_hertz, SAMPLE_RATE)) / SAMPLE_RATE
    return np.asarray(sum(np.cos(overtone * phase) for overtone in range(1, 8))) / 10


def test_silence_has_nothing() -> None:
    assert SoundMeter().measure(bytes(3200)) == SoundStatistics()


def test_too_short_a_sound_has_nothing() -> None:
    assert SoundMeter().measure(pcm(voice(200, 200))[:1278]) == SoundStatistics()


def test_level_is_that_of_the_loudest_frames() -> None:
    sound = np.concatenate([np.zeros(SAMPLE_RATE), 0.5 * np.sin(2 * np.pi * 500 * SECOND)])

    assert SoundMeter().measure(pcm(sound)).level_dbfs == pytest.approx(20 * np.log10(0.5 / np.sqrt(2)), abs=0.01)


def test_offset_is_no_level() -> None:
    assert SoundMeter().measure(pcm(np.full(SAMPLE_RATE, 0.25))) == SoundStatistics()


def test_range_lies_between_soft_and_loud_frames() -> None:
    tone = np.sin(2 * np.pi * 500 * SECOND)

    assert SoundMeter().measure(pcm(np.concatenate([0.5 * tone, 0.05 * tone]))).level_range_db == pytest.approx(
        20, abs=0.1
    )


def test_gliding_voice_is_voiced_and_not_steady() -> None:
    found = SoundMeter().measure(pcm(voice(150, 250)))

    assert found.voiced_run == 49
    assert found.pitch_steps == 48
    assert found.steady_share == 0.0


def test_offset_is_no_pitch_and_hides_none() -> None:
    glide = voice(150, 250)
    found, offset = SoundMeter().measure(pcm(0.1 * glide)), SoundMeter().measure(pcm(0.1 * glide + 0.5))

    assert (offset.voiced_run, offset.pitch_steps, offset.steady_share) == (49, 48, 0.0)
    assert offset.level_dbfs == pytest.approx(found.level_dbfs, abs=0.01)


def test_held_tone_is_steady() -> None:
    assert SoundMeter().measure(pcm(voice(220, 220))).steady_share == 1.0


def test_noise_has_no_voice() -> None:
    noise = 0.1 * np.random.default_rng(1).standard_normal(5 * SAMPLE_RATE)

    assert SoundMeter().measure(pcm(noise)).voiced_run == 0


def test_a_voice_softer_than_noise_counts_where_no_louder_one_is_enough() -> None:
    noise = np.random.default_rng(1).standard_normal(SAMPLE_RATE)
    loud, soft = voice(150, 250), voice(120, 180) / 5
    sounds = [pcm(np.concatenate(parts)) for parts in ((0.3 * noise, soft), (loud[:3200], 0.3 * noise, soft))]

    assert [SoundMeter().measure(sound).voiced_run for sound in sounds] == [49, 49]
    assert [SoundMeter(5).measure(sound).voiced_run for sound in sounds] == [49, 10]


def test_growing_sound_gives_what_the_whole_gives() -> None:
    rng = np.random.default_rng(2)
    whole = pcm(np.concatenate([voice(120, 180), 0.05 * rng.standard_normal(SAMPLE_RATE), voice(300, 200)]))
    meter = SoundMeter()
    grown = [meter.measure(whole[:size]) for size in range(640, len(whole) + 1, 6400)]

    assert grown[-1] == SoundMeter().measure(whole[: range(640, len(whole) + 1, 6400)[-1]])
    assert meter.measure(whole) == SoundMeter().measure(whole)


def test_another_sound_is_measured_afresh() -> None:
    meter = SoundMeter()
    meter.measure(pcm(voice(120, 180)))

    assert meter.measure(pcm(voice(300, 200))) == SoundMeter().measure(pcm(voice(300, 200)))


@given(
    arrays.arrays(np.float64, st.integers(1, 40), elements=st.floats(-100.0, 0.0)),
    st.lists(st.floats(0.0, 1.0), min_size=1, max_size=4),
)
def test_quantiles_are_those_of_numpy(values: npt.NDArray[np.float64], shares: list[float]) -> None:
    assert quantiles(values, *shares) == tuple(np.quantile(values, shares).tolist())
