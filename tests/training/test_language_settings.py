"""The configuration of the language stage's training."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.training.language_settings import read_language_settings
from streamer.training.punctuation_settings import PunctuationLessons
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


def test_the_share_of_meetings_rises_late_and_steadily() -> None:
    lessons = PunctuationLessons(meetings_first=0.25, meetings_last=0.75, meetings_rise=0.5)

    assert [lessons.meetings(progress) for progress in (0.0, 0.5, 0.625, 0.75, 1.0)] == [0.25, 0.25, 0.375, 0.5, 0.75]


def test_a_share_above_one_is_refused(tmp_path: Path) -> None:
    text = f"{CONFIG}\n[punctuation_lessons]\nunknown_share = 1.5\n"
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")

    with pytest.raises(SettingsError, match=r"unknown_share = 1.5: expected a share from 0 to 1"):
        read_language_settings(tmp_path / "c.toml")


def test_a_teacher_is_there_if_it_is_configured(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_text(CONFIG, encoding="utf-8")
    (tmp_path / "d.toml").write_text(f"{CONFIG}\n[punctuation_teacher]\nwidth = 64\n", encoding="utf-8")
    taught = read_language_settings(tmp_path / "d.toml").punctuation_teacher

    assert read_language_settings(tmp_path / "c.toml").punctuation_teacher is None
    assert taught is not None
    assert taught.width == 64


def test_the_weights_to_start_with_are_relative_to_the_file(tmp_path: Path) -> None:
    text = CONFIG.replace("[training]", '[training]\nstart = "old.pt"')
    (tmp_path / "c.toml").write_text(text, encoding="utf-8")
    settings = read_language_settings(tmp_path / "c.toml")

    assert settings.training.start == tmp_path / "old.pt"
    assert settings.sentence_training.start is None
