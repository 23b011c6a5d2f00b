from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest

from streamer.errors import SettingsError
from streamer.training.kokoro_voices import KokoroVoices

# Every number of a voice tells which one it is.
NAMES = ("am_a", "af_b", "zm_c", "zm_d", "zf_e", "zf_f")
VOICES = {name: np.full((510, 256), place, np.float32) for place, name in enumerate(NAMES)}


def draw(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - reproducible


def test_a_new_speaker_keeps_mandarin_melody_and_sex() -> None:
    men = [KokoroVoices(VOICES).speaker(draw(seed), male=True) for seed in range(20)]
    melodies = np.stack([voice[0, 128:] for voice in men])
    timbres = np.stack([voice[0, :128] for voice in men])
    assert melodies.min() >= 2 - 1e-5
    assert melodies.max() <= 3 + 1e-5
    assert timbres.min() < 2
    assert len({float(timbre[0]) for timbre in timbres}) == 20


def test_a_speaker_is_a_blend_of_shares_that_sum_to_one() -> None:
    same = KokoroVoices({name: np.ones((510, 256), np.float32) for name in VOICES})
    assert np.allclose(same.speaker(draw(1), male=False), 1.0)


def test_a_voice_lies_between_two_mandarin_ones_of_its_sex() -> None:
    women = np.stack([KokoroVoices(VOICES).voice(draw(seed), male=False)[0] for seed in range(20)])
    assert women.min() >= 4 - 1e-5
    assert women.max() <= 5 + 1e-5


def test_voices_are_read_by_name(tmp_path: Path) -> None:
    for name, voice in VOICES.items():
        voice.tofile(tmp_path / f"{name}.bin")
    np.full(10, np.nan, np.float32).tofile(tmp_path / "other.bin")
    read = KokoroVoices.read(tmp_path)
    assert np.array_equal(read.speaker(draw(3), male=True), KokoroVoices(VOICES).speaker(draw(3), male=True))


def test_a_folder_without_voices_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="none of Kokoro's voices"):
        KokoroVoices.read(tmp_path)
