from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import docx
import jsonschema
import pytest
import soundfile
from click.testing import Result
from typer.testing import CliRunner

from streamer.archive import Archive
from streamer.cli import app
from streamer.errors import MissingDependencyError, SettingsError, StoreError
from streamer.installation import install_command
from streamer.settings import load_settings
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import STARTED, final, segment, sound

ID = STARTED.meeting_id
SCHEMA = json.loads((Path(__file__).parents[2] / "config" / "minutes.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def meetings(tmp_path: Path):
    """Runs ``streamer meetings …`` in a data folder that holds one meeting."""
    hold(tmp_path / "data")

    def run(*arguments: str, answer: str | None = None, ok: bool = True) -> Result:
        command = ["meetings", *arguments, "--data-dir", str(tmp_path / "data")]
        outcome = CliRunner().invoke(app, command, input=answer, catch_exceptions=False)
        assert (outcome.exit_code == 0) is ok, outcome.output
        return outcome

    return run


def test_the_list_is_a_table(meetings):
    shown = meetings().stdout
    for cell in ("2026-11-20", "0:00:07", "周会", "3", "ended", "kept", "3f9a"):
        assert cell in shown
    assert meetings("list").stdout == shown


def test_the_list_for_programs(meetings, tmp_path):
    (row,) = json.loads(meetings("--json").stdout)
    assert {key: row[key] for key in ("id", "title", "seconds", "lines", "state", "sound")} == {
        "id": ID, "title": "周会", "seconds": 7.0, "lines": 3, "state": "ended", "sound": "kept",
    }  # fmt: skip
    assert row["folder"] == str(folder_of(tmp_path / "data"))


def test_options_before_the_command_hold_for_it(meetings, tmp_path):
    before = ["meetings", "--json", "--data-dir", str(tmp_path / "data"), "show", "3f9a"]

    shown = CliRunner().invoke(app, before, catch_exceptions=False)

    assert (shown.exit_code, shown.stdout) == (0, meetings("show", "3f9a", "--json").stdout)


def test_options_after_the_command_win(meetings, tmp_path):
    both = ["meetings", "--data-dir", str(tmp_path / "other"), "list", "--data-dir", str(tmp_path / "data")]

    assert CliRunner().invoke(app, both, catch_exceptions=False).stdout == meetings("list").stdout


def test_labels_follow_the_locale(meetings, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "已结束" in meetings().stdout


def test_ids_are_as_long_as_they_must_be(meetings, tmp_path):
    hold(tmp_path / "data", meeting_id="20261121T000000Z-3f9a")
    shown = meetings().stdout
    assert ID in shown
    assert "20261121T000000Z-3f9a" in shown


def test_no_meetings(tmp_path):
    outcome = CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path)])
    assert (outcome.exit_code, outcome.stdout) == (0, "There are no meetings yet.\n")


def test_an_unfinished_meeting_is_pointed_out(tmp_path):
    journal = begin(tmp_path)
    journal._owned.pop_all()  # as if the process had died: nothing is released in order
    journal._recording.close()
    journal.store.close()
    (tmp_path / "running" / f"{ID}.lock").unlink()

    shown = CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path)]).stdout
    assert "unfinished" in shown
    assert "`streamer recover 3f9a`" in shown


def test_show_prints_lines_with_their_numbers(meetings):
    head, *lines = meetings("show", "3f9a").stdout.splitlines()
    assert head.endswith(ID)
    assert [line[:6].strip() for line in lines] == ["1", "2", "", "3"]
    assert [line[17:] for line in lines] == ["大家好，开始周会。", "今年预算是20万。", "标记：预算", "下周见。"]


def test_show_for_programs_is_the_published_document(meetings):
    found = json.loads(meetings("show", ID, "--json").stdout)
    jsonschema.validate(found, SCHEMA)
    assert [one["text"] for one in found["entries"]] == ["大家好，开始周会。", "今年预算是20万。", "预算", "下周见。"]


def test_search_shows_hits_with_their_surroundings(meetings):
    lines = meetings("search", "预算").stdout.splitlines()
    assert lines[0].endswith(f"周会  {ID} 2")
    assert lines[1:] == ["    大家好，开始周会。", "    今年预算是20万。", "    下周见。"]
    assert meetings("search", "没人说过").stdout == "Nothing found.\n"


def test_search_for_programs(meetings):
    (hit,) = json.loads(meetings("search", "二十", "--json").stdout)
    assert (hit["meeting"], hit["segment"], hit["start"], hit["text"]) == (ID, 2, 2.0, "今年预算是20万。")


def test_search_says_when_there_is_more(meetings):
    assert meetings("search", "周", "-n", "1").stdout.endswith("Only the newest 1 are shown; --limit shows more.\n")


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


def test_markdown_may_be_called_md(meetings, tmp_path):
    meetings("export", ID, "--to", "md,markdown", "--out", str(tmp_path / "out"))

    assert [path.suffix for path in (tmp_path / "out").iterdir()] == [".md"]


def test_an_unknown_format_is_refused_with_those_there_are(meetings):
    with pytest.raises(SettingsError, match=r"cannot export to 'pdf'; expected one of markdown \(or md\), txt, srt"):
        meetings("export", ID, "--to", "pdf")


def test_rename_moves_the_folder_and_writes_the_files_anew(meetings, tmp_path):
    assert meetings("rename", ID, "预算/评审 会").stdout == f"Meeting {ID} is now: 预算/评审 会\n"
    folder = folder_of(tmp_path / "data")
    assert folder.name.endswith("_预算_评审_会")
    assert (folder / "minutes.md").read_text(encoding="utf-8").startswith("# 预算/评审 会\n")
    assert len(list((tmp_path / "data" / "meetings").iterdir())) == 1


def test_edit_and_undo(meetings, tmp_path):
    assert meetings("edit", ID, "2", "今年预算是30万。").stdout == "Line 2: 今年预算是20万。 → 今年预算是30万。\n"
    folder = folder_of(tmp_path / "data")
    assert "今年预算是30万。 *(已修改)*" in (folder / "minutes.md").read_text(encoding="utf-8")
    assert meetings("edit", ID, "2", "--undo").stdout == "Line 2: 今年预算是30万。 → 今年预算是20万。\n"
    assert "20万" in (folder / "minutes.srt").read_text(encoding="utf-8")


def test_hiding_a_line_is_told_with_how_to_undo_it(meetings, tmp_path):
    said = "Line 2 is hidden: 今年预算是20万。\nTo show it again: streamer meetings edit {} 2 --undo\n"
    assert meetings("edit", ID, "2", "").stdout == said.format(ID)
    assert "20万" not in (folder_of(tmp_path / "data") / "minutes.md").read_text(encoding="utf-8")
    assert meetings("edit", ID, "2", "").stdout == said.replace("hidden: 今年预算是20万。", "hidden already.").format(
        ID
    )
    assert meetings("edit", ID, "2", "--undo").stdout == "Line 2: (empty) → 今年预算是20万。\n"


def test_a_line_that_never_had_text_is_not_called_hidden_when_its_edit_is_undone(meetings):
    assert meetings("edit", ID, "@3", "人写的").stdout == "Line @3: (empty) → 人写的\n"
    assert meetings("edit", ID, "3", "--undo").stdout == "Line 3: 人写的 → (empty)\n"


def test_hiding_a_line_is_told_in_chinese_too(meetings, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert meetings("edit", ID, "@2", "").stdout == (
        f"第 2 行已隐藏：今年预算是20万。\n恢复显示：streamer meetings edit {ID} 2 --undo\n"
    )


def test_an_edit_needs_a_text_or_undo(meetings):
    with pytest.raises(SettingsError, match="give the line's new text, or --undo"):
        meetings("edit", ID, "2")


def test_delete_asks(meetings, tmp_path):
    outcome = meetings("delete", ID, answer="n\n", ok=False)
    assert "Delete text, sound and folder" in outcome.stdout
    assert folder_of(tmp_path / "data").exists()
    meetings("delete", ID, answer="y\n")
    assert list((tmp_path / "data" / "meetings").iterdir()) == []
    assert json.loads(meetings("--json").stdout) == []


def test_delete_sound_only_keeps_the_text(meetings, tmp_path):
    meetings("delete", ID, "--sound-only", "--yes")
    folder = folder_of(tmp_path / "data")
    assert not (folder / "audio").exists()
    text = (folder / "minutes.md").read_text(encoding="utf-8")
    assert "今年预算是20万。" in text
    assert "audio/" not in text
    assert json.loads(meetings("--json").stdout)[0]["sound"] == "deleted"


def test_a_meeting_that_is_not_there(meetings):
    with pytest.raises(StoreError, match="there is no meeting nothing; `streamer meetings` lists them"):
        meetings("show", "nothing")


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_id_names_no_meeting(meetings, name):
    with pytest.raises(StoreError, match="an empty id names no meeting; `streamer meetings` lists them"):
        meetings("show", name)


@pytest.mark.parametrize("query", ["", "  ", "，。！"])
def test_a_search_for_nothing_is_an_error(meetings, query):
    with pytest.raises(SettingsError, match=r"nothing to search for in .*: expected characters, letters or digits"):
        meetings("search", query)


@pytest.mark.parametrize("to", ["", " , "])
def test_an_export_to_nothing_is_an_error(meetings, to):
    with pytest.raises(SettingsError, match=r"no format to export to; expected one or more of markdown \(or md\), txt"):
        meetings("export", ID, "--to", to)


def test_an_export_with_a_wrong_format_writes_nothing(meetings, tmp_path):
    with pytest.raises(SettingsError, match="cannot export to 'pdf'"):
        meetings("export", ID, "--to", "txt,pdf", "--out", str(tmp_path / "out"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("title", ["", " ", "\x07"])
def test_an_empty_title_is_an_error(meetings, title):
    with pytest.raises(SettingsError, match="is empty; expected some text"):
        meetings("rename", ID, title)


def test_a_line_that_is_not_there_is_an_error_with_those_there_are(meetings):
    with pytest.raises(StoreError, match="has no line 4: its lines are 1 to 3; `streamer meetings show` lists them"):
        meetings("edit", ID, "4", "新")
    with pytest.raises(SettingsError, match="'two' is no line: expected its number"):
        meetings("edit", ID, "two", "新")


def test_lines_are_numbered_from_one_without_those_that_say_nothing(tmp_path):
    hold(tmp_path, final(1, "", 0, 1), final(2, "第一行。", 1, 2), final(3, "", 2, 3), final(4, "第二行。", 3, 4))
    options = ["--data-dir", str(tmp_path)]

    def run(*arguments: str) -> str:
        return CliRunner().invoke(app, ["meetings", *arguments, *options], catch_exceptions=False).stdout

    assert [line[:6].strip() for line in run("show", ID).splitlines()[1:]] == ["1", "2"]
    assert run("search", "第二").splitlines()[0].endswith(f"{ID} 2")
    assert json.loads(run("search", "第二", "--json"))[0]["line"] == 2
    assert run("edit", ID, "2", "改过的。") == "Line 2: 第二行。 → 改过的。\n"


def test_a_hidden_line_keeps_its_number(meetings):
    meetings("edit", ID, "2", "")
    assert [line[:6].strip() for line in meetings("show", ID).stdout.splitlines()[1:]] == ["1", "", "3"]
    assert meetings("edit", ID, "2", "--undo").exit_code == 0


def test_lines_that_are_decoded_again_are_counted_from_one_again(meetings, tmp_path):
    again = [segment(1_000_001, "又一遍。", 0, 2), segment(1_000_002, "下周见。", 5, 6)]
    store = Archive(tmp_path / "data").open_store(SETTINGS)
    store.replace_segments(ID, again, "other 1", None)
    store.close()

    assert [line[:6].strip() for line in meetings("show", ID).stdout.splitlines()[1:]] == ["1", "", "2"]


def test_programs_may_name_a_segment(meetings):
    edited = json.loads(meetings("edit", ID, "@4", "再见。", "--json").stdout)
    assert (edited["line"], edited["segment"], edited["old"], edited["text"]) == (3, 4, "下周见。", "再见。")


def test_a_part_of_an_id_must_mean_one_meeting(meetings, tmp_path):
    hold(tmp_path / "data", meeting_id="20261121T000000Z-0000")
    with pytest.raises(StoreError, match="could be any of 2 meetings"):
        meetings("show", "2026112")
    assert "20261121T" in meetings("show", "last").stdout


def test_terminal_escapes_in_titles_and_texts_do_nothing(tmp_path):
    hold(tmp_path, final(1, "\x1b[2J[red]红\u202e", 0, 1), title="\x1b]0;x\x07[bold]题")
    for command in (["meetings"], ["meetings", "show", ID], ["meetings", "search", "红"], ["meetings", "--json"]):
        shown = CliRunner().invoke(app, [*command, "--data-dir", str(tmp_path)]).stdout
        assert "\x1b" not in shown.replace("\x1b[1m", "").replace("\x1b[0m", "")
        assert "\u202e" not in shown
        assert "题" in shown
    assert "[red]红" in CliRunner().invoke(app, ["meetings", "show", ID, "--data-dir", str(tmp_path)]).stdout


def test_everything_but_delete_works_while_the_meeting_runs(tmp_path):
    journal = begin(tmp_path)

    def run(*arguments: str) -> Result:
        command = ["meetings", *arguments, "--data-dir", str(tmp_path)]
        return CliRunner().invoke(app, command, catch_exceptions=False)

    assert "running" in run().stdout
    assert "今年预算" in run("show", ID).stdout
    assert "今年预算" in run("search", "预算").stdout
    assert run("export", ID, "--to", "srt,wav", "--out", str(tmp_path / "out")).exit_code == 0
    assert run("rename", ID, "改名").exit_code == 0
    assert run("edit", ID, "2", "人写的").exit_code == 0
    with pytest.raises(StoreError, match="is running; end it before you delete it"):
        run("delete", ID, "--yes")
    journal.record(final(5, "会还在开。", 6.3, 6.9))
    journal.close()

    store = Archive(tmp_path).open_store(SETTINGS)
    assert [line.text for line in store.lines(ID)][-1] == "会还在开。"
    assert store.record(ID).folder.endswith("_改名")
    store.close()


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


@pytest.mark.parametrize(
    "command",
    [
        ["meetings"],
        ["meetings", "show", "last"],
        ["meetings", "search", "预算"],
        ["meetings", "export", "last"],
        ["meetings", "outbox"],
        ["recover"],
        ["summarize", "last"],
    ],
)
def test_a_mistyped_data_folder_is_named_and_not_created(tmp_path, command):
    wrong = tmp_path / "daat"
    with pytest.raises(SettingsError, match=f"^there is no folder {re.escape(str(wrong))}: --data-dir must name one"):
        CliRunner().invoke(app, [*command, "--data-dir", str(wrong)], catch_exceptions=False)
    assert list(tmp_path.iterdir()) == []


def test_a_data_folder_of_ones_own_that_does_not_exist_yet_holds_no_meetings(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert CliRunner().invoke(app, ["meetings"], catch_exceptions=False).stdout == "There are no meetings yet.\n"
