from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from streamer.audio.demo import DEMO_SOUND
from streamer.cli import app
from streamer.errors import SettingsError
from streamer.settings import Settings
from tests.commands.transcribing import run, speak
from tests.sounds import noise, write
from tests.tonepack import write_tone_pack


@pytest.mark.usefixtures("opened")
def test_text_goes_to_standard_output(tmp_path: Path) -> None:
    outcome = run(speak(tmp_path / "a.wav", 1, 2, 1))

    assert outcome.exit_code == 0
    assert outcome.stdout == "[0:00:00.0] 一丁丂七丄\n[0:00:02.7] 丏丐丑丒专\n"
    assert outcome.stderr == ""


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(
    ("kind", "beginning"), [("srt", "1\n00:00:00,000 --> "), ("vtt", "WEBVTT\n\n"), ("json", '{"file": "a.wav"')]
)
def test_the_format_can_be_chosen(tmp_path: Path, kind: str, beginning: str) -> None:
    assert run(speak(tmp_path / "a.wav", 1), "--format", kind).stdout.startswith(beginning)


@pytest.mark.usefixtures("opened")
def test_the_format_follows_the_name_of_the_output(tmp_path: Path) -> None:
    run(speak(tmp_path / "a.wav", 1), "--out", tmp_path / "b.vtt")

    assert (tmp_path / "b.vtt").read_text(encoding="utf-8").startswith("WEBVTT\n\n")


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize("name", ["b.docx", "b.PDF", "b.md"])
def test_an_ending_that_is_no_format_is_refused_with_those_that_are(tmp_path: Path, name: str) -> None:
    expected = (
        rf"--out .*{name}: transcripts are txt, srt, vtt, json; take one of these endings, or name the --format; or "
        "make a meeting of it, .*`streamer run --source FILE --fast`, then `streamer meetings export last --to docx`"
    )
    with pytest.raises(SettingsError, match=expected):
        run(speak(tmp_path / "a.wav", 1), "--out", tmp_path / name)

    assert not (tmp_path / name).exists()


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(("name", "options"), [("text", ()), ("b.docx", ("--format", "txt"))])
def test_any_name_can_be_given_to_a_format_that_is_named(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    run(speak(tmp_path / "a.wav", 1), "--out", tmp_path / name, *options)

    assert (tmp_path / name).read_text(encoding="utf-8") == "[0:00:00.0] 一丁丂七丄\n"


@pytest.mark.usefixtures("opened")
@pytest.mark.parametrize(("name", "exists"), [("out.txt", False), ("out.docx", False), ("out", True)])
def test_several_files_cannot_go_into_one(tmp_path: Path, name: str, exists: bool) -> None:
    sounds = speak(tmp_path / "a.wav", 1), speak(tmp_path / "b.wav", 1)
    if exists:
        (tmp_path / name).touch()
    with pytest.raises(SettingsError, match=rf"--out .*{name}: 2 sounds need a folder, a text file for each"):
        run(*sounds, "--out", tmp_path / name)

    assert not (tmp_path / name).is_dir()


@pytest.mark.usefixtures("opened")
def test_a_folder_may_have_a_dot_in_its_name(tmp_path: Path) -> None:
    run(speak(tmp_path / "a.wav", 1), speak(tmp_path / "b.wav", 1), "--out", tmp_path / "2026.11")

    assert sorted(path.name for path in (tmp_path / "2026.11").iterdir()) == ["a.txt", "b.txt"]


@pytest.mark.usefixtures("opened")
def test_json_lines_carry_times_tokens_and_confidence(tmp_path: Path) -> None:
    line = json.loads(run(speak(tmp_path / "a.wav", 1), "--format", "json").stdout)

    assert (line["text"], line["start"], line["confidence"]) == ("一丁丂七丄", 0.0, None)
    assert line["tokens"][1] == {
        "text": "丁",
        "syllable": "s1",
        "start": 0.2,
        "end": 0.4,
        "score": -0.1,
        "confidence": None,
    }


@pytest.mark.usefixtures("opened")
def test_a_folder_is_written_into_a_folder(tmp_path: Path) -> None:
    speak(tmp_path / "in" / "a.wav", 1)
    speak(tmp_path / "in" / "b.wav", 1)

    outcome = run(tmp_path / "in", "--out", tmp_path / "out", "--format", "srt")

    assert outcome.exit_code == 0
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.srt", "b.srt"]
    assert outcome.stderr.startswith("files: 2, 4 s of sound, ")


@pytest.mark.usefixtures("opened")
def test_several_files_on_standard_output_are_told_apart(tmp_path: Path) -> None:
    speak(tmp_path / "a.wav", 1)
    speak(tmp_path / "b.wav", 1)

    assert run(tmp_path / "a.wav", tmp_path / "b.wav").stdout == (
        "== a.wav ==\n[0:00:00.0] 一丁丂七丄\n== b.wav ==\n[0:00:00.0] 一丁丂七丄\n"
    )


@pytest.mark.usefixtures("opened")
def test_the_totals_follow_the_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    speak(tmp_path / "in" / "a.wav", 1)
    (tmp_path / "in" / "b.wav").touch()
    (tmp_path / "said.tsv").write_text("a.wav\t一丁丂\n", encoding="utf-8")

    outcome = run(tmp_path / "in", "--reference", tmp_path / "said.tsv")

    assert "1 个文件的字错误率：66.67 %（替换 0，删除 0，插入 2；共 3 字）\n1 个文件，2 秒声音，" in outcome.stderr
    assert " 倍速\n2 个文件中有 1 个失败：\n" in outcome.stderr


def test_options_reach_the_settings(tmp_path: Path, opened: list[Settings]) -> None:
    (tmp_path / "my.toml").write_text('[recognizer]\npack = "other"\nthreads = 3\n[segmenter]\nvad_mode = 1\n')
    run(speak(tmp_path / "a.wav", 1), "--config", tmp_path / "my.toml", "--pack", "mine", "--threads", "2")

    assert (opened[0].recognizer.pack, opened[0].recognizer.threads, opened[0].segmenter.vad_mode) == ("mine", 2, 1)


def test_hotwords_of_the_command_line_take_the_place_of_those_of_the_configuration(
    tmp_path: Path, opened: list[Settings]
) -> None:
    (tmp_path / "my.toml").write_text('[hotwords]\nwords = ["重庆"]\nfile = "mine.txt"\n', encoding="utf-8")
    run(speak(tmp_path / "a.wav", 1), "--config", tmp_path / "my.toml", "--hotword", "张伟", "--hotword", "昇腾 2")
    run(tmp_path / "a.wav", "--config", tmp_path / "my.toml", "--hotword-file", "other.txt")

    assert [(each.hotwords.words, each.hotwords.file) for each in opened] == [
        (("张伟", "昇腾 2"), "mine.txt"),
        (("重庆",), "other.txt"),
    ]


@pytest.mark.usefixtures("opened")
def test_one_channel_can_be_chosen(tmp_path: Path) -> None:
    spoken, _ = speak(tmp_path / "a.wav", 1), None
    samples = np.frombuffer(spoken.read_bytes()[44:], "<i2").astype(np.float32) / 32768
    write(tmp_path / "b.wav", np.stack([noise(2.0), samples], axis=1))

    assert run(tmp_path / "b.wav", "--channel", "2").stdout == "[0:00:00.0] 一丁丂七丄\n"


def test_a_pack_that_is_not_there_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(
        app, ["transcribe", "--pack", str(tmp_path / "none"), str(speak(tmp_path / "a.wav", 1))]
    )

    assert getattr(outcome.exception, "exit_code", None) == 3


def test_subtitles_of_several_files_need_a_folder(tmp_path: Path) -> None:
    speak(tmp_path / "a.wav", 1)
    speak(tmp_path / "b.wav", 1)
    outcome = CliRunner().invoke(app, ["transcribe", str(tmp_path), "--format", "srt"])

    assert "give a folder with --out" in str(outcome.exception)


def test_the_demo_goes_through_a_real_pack(tmp_path: Path) -> None:
    pack = write_tone_pack(tmp_path / "tones")
    outcome = run(DEMO_SOUND, "--pack", pack, "--format", "json")

    lines = [json.loads(line) for line in outcome.stdout.splitlines()]
    assert outcome.exit_code == 0
    assert len(lines) > 5
    assert all(
        line["start"] <= token["start"] <= token["end"] <= line["end"] for line in lines for token in line["tokens"]
    )


def test_a_list_of_hotwords_that_is_not_utf8_is_an_error_before_anything_is_read(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_bytes("张伟\n".encode("gb18030"))

    with pytest.raises(SettingsError, match=r"words.txt, line 1: not UTF-8 \(save the list as UTF-8\)"):
        run(speak(tmp_path / "a.wav", 1), "--hotword-file", tmp_path / "words.txt")
