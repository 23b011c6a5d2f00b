from __future__ import annotations

import json
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from streamer.cli import app
from streamer.commands.meetings import list as meeting_list
from streamer.settings import load_settings
from tests.meeting.kept import begin, folder_of, hold
from tests.meeting.material import STARTED

pytestmark = pytest.mark.usefixtures("english")
ID = STARTED.meeting_id


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


def test_sound_that_is_partly_missing_is_not_called_kept(meetings, tmp_path):
    (folder_of(tmp_path / "data") / "audio" / "000000000000.flac").unlink()  # the first five seconds
    (row,) = json.loads(meetings("--json").stdout)

    assert (row["sound"], row["sound_missing"]) == ("kept", 5.0)
    assert "  5.0 s missing  " in meetings().stdout


def test_sound_that_was_deleted_is_not_called_missing(meetings):
    meetings("delete", ID, "--sound-only", "--yes")
    (row,) = json.loads(meetings("--json").stdout)

    assert (row["sound"], row["sound_missing"]) == ("deleted", 0.0)


def test_labels_follow_the_locale(meetings, monkeypatch):
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    assert "已结束" in meetings().stdout


def test_a_narrow_terminal_shows_the_title_in_place_of_what_matters_less(meetings, monkeypatch):
    monkeypatch.setattr(meeting_list, "console", lambda: Console(width=60))
    heading, _, row = (line.split() for line in meetings("list").stdout.splitlines() if line.strip())

    assert heading == ["id", "start", "length", "title", "state"]
    assert row[-2:] == ["周会", "ended"]


@pytest.mark.parametrize(
    ("columns", "headings", "title"),
    [
        (58, ["id", "start", "length", "title", "state"], ["第三季度预", "算评审"]),
        (57, ["id", "start", "title", "state"], ["第三季度预算评审"]),
        (47, ["id", "start", "title"], ["第三季度预算评审"]),
        (40, ["id", "start", "title"], ["第三季度预", "算评审"]),
        (30, ["id", "title"], ["第三季度预算评审"]),
        (18, ["id", "title"], ["第三季", "度预算", "评审"]),
    ],
)
def test_the_id_and_the_title_are_the_last_to_go_where_a_terminal_is_narrow(
    tmp_path, monkeypatch, columns, headings, title
):
    hold(tmp_path, meeting_id="20261120T063000Z-3f9a1c", title="第三季度预算评审")
    monkeypatch.setattr(meeting_list, "console", lambda: Console(width=columns))
    shown = CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path)]).stdout
    heading, _, first, *more = (line.split() for line in shown.splitlines() if line.strip())

    assert heading == headings
    assert first[0] == "3f9a1c"
    assert [next(cell for cell in row if cell[0] in "第算度评") for row in (first, *more)] == title


def test_ids_are_as_long_as_they_must_be(meetings, tmp_path):
    hold(tmp_path / "data", meeting_id="20261121T000000Z-3f9a")
    shown = meetings().stdout
    assert ID in shown
    assert "20261121T000000Z-3f9a" in shown


def test_no_meetings(tmp_path):
    outcome = CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path)])
    assert (outcome.exit_code, outcome.stdout) == (0, f"There are no meetings yet in {tmp_path}/meetings.\n")


def test_folders_that_were_moved_away_are_looked_for_together(tmp_path, monkeypatch):
    """A year's meetings are put elsewhere: each that is not where it was must not mean a look into all that are."""
    ids = [f"20261121T00000{number}Z-0000" for number in range(4)]
    folders = [folder_of(tmp_path, hold(tmp_path, meeting_id=one)) for one in ids]
    for folder in folders[:2]:
        folder.rename(tmp_path / folder.name)
    renamed = folders[2].rename(tmp_path / "meetings" / "renamed")
    looks = []
    read_text = Path.read_text
    monkeypatch.setattr(Path, "read_text", lambda path, **how: looks.append(path) or read_text(path, **how))
    outcome = CliRunner().invoke(app, ["meetings", "--json", "--data-dir", str(tmp_path)])

    found = {row["id"]: row["folder"] for row in json.loads(outcome.stdout)}
    assert [found[one] for one in ids] == [str(folder) for folder in (*folders[:2], renamed, folders[3])]
    in_its_place, that_are_there = 4, 2
    assert len([path for path in looks if path.name == ".meeting"]) == in_its_place + that_are_there


def test_an_unfinished_meeting_is_pointed_out(tmp_path):
    journal = begin(tmp_path)
    journal._owned.pop_all()  # as if the process had died: nothing is released in order
    journal._recording.close()
    journal.store.close()
    (tmp_path / "running" / f"{ID}.lock").unlink()

    config = tmp_path / "config.toml"
    config.write_text(f'[store]\ndata_dir = "{tmp_path}"\n', encoding="utf-8")

    for where in (("--data-dir", str(tmp_path)), ("--config", str(config))):
        shown = CliRunner().invoke(app, ["meetings", *where]).stdout
        assert "unfinished" in shown
        assert f"`streamer recover 3f9a --data-dir {tmp_path}`" in shown


def test_that_recovery_tells_a_broker_is_said_for_whoever_reads_a_copy(tmp_path):
    settings = load_settings(overrides={"mqtt": {"url": "mqtt://ann@hall/base"}})
    begin(tmp_path / "data", settings=settings).close()
    begin(tmp_path / "data", settings=settings, meeting_id="20261121T000000Z-0000").close()

    shown = CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path / "data")]).stdout
    assert shown.splitlines()[-1] == (
        "Then hall:1883 is told, and sent the captions that wait: in a copy of a data folder add --no-mqtt."
    )


def test_a_meeting_that_has_not_ended_is_as_long_as_what_it_has_recorded(tmp_path):
    def listed() -> dict[str, object]:
        command = ["meetings", "--json", "--data-dir", str(tmp_path)]
        return json.loads(CliRunner().invoke(app, command, catch_exceptions=False).stdout)[0]

    journal = begin(tmp_path)
    running = listed()
    journal._owned.pop_all()  # as if the process had died
    journal._recording.close()
    journal.store.close()
    (tmp_path / "running" / f"{ID}.lock").unlink()
    unfinished = listed()

    assert (running["state"], running["seconds"]) == ("running", 7.0)  # its last line ends at 6.2 s
    assert (unfinished["state"], unfinished["seconds"]) == ("unfinished", 7.0)


def test_a_meeting_whose_sound_cannot_be_read_is_listed_with_the_length_of_its_text(tmp_path):
    journal = begin(tmp_path)
    (folder_of(tmp_path) / "audio" / "000000000000.flac").write_bytes(b"no sound")
    (folder_of(tmp_path) / "audio" / "000000000000.pcm").unlink(missing_ok=True)

    listed = CliRunner().invoke(app, ["meetings", "--json", "--data-dir", str(tmp_path)], catch_exceptions=False)
    journal.store.close()

    assert json.loads(listed.stdout)[0]["seconds"] == 6.2


def test_a_very_long_title_is_cut_in_the_table_not_for_programs(tmp_path):
    hold(tmp_path, title="长" * 200)
    shown = CliRunner().invoke(app, ["meetings", "--data-dir", str(tmp_path)]).stdout
    told = CliRunner().invoke(app, ["meetings", "--json", "--data-dir", str(tmp_path)]).stdout

    assert "长" * 59 + "…" in shown
    assert "长" * 60 not in shown
    assert json.loads(told)[0]["title"] == "长" * 200


def test_meetings_whose_store_is_gone_are_told_of(meetings, tmp_path):
    for path in (tmp_path / "data").glob("streamer.db*"):
        path.unlink()
    begun = tmp_path / "data" / "meetings" / "begun"  # the disk was full: no meeting
    begun.mkdir()
    (begun / ".meeting").touch()

    assert meetings().stdout == (
        f"The store is new, but {tmp_path / 'data' / 'meetings'} holds folders of meetings (1): "
        "their sound and minutes are there. Put streamer.db back from a copy, or read the minutes.\n"
    )


def test_only_the_newest_are_listed_where_that_is_asked_for(meetings, tmp_path):
    for number in (1, 2):
        hold(tmp_path / "data", meeting_id=f"2026112{number}T000000Z-000{number}")
    rows = json.loads(meetings("list", "--json", "--limit", "2").stdout)

    assert [row["id"] for row in rows] == ["20261122T000000Z-0002", "20261121T000000Z-0001"]
    assert len(json.loads(meetings("list", "--json", "-n", "9").stdout)) == 3


def test_a_short_id_is_that_of_no_meeting_that_is_left_out(meetings, tmp_path):
    hold(tmp_path / "data", meeting_id="20261121T000000Z-3f9a")

    assert "20261121T000000Z-3f9a" in meetings("list", "--limit", "1").stdout


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_limit_is_a_number_of_meetings(meetings, limit):
    assert meetings("list", "--limit", limit, ok=False).exit_code == 2


def test_an_end_that_stands_within_another_id_names_no_meeting():
    first, second, third = "20261120T063000Z-1120", "20261121T063000Z-9f3a", "20261122T063000Z-063000"

    assert meeting_list._short_ids([first, second]) == {first: "1120", second: "9f3a"}
    assert meeting_list._short_ids([first, second, third]) == {first: "1120", second: "9f3a", third: third}
