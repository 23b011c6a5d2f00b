"""The configuration of the language stage's training."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.training.language_settings import PunctuationTraining, read_language_settings
from tests.training.language_samples import CONFIG

SHIPPED = Path(__file__).parents[2] / "config" / "train-language.toml"


def test_paths_are_relative_to_the_file(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(CONFIG, encoding="utf-8")
    settings = read_language_settings(tmp_path / "c.toml")

    assert settings.corpora[0].path == tmp_path / "meetings.txt"
    assert settings.held_out == {"2", "3"}


def test_an_unknown_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(CONFIG.replace("warm_up", "warmup"), encoding="utf-8")

    with pytest.raises(SettingsError, match=r"\[training\]: unknown key 'warmup'"):
        read_language_settings(tmp_path / "c.toml")


def test_a_missing_key_is_named(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(CONFIG.replace("readings =", "# readings ="), encoding="utf-8")

    with pytest.raises(SettingsError, match="'readings' is missing"):
        read_language_settings(tmp_path / "c.toml")


def test_tuning_and_test_meetings_of_the_shipped_configuration_differ() -> None:
    settings = read_language_settings(SHIPPED)

    assert len(settings.held_out) == len(settings.tune_meetings) + len(settings.test_meetings) == 8


def test_the_punctuation_rate_rises_and_falls() -> None:
    training = PunctuationTraining(steps=100, warm_up=10)

    assert [round(training.factor(step), 3) for step in (0, 9, 55, 100)] == [0.1, 1.0, 0.5, 0.0]


def test_the_weights_to_start_with_are_relative_to_the_file(tmp_path: Path) -> None:
    text = CONFIG.replace("[training]", '[training]\nstart = "old.pt"')
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    settings = read_language_settings(tmp_path / "c.toml")

    assert settings.training.start == tmp_path / "old.pt"
    assert settings.sentence_training.start is None
