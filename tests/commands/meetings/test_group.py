from __future__ import annotations

import errno
import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from streamer.archive import archive
from streamer.archive.archive import Archive
from streamer.cli import app
from streamer.errors import SettingsError, StoreError
from tests.disks import locked, small_disk
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import STARTED, final

pytestmark = pytest.mark.usefixtures("english")
ID = STARTED.meeting_id


def test_options_before_the_command_hold_for_it(meetings, tmp_path):
    before = ["meetings", "--json", "--data-dir", str(tmp_path / "data"), "show", "3f9a"]

    shown = CliRunner().invoke(app, before, catch_exceptions=False)

    assert (shown.exit_code, shown.stdout) == (0, meetings("show", "3f9a", "--json").stdout)


def test_options_after_the_command_win(meetings, tmp_path):
    both = ["meetings", "--data-dir", str(tmp_path / "other"), "list", "--data-dir", str(tmp_path / "data")]

    assert CliRunner().invoke(app, both, catch_exceptions=False).stdout == meetings("list").stdout


def test_a_title_of_a_meeting_that_another_streamer_works_on_is_said_to_be_stored(meetings, tmp_path, monkeypatch):
    monkeypatch.setattr(archive, "_CLOSING_SECONDS", 0.0)
    kept = Archive(tmp_path / "data")
    store = kept.open_store(SETTINGS)
    record = store.record(ID)
    store.close()
    with kept.released(record), pytest.raises(StoreError, match=r"in use .* the title is stored all the same"):
        meetings("rename", ID, "预算会")
    meetings("rename", ID, "预算会")

    assert folder_of(tmp_path / "data").name.endswith("_预算会")


def test_rename_moves_the_folder_and_writes_the_files_anew(meetings, tmp_path):
    assert meetings("rename", ID, "预算/评审 会").stdout == f"Meeting {ID} is now: 预算/评审 会\n"
    folder = folder_of(tmp_path / "data")
    assert folder.name.endswith("_预算_评审_会")
    assert (folder / "minutes.md").read_text(encoding="utf-8").startswith("# 预算/评审 会\n")
    assert len(list((tmp_path / "data" / "meetings").iterdir())) == 1


def test_delete_asks(meetings, tmp_path):
    outcome = meetings("delete", ID, answer="n\n", ok=False)
    assert "Delete text, sound and folder" in outcome.stdout
    assert folder_of(tmp_path / "data").exists()
    answered = meetings("delete", ID, answer="y\n")
    assert answered.stdout.endswith(f'Deleted meeting "周会" ({ID}).\n')
    assert list((tmp_path / "data" / "meetings").iterdir()) == []
    assert json.loads(meetings("--json").stdout) == []


def test_a_deletion_that_was_interrupted_can_be_repeated(meetings, tmp_path, monkeypatch):
    """Otherwise sound and text that nobody finds any more would stay on the disk."""

    def interrupted(folder: Path) -> None:
        (folder / "minutes.md").unlink()
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("streamer.commands.meetings.group.shutil.rmtree", interrupted)
        meetings("delete", ID, "--yes", ok=False)
    meetings("delete", ID, "--yes")

    assert list((tmp_path / "data" / "meetings").iterdir()) == []
    assert json.loads(meetings("--json").stdout) == []


def test_on_a_disk_without_any_room_a_meeting_can_be_deleted(tmp_path):
    with small_disk(tmp_path / "disk", "2m") as disk:
        hold(disk)
        with pytest.raises(OSError, match="No space left"):
            (disk / "other").write_bytes(bytes(4 << 20))
        result = CliRunner().invoke(app, ["meetings", "delete", ID, "--yes", "--data-dir", str(disk)])

        assert (result.exit_code, list((disk / "meetings").iterdir())) == (0, [])


def test_what_cannot_be_deleted_stays_in_the_list(meetings, tmp_path, monkeypatch):
    def refused(folder: Path) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(folder / "audio"))

    monkeypatch.setattr("streamer.commands.meetings.group.shutil.rmtree", refused)
    audio = folder_of(tmp_path / "data") / "audio"
    with pytest.raises(StoreError, match=f"cannot delete {re.escape(str(audio))}: Permission denied; .* stays"):
        meetings("delete", ID, "--yes")
    assert [one["id"] for one in json.loads(meetings("--json").stdout)] == [ID]


def test_delete_sound_only_keeps_the_text(meetings, tmp_path):
    outcome = meetings("delete", "last", "--sound-only", "--yes")
    assert outcome.stdout == f'Deleted the sound of meeting "周会" ({ID}).\n'
    folder = folder_of(tmp_path / "data")
    assert not (folder / "audio").exists()
    text = (folder / "minutes.md").read_text(encoding="utf-8")
    assert "今年预算是20万。" in text
    assert "audio/" not in text
    assert json.loads(meetings("--json").stdout)[0]["sound"] == "deleted"


def test_a_meeting_that_is_not_there(meetings):
    with pytest.raises(StoreError, match="there is no meeting nothing; `streamer meetings` lists them"):
        meetings("show", "nothing")


def test_a_title_names_a_meeting_too(meetings, tmp_path):
    assert ID in meetings("show", "周会").stdout

    hold(tmp_path / "data", meeting_id="20261121T000000Z-0000")
    with pytest.raises(StoreError, match="2 meetings have the title 周会: 20261121T000000Z-0000 of"):
        meetings("show", "周会")


@pytest.mark.parametrize("name", ["", " "])
def test_an_empty_id_names_no_meeting(meetings, name):
    with pytest.raises(StoreError, match="an empty id names no meeting; `streamer meetings` lists them"):
        meetings("show", name)


@pytest.mark.parametrize("title", ["", " ", "\x07", "\u200b\u2060", "\u3164 \ufe0f"])
def test_an_empty_title_is_an_error(meetings, title):
    with pytest.raises(SettingsError, match="is empty; expected some text"):
        meetings("rename", ID, title)


@pytest.mark.parametrize("command", [("delete", "--yes"), ("rename", "新"), ("edit", "1", "x"), ("redo",)])
def test_no_meeting_is_changed_by_a_character_of_its_id(meetings, command):
    with pytest.raises(StoreError, match="f is no meeting's title, and too little of an id to change a meeting by"):
        meetings(command[0], "f", *command[1:])


def test_a_part_of_an_id_must_mean_one_meeting(meetings, tmp_path):
    hold(tmp_path / "data", meeting_id="20261121T000000Z-0000")
    with pytest.raises(StoreError, match=r"could be any of 2 meetings \(\S+, \S+Z-[0-9a-f]{4}\); give more"):
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


def test_a_data_folder_that_may_not_be_entered_is_named(tmp_path):
    with locked(tmp_path), pytest.raises(StoreError) as refused:
        CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path / "data")], catch_exceptions=False)

    assert str(refused.value) == (
        f"cannot use the data folder {tmp_path}/data: Permission denied; make it readable and writable, or name "
        "another with --data-dir"
    )


def test_a_folder_of_meetings_that_may_not_be_entered_is_refused_like_the_data_folder(tmp_path):
    (tmp_path / "meetings").mkdir()
    with locked(tmp_path / "meetings"), pytest.raises(StoreError) as refused:
        CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path)], catch_exceptions=False)

    assert str(refused.value) == (
        f"cannot use the data folder {tmp_path}: Permission denied; make it readable and writable, or name another "
        "with --data-dir"
    )


def test_a_data_folder_of_ones_own_that_does_not_exist_yet_holds_no_meetings(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    outcome = CliRunner().invoke(app, ["meetings"], catch_exceptions=False)

    assert outcome.stdout == f"There are no meetings yet in {tmp_path}/streamer/meetings.\n"
