from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import AudioFileError, SettingsError


@pytest.mark.parametrize("minutes", ["abc", "", "-1", "nan", "1441"])
def test_silence_that_is_no_number_of_minutes_is_refused_with_what_is_expected(
    monkeypatch: pytest.MonkeyPatch, minutes: str
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    refused = CliRunner().invoke(app, ["run", "--source", "missing.wav", "--stop-after-silence", minutes])

    expected = "expected a number of minutes from 0 (the meeting goes on) to 1440"
    assert refused.exit_code == 2
    assert f"Invalid value for '--stop-after-silence': {minutes!r}; {expected}" in refused.output


@pytest.mark.parametrize(
    "began",
    ["abc", "", "2026-11-20", "14:30", "2026-02-30 14:30", "2999-01-01 00:00", "1979-12-30 23:00"],
)
def test_a_recording_is_dated_by_a_date_and_a_time_that_are_over(monkeypatch: pytest.MonkeyPatch, began: str) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    refused = CliRunner().invoke(app, ["run", "--source", "missing.wav", "--began", began])

    expected = "expected a date and a time that are over, as '2026-11-20 14:30'"
    assert refused.exit_code == 2
    assert f"Invalid value for '--began': {began!r}; {expected}" in refused.output


@pytest.mark.parametrize(
    "began", ["2026年11月20日 14:30", "2026年11月20日14:30", "2026/11/20 14:30", "２０２６／１１／２０ １４：３０"]
)
def test_the_date_of_a_recording_may_be_written_as_chinese_people_do(tmp_path: Path, began: str) -> None:
    missing = str(tmp_path / "missing.wav")
    with pytest.raises(AudioFileError, match="missing"):
        CliRunner().invoke(app, ["run", "--source", missing, "--began", began], catch_exceptions=False)


def test_an_option_behind_hotword_is_not_taken_for_the_word() -> None:
    with pytest.raises(SettingsError) as refused:
        CliRunner().invoke(app, ["run", "--source", "demo", "--hotword", "--fast"], catch_exceptions=False)

    assert str(refused.value) == "--hotword '--fast': the word is missing, and '--fast' is an option"
