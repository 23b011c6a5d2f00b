from __future__ import annotations

import numpy as np
import pytest
import soxr

from streamer.audio.resampler import MIX, Resampler
from streamer.errors import AudioError
from tests.sounds import loudest_hertz, noise, pcm, tone


def convert(samples: np.ndarray, rate: int, channel: int = MIX, piece: int = 1000) -> bytes:
    resampler = Resampler(rate, samples.shape[1], channel)
    pieces = [resampler.push(samples[start : start + piece]) for start in range(0, len(samples), piece)]
    return b"".join(pieces) + resampler.flush()


def test_16_bit_mono_at_16_khz_passes_unchanged() -> None:
    sound = pcm(noise(1.0, level=0.5))
    resampler = Resampler(16_000, 1)

    assert resampler.push_pcm(sound) + resampler.flush() == sound


def test_rounding_keeps_every_16_bit_value() -> None:
    values = np.arange(-32768, 32768, dtype="<i2")
    samples = (values.astype(np.float32) / np.float32(32768))[:, None]

    assert convert(samples, 16_000) == values.tobytes()


@pytest.mark.parametrize("rate", [4_000, 8_000, 11_025, 44_100, 48_000, 96_000, 192_000])
def test_pitch_and_length_stay(rate: int) -> None:
    sound = convert(tone(2.0, rate, hertz=440)[:, None], rate)

    assert len(sound) == 2 * 32_000
    assert loudest_hertz(sound) == pytest.approx(440, abs=1)


def test_pieces_give_what_the_whole_gives() -> None:
    samples = noise(1.0, 44_100)[:, None]
    whole = soxr.resample(samples[:, 0], 44_100, 16_000, quality="HQ")

    in_pieces = np.frombuffer(convert(samples, 44_100, piece=333), "<i2") / 32768

    assert len(in_pieces) == len(whole)
    assert np.abs(in_pieces - whole).max() < 2 / 32768


def test_channels_are_mixed_to_their_mean() -> None:
    samples = np.array([[0.5, -0.25], [0.25, 0.25]], dtype=np.float32)

    assert convert(samples, 16_000) == pcm(np.array([0.125, 0.25], dtype=np.float32))


def test_two_channels_of_16_bits_are_mixed_as_floats_are() -> None:
    random = np.random.default_rng(5)
    edges = np.array([-32768, -32767, -1, 0, 1, 2, 32767], "<i2")
    pairs = np.concatenate([random.integers(-32768, 32768, (5000, 2)), [[a, b] for a in edges for b in edges]])
    samples = pairs.astype("<i2")

    mixed = Resampler(16_000, 2).push_pcm(samples.tobytes())

    assert mixed == convert(samples.astype(np.float32) / np.float32(32768), 16_000)


def test_one_channel_can_be_chosen() -> None:
    samples = np.array([[0.5, -0.25], [0.25, 0.75]], dtype=np.float32)

    assert convert(samples, 16_000, channel=2) == pcm(np.array([-0.25, 0.75], dtype=np.float32))


def test_interleaved_pcm_is_taken_apart() -> None:
    interleaved = pcm(np.array([0.5, -0.25, 0.25, 0.75], dtype=np.float32))

    assert Resampler(16_000, 2, 1).push_pcm(interleaved) == pcm(np.array([0.5, 0.25], dtype=np.float32))


def test_too_loud_samples_are_clipped_not_wrapped() -> None:
    samples = np.array([[1.5], [-1.5], [1.0]], dtype=np.float32)

    assert np.frombuffer(convert(samples, 16_000), "<i2").tolist() == [32767, -32768, 32767]


@pytest.mark.parametrize("rate", [0, 1, 3_999, 768_001])
def test_a_rate_that_no_sound_has_is_refused(rate: int) -> None:
    with pytest.raises(AudioError, match=f"a sample rate of {rate} Hz; expected 4000 to 768000 Hz"):
        Resampler(rate, 1)


def test_a_channel_that_is_not_there_is_refused() -> None:
    with pytest.raises(AudioError, match="channel 3 was asked for, but there are 2"):
        Resampler(16_000, 2, channel=3)
