"""Simulated and measured confusions of syllables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.errors import SettingsError
from streamer.training.confusions import read_confusions, simulated_confusions

TOKENS = ("shi4", "si4", "shi2", "ma1", "E", "yi4")


def test_rows_are_distributions_without_the_syllable_itself() -> None:
    probabilities = simulated_confusions(TOKENS).probabilities

    np.testing.assert_allclose(probabilities.sum(axis=1), 1.0, rtol=1e-5)
    assert np.diag(probabilities).tolist() == [0.0] * len(TOKENS)


def test_syllables_that_sound_alike_are_confused_more() -> None:
    row = simulated_confusions(TOKENS).probabilities[0]

    assert row[1] > 10 * row[3]
    assert row[2] > 10 * row[3]


def test_a_letter_is_heard_as_the_syllable_it_sounds_like() -> None:
    assert simulated_confusions(TOKENS).probabilities[4].argmax() == 5


def test_corruption_leaves_padding_and_hits_the_wanted_share() -> None:
    ids = np.zeros((40, 50), np.int64)
    ids[:, 40:] = -1
    corrupted = simulated_confusions(TOKENS).corrupt(ids, 0.25, np.random.default_rng(3))

    assert (corrupted[:, 40:] == -1).all()
    assert 0.2 < (corrupted[:, :40] != 0).mean() < 0.3


def test_measured_confusions_outweigh_the_simulated_ones(tmp_path: Path) -> None:
    path = tmp_path / "confusions.tsv"
    path.write_text("shi4\tma1\t1000\nshi4\tshi4\t5000\n", encoding="utf-8")
    row = read_confusions(path, TOKENS).probabilities[0]

    assert row[3] == pytest.approx(1000 / 1020, abs=0.02)


def test_a_malformed_line_is_named(tmp_path: Path) -> None:
    path = tmp_path / "confusions.tsv"
    path.write_text("shi4\tma1\t3\nshi4\txxx\t3\n", encoding="utf-8")

    with pytest.raises(SettingsError, match="line 2"):
        read_confusions(path, TOKENS)
