from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import AudioDeviceError, MissingDependencyError

ROOT = Path(__file__).parents[2]
FAKE = ROOT / "tests" / "audio" / "fake_portaudio"


@pytest.fixture(autouse=True)
def fake(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("PYTHONPATH", f"{FAKE}{os.pathsep}{ROOT}")
    monkeypatch.setenv("FAKE_MICROPHONE", "many")
    return monkeypatch


def printed(*arguments: str) -> str:
    outcome = CliRunner().invoke(app, ["devices", *arguments], catch_exceptions=False)
    assert outcome.exit_code == 0
    return outcome.stdout


def test_inputs_stand_in_a_table_with_the_default_marked() -> None:
    lines = printed().splitlines()

    assert any("*" in line and "Webcam" in line and "16000" in line for line in lines)
    assert any("*" not in line and "USB Mic B" in line for line in lines)


def test_headings_follow_the_locale(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("LC_ALL", "zh_CN.UTF-8")
    lines = printed().splitlines()

    assert [cell.strip() for cell in lines[1].strip("┃").split("┃")] == ["", "序号", "名称", "系统", "声道", "Hz"]
    assert lines[-1] == "* 为默认输入"


@pytest.mark.parametrize(("columns", "headings"), [(40, "index name system"), (30, "index name"), (24, "index name")])
def test_names_are_whole_in_a_narrow_terminal_where_other_columns_are_left_out(
    fake: pytest.MonkeyPatch, columns: int, headings: str
) -> None:
    fake.setenv("FAKE_MICROPHONE", "unplugged")
    fake.setenv("COLUMNS", str(columns))
    lines = printed().splitlines()

    assert lines[1].replace("┃", " ").split() == headings.split()
    assert any("│ 0     │ Webcam" in line for line in lines)
    assert not any("…" in line for line in lines)


def test_a_name_longer_than_a_narrow_terminal_is_broken_not_cut(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "latency")
    fake.setenv("PULSE_LATENCY_MSEC", "alsa_input.usb-Jabra_SPEAK_510")
    fake.setenv("COLUMNS", "40")
    cells = [line.split("│")[3].strip() for line in printed().splitlines() if line.startswith("│")]

    assert "".join(cells) == "alsa_input.usb-Jabra_SPEAK_510"


def test_how_to_choose_a_source_of_the_sound_server_is_said_where_it_is_an_input(fake: pytest.MonkeyPatch) -> None:
    assert "PULSE_SOURCE" not in printed()

    fake.setenv("FAKE_MICROPHONE", "server")

    assert printed().splitlines()[-1] == (
        "pulse is the sound server's default source: `pactl list short sources` lists all of them, and "
        "`PULSE_SOURCE=NAME streamer run` listens to that one"
    )


def test_inputs_as_json() -> None:
    assert json.loads(printed("--json"))[0] == {
        "index": 0,
        "name": "Webcam",
        "host_api": "ALSA",
        "channels": 1,
        "rate": 16_000,
        "is_default": True,
    }


def test_no_input_says_what_to_do_and_exits_with_2(fake: pytest.MonkeyPatch, open_euler: None) -> None:
    fake.setenv("FAKE_MICROPHONE", "no inputs")
    outcome = CliRunner().invoke(app, ["devices"])

    assert isinstance(outcome.exception, AudioDeviceError)
    assert "(dnf install alsa-plugins-pulseaudio, or pipewire-alsa)" in str(outcome.exception)
    assert outcome.exception.exit_code == 2


def test_no_input_as_json_is_an_empty_list(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "no inputs")
    outcome = CliRunner().invoke(app, ["devices", "--json"])

    assert json.loads(outcome.stdout) == []


def test_without_portaudio_it_says_what_to_install_and_exits_with_2(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "no library")
    outcome = CliRunner().invoke(app, ["devices"])

    assert isinstance(outcome.exception, MissingDependencyError)
    assert "the microphone needs PortAudio" in str(outcome.exception)
    assert outcome.exception.exit_code == 2
