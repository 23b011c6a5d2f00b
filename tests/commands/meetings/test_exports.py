from __future__ import annotations

import os
import re
import sys
from datetime import UTC, datetime
from urllib.parse import quote

import docx
import pytest
import soundfile
from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import MissingDependencyError, SettingsError, SinkError, StoreError
from streamer.settings import load_settings
from streamer.system.installation import install_command
from tests.disks import small_disk
from tests.meeting.kept import folder_of, hold
from tests.meeting.material import STARTED, final, sound

pytestmark = pytest.mark.usefixtures("english")
ID = STARTED.meeting_id


def test_export_writes_every_format(meetings, tmp_path):
    out = tmp_path / "out"
    meetings("export", ID, "--to", "markdown,txt,srt,vtt,json,docx,wav,flac", "--out", str(out))

    stem = folder_of(tmp_path / "data").name
    assert {path.name for path in out.iterdir()} == {
        f"{stem}.{ending}" for ending in ("md", "txt", "srt", "vtt", "json", "docx", "wav", "flac")
    }
    assert "(../data/meetings/2026-11-20_" in (out / f"{stem}.md").read_text(encoding="utf-8")
    assert (out / "x" / f"../../data/meetings/{stem}/audio").resolve() == folder_of(tmp_path / "data") / "audio"
    for ending in ("wav", "flac"):
        pcm, rate = soundfile.read(out / f"{stem}.{ending}", dtype="int16")
        assert (rate, pcm.tobytes()) == (16_000, sound(0, 112_000))
    assert any("今年预算" in one.text for one in docx.Document(out / f"{stem}.docx").paragraphs)


def test_a_word_document_on_which_somebody_has_worked_is_left_as_it_is(meetings, tmp_path):
    for _ in range(2):  # over its own one it is exported
        meetings("export", ID, "--to", "docx", "--out", str(tmp_path))
    (path,) = tmp_path.glob("*.docx")
    document = docx.Document(path)
    document.paragraphs[-1].text = "预算已批准。"
    document.save(path)  # by a program that does not date it
    saved = datetime(2026, 11, 21, 1, 5, tzinfo=UTC).timestamp()
    os.utime(path, (saved, saved))

    failed = "was saved by somebody at 2026-11-21 01:05, and is left as it is: rename it, or name another folder"
    with pytest.raises(SinkError, match=failed):
        meetings("export", ID, "--to", "docx,srt", "--out", str(tmp_path))
    assert docx.Document(path).paragraphs[-1].text == "预算已批准。"
    assert list(tmp_path.glob("*.srt"))


@pytest.mark.parametrize("ending", ["md", "txt", "srt", "vtt", "json"])
def test_an_export_that_somebody_has_corrected_is_left_as_it_is(meetings, tmp_path, ending):
    for text in ("今年预算是30万。", "今年预算是40万。"):  # over its own one it is exported
        meetings("edit", ID, "2", text)
        meetings("export", ID, "--to", ending, "--out", str(tmp_path))
    (path,) = tmp_path.glob(f"*.{ending}")
    path.write_text(path.read_text(encoding="utf-8").replace("40", "四十"), encoding="utf-8")
    corrected = path.read_bytes()
    os.utime(path, (at := datetime(2026, 11, 21, 1, 5, 0, 1, UTC).timestamp(), at))
    meetings("edit", ID, "2", "今年预算是50万。")

    failed = f"{path} was saved by somebody at 2026-11-21 01:05, and is left as it is: rename it, or name"
    with pytest.raises(SinkError, match=re.escape(failed)):
        meetings("export", ID, "--to", f"{ending},wav", "--out", str(tmp_path))
    assert path.read_bytes() == corrected
    assert {one.suffix for one in tmp_path.iterdir() if one.is_file()} == {path.suffix, ".wav"}


@pytest.mark.parametrize("ending", ["wav", "flac"])
def test_an_exported_sound_that_somebody_has_cut_is_left_as_it_is(meetings, tmp_path, ending):
    meetings("export", ID, "--to", ending, "--out", str(tmp_path))
    (path,) = tmp_path.glob(f"*.{ending}")
    soundfile.write(path, soundfile.read(path, dtype="int16")[0][16_000:], 16_000)
    os.utime(path, (at := datetime(2026, 11, 21, 1, 5, 0, 1, UTC).timestamp(), at))
    cut = path.read_bytes()

    failed = f"{path} was saved by somebody at 2026-11-21 01:05, and is left as it is: rename it, or name"
    with pytest.raises(SinkError, match=re.escape(failed)):
        meetings("export", ID, "--to", f"{ending},txt", "--out", str(tmp_path))
    assert path.read_bytes() == cut
    assert {one.suffix for one in tmp_path.iterdir() if one.is_file()} == {path.suffix, ".txt"}


def test_nobody_else_can_read_an_export(meetings, tmp_path):
    before = os.umask(0)
    try:
        meetings("export", ID, "--to", "markdown,json,docx,wav,flac", "--out", str(tmp_path / "out"))
    finally:
        os.umask(before)

    modes = {path.suffix: oct(path.stat().st_mode & 0o777) for path in (tmp_path / "out").iterdir()}
    assert modes == dict.fromkeys((".md", ".json", ".docx", ".wav", ".flac"), "0o600")


@pytest.mark.parametrize("to", ["docx,srt", "wav,srt"])
def test_an_export_writes_what_it_can_and_names_the_rest(meetings, tmp_path, monkeypatch, to):
    monkeypatch.setitem(sys.modules, "docx", None)
    meetings("delete", ID, "--sound-only", "--yes")
    missing = {
        "docx,srt": (MissingDependencyError, f"DOCX files need python-docx: {install_command('docx')}"),
        "wav,srt": (StoreError, f"the sound of meeting {ID} is not kept"),
    }
    error, message = missing[to]

    with pytest.raises(error, match=f"^{re.escape(message)}$"):
        meetings("export", ID, "--to", to, "--out", str(tmp_path / "out"))

    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".srt"]


def test_an_export_names_everything_that_is_missing(meetings, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "docx", None)
    meetings("delete", ID, "--sound-only", "--yes")

    with pytest.raises(MissingDependencyError, match=r"\[docx\].*\nthe sound of meeting .* is not kept"):
        meetings("export", ID, "--to", "docx,wav", "--out", str(tmp_path / "out"))


def test_a_meeting_of_a_very_long_title_is_exported_to_every_format(tmp_path):
    """While they are written, files have longer names, which the file system must allow too."""
    hold(tmp_path / "data", title="x" * 300)
    formats = "markdown,txt,srt,vtt,json,docx,wav,flac"
    arguments = ["export", ID, "--to", formats, "--out", tmp_path / "out", "--data-dir", tmp_path / "data"]
    result = CliRunner().invoke(app, ["meetings", *map(str, arguments)])

    assert (result.exit_code, len(list((tmp_path / "out").iterdir()))) == (0, 8)


def test_folders_may_have_any_name(tmp_path):
    """Links are addresses, whose bytes are escaped."""
    data, out = (tmp_path / os.fsdecode(name.encode("gbk")) for name in ("会议", "导出"))
    hold(data)
    arguments = ["export", ID, "--to", "md,docx,wav,flac", "--out", str(out), "--data-dir", str(data)]
    result = CliRunner().invoke(app, ["meetings", *arguments])

    assert result.exit_code == 0
    stem = folder_of(data).name
    assert {path.name for path in out.iterdir()} == {f"{stem}.{ending}" for ending in ("md", "docx", "wav", "flac")}
    assert f"(../{quote('会议'.encode('gbk'))}/meetings/" in (out / f"{stem}.md").read_text(encoding="utf-8")


def test_a_full_disk_is_told_once_for_each_file_and_what_was_written_is_named(tmp_path, capfd):
    hold(tmp_path / "data")
    stem = folder_of(tmp_path / "data").name
    with small_disk(tmp_path / "disk", "32k") as disk:
        arguments = ["export", ID, "--to", "docx,wav,txt", "--out", disk, "--data-dir", tmp_path / "data"]
        result = CliRunner().invoke(app, ["meetings", *map(str, arguments)])
        left = [path.name for path in disk.iterdir()]

    assert result.stdout == f"Wrote {disk / stem}.txt\n"
    assert isinstance(result.exception, SinkError)
    told = [f"cannot write {disk / stem}.{ending}: No space left on device" for ending in ("docx", "wav")]
    assert str(result.exception).splitlines() == told
    assert left == [f"{stem}.txt"]
    assert "Traceback" not in capfd.readouterr().err


def test_a_folder_that_cannot_be_made_is_told_once(tmp_path):
    hold(tmp_path / "data")
    (tmp_path / "file").write_text("", encoding="utf-8")
    arguments = ["export", ID, "--to", "md,txt", "--out", tmp_path / "file", "--data-dir", tmp_path / "data"]
    result = CliRunner().invoke(app, ["meetings", *map(str, arguments)])

    assert str(result.exception) == f"cannot write to {tmp_path / 'file'}: File exists"


def test_markdown_may_be_called_md(meetings, tmp_path):
    meetings("export", ID, "--to", "md,markdown", "--out", str(tmp_path / "out"))

    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".md"]


@pytest.mark.parametrize("name", ["周会.srt", "clip.WAV", "minutes.md"])
def test_a_file_where_a_folder_is_expected_is_refused(meetings, tmp_path, name):
    with pytest.raises(SettingsError, match="expected a folder: files are named after the meeting"):
        meetings("export", ID, "--out", str(tmp_path / name))
    assert not (tmp_path / name).exists()


def test_a_folder_that_is_there_may_have_any_ending(meetings, tmp_path):
    (tmp_path / "all.srt").mkdir()
    meetings("export", ID, "--to", "srt", "--out", str(tmp_path / "all.srt"))

    assert len(list((tmp_path / "all.srt").iterdir())) == 1


def test_an_unknown_format_is_refused_with_those_there_are(meetings):
    with pytest.raises(SettingsError, match=r"cannot export to 'pdf'; expected one of markdown \(or md\), txt, srt"):
        meetings("export", ID, "--to", "pdf")


@pytest.mark.parametrize("to", ["", " , "])
def test_an_export_to_nothing_is_an_error(meetings, to):
    with pytest.raises(SettingsError, match=r"no format to export to; expected one or more of markdown \(or md\), txt"):
        meetings("export", ID, "--to", to)


def test_an_export_with_a_wrong_format_writes_nothing(meetings, tmp_path):
    with pytest.raises(SettingsError, match="cannot export to 'pdf'"):
        meetings("export", ID, "--to", "txt,pdf", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_hesitations_can_be_left_out_of_minutes_and_exports(tmp_path):
    (tmp_path / "my.toml").write_text("[text]\nfillers = false\n", encoding="utf-8")
    said = final(1, "嗯，开始周会。", 0.2, 1.8), final(2, "呃。", 2, 3)
    hold(tmp_path / "data", *said, settings=load_settings(tmp_path / "my.toml"))
    options = ["--data-dir", str(tmp_path / "data"), "--config", str(tmp_path / "my.toml")]
    command = ["meetings", "export", ID, "--to", "txt", "--out", str(tmp_path), *options]
    CliRunner().invoke(app, command, catch_exceptions=False)
    shown = CliRunner().invoke(app, ["meetings", "show", ID, *options], catch_exceptions=False).stdout

    folder = folder_of(tmp_path / "data")
    for path in (folder / "minutes.txt", tmp_path / f"{folder.name}.txt"):
        assert [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("[")] == [
            "[06:30:00] 开始周会。"
        ]
    assert "嗯，开始周会。" in shown
    assert "呃。" in shown


@pytest.mark.parametrize("to", ["txt，srt", "txt、srt", "TXT,.srt", "txt　srt", ".Txt, ＳＲＴ；", "txt,,srt,"])
def test_formats_are_taken_as_an_input_method_writes_them(meetings, tmp_path, to):
    meetings("export", ID, "--to", to, "--out", str(tmp_path / "out"))

    assert {path.suffix for path in (tmp_path / "out").iterdir()} == {".txt", ".srt"}
