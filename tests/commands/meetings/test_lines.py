from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import jsonschema
import pytest
from typer.testing import CliRunner

from streamer.archive import archive
from streamer.archive.archive import Archive
from streamer.cli import app
from streamer.errors import SettingsError, StoreError
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import START, STARTED, final, segment
from tests.sinks.minutes.material import RECORD

pytestmark = pytest.mark.usefixtures("english")
ID = STARTED.meeting_id
SCHEMA = json.loads((Path(__file__).parents[3] / "config" / "minutes.schema.json").read_text(encoding="utf-8"))


def test_show_prints_lines_with_their_numbers(meetings):
    head, *lines = meetings("show", "3f9a").stdout.splitlines()
    assert head.endswith(ID)
    assert [line[:6].strip() for line in lines] == ["1", "2", "", "3"]
    assert [line[17:] for line in lines] == ["大家好，开始周会。", "今年预算是20万。", "Mark: 预算", "下周见。"]


def test_show_says_that_a_meeting_has_no_text(tmp_path):
    begin(tmp_path, final(1, "", 0, 1)).close()
    head, *lines = CliRunner().invoke(app, ["meetings", "show", ID, "--data-dir", str(tmp_path)]).stdout.splitlines()

    assert head.endswith(ID)
    assert lines == ["There is no text."]


def test_show_for_programs_is_the_published_document(meetings):
    found = json.loads(meetings("show", ID, "--json").stdout)
    jsonschema.validate(found, SCHEMA)
    assert [one["text"] for one in found["entries"]] == ["大家好，开始周会。", "今年预算是20万。", "预算", "下周见。"]


def test_what_show_prints_for_programs_is_harmless_on_a_terminal_too(tmp_path):
    title = "周\x9b31m会\u202e\ufeff"
    hold(tmp_path, title=title)
    shown = CliRunner().invoke(app, ["meetings", "show", ID, "--json", "--data-dir", str(tmp_path)]).stdout

    assert "周\\u009b31m会\\u202e\\ufeff" in shown
    assert json.loads(shown)["meeting"]["title"] == title


def test_edit_and_undo(meetings, tmp_path):
    assert meetings("edit", ID, "2", "今年预算是30万。").stdout == "Line 2: 今年预算是20万。 → 今年预算是30万。\n"
    folder = folder_of(tmp_path / "data")
    assert "今年预算是30万。 *（已修改）*" in (folder / "minutes.md").read_text(encoding="utf-8")
    assert meetings("edit", ID, "2", "--undo").stdout == "Line 2: 今年预算是30万。 → 今年预算是20万。\n"
    assert "20万" in (folder / "minutes.srt").read_text(encoding="utf-8")


def test_what_somebody_wrote_into_the_minutes_is_kept_when_an_edit_writes_them_anew(meetings, tmp_path, caplog):
    minutes = folder_of(tmp_path / "data") / "minutes.md"
    minutes.write_text("我自己的纪要", encoding="utf-8")
    meetings("edit", ID, "2", "今年预算是30万。")

    kept = minutes.with_name("minutes.kept.md")
    assert caplog.messages == [f"somebody may have changed {minutes}: what it held is kept beside it as {kept.name}"]
    assert kept.read_text(encoding="utf-8") == "我自己的纪要"
    assert "今年预算是30万。" in minutes.read_text(encoding="utf-8")


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
    with pytest.raises(SettingsError, match="give a new text or --undo, not both"):
        meetings("edit", ID, "2", "", "--undo")


def test_an_edit_of_a_meeting_that_another_streamer_works_on_is_said_to_be_stored(meetings, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_CLOSING_SECONDS", 0.0)
    kept = Archive(tmp_path / "data")
    with kept.released(RECORD), pytest.raises(StoreError, match=r"in use .* is stored all the same"):
        meetings("edit", ID, "2", "改过的。")

    assert "改过的。" in meetings("show", ID).stdout


def test_a_line_that_is_not_there_is_an_error_with_those_there_are(meetings):
    with pytest.raises(StoreError, match="has no line 4: its lines are 1 to 3; `streamer meetings show` lists them"):
        meetings("edit", ID, "4", "新")


@pytest.mark.parametrize("line", ["two", "@-1", "@9999999999999999999", "9" * 5000])
def test_what_is_no_number_of_a_line_is_refused(meetings, line):
    with pytest.raises(SettingsError, match=f"'{line}' is no line: expected its number"):
        meetings("edit", ID, line, "新")


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
    store.finals(ID).replace(again, "other 1", None)
    store.close()

    assert [line[:6].strip() for line in meetings("show", ID).stdout.splitlines()[1:]] == ["1", "", "2"]


def test_programs_may_name_a_segment(meetings):
    edited = json.loads(meetings("edit", ID, "@4", "再见。", "--json").stdout)
    assert (edited["line"], edited["segment"], edited["old"], edited["text"]) == (3, 4, "下周见。", "再见。")


def test_show_has_a_line_where_a_new_day_begins(tmp_path):
    hold(tmp_path, final(1, "好", 0, 1), final(2, "早", 86_400, 86_401))
    _, *lines = CliRunner().invoke(app, ["meetings", "show", ID, "--data-dir", str(tmp_path)]).stdout.splitlines()

    assert [line[17:] or line for line in lines] == [
        "好",
        f"-- {START.astimezone() + timedelta(days=1):%Y-%m-%d} --",
        "早",
    ]
