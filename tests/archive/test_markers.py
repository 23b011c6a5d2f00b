from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.archive.archive import Archive
from streamer.archive.markers import MARKER
from streamer.cli import app
from tests.meeting.kept import SETTINGS, folder_of, hold
from tests.meeting.looks import ID

OTHER = "20261120T063001Z-0000"


def swapped(data_dir: Path) -> tuple[Path, Path]:
    """Two meetings of one minute and title: the first one's folder was deleted, and the other was given its name.

    Where the second one lies, and a name that is free.
    """
    hold(data_dir)
    hold(data_dir, meeting_id=OTHER)
    first, second = folder_of(data_dir), folder_of(data_dir, OTHER)
    shutil.rmtree(first)
    return second.rename(first), second


def test_a_folder_that_bears_the_name_of_another_meetings_is_found_by_its_marker(tmp_path):
    second, free = swapped(tmp_path)
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    folders = archive.folders(store.records())
    store.close()

    assert folders == {OTHER: second, ID: free}


def test_deleting_a_meeting_leaves_anothers_folder_that_somebody_gave_its_name(tmp_path):
    second, _ = swapped(tmp_path)
    before = sorted(path.name for path in second.rglob("*"))
    CliRunner().invoke(app, ["meetings", "delete", ID, "--yes", "--data-dir", str(tmp_path)])

    assert sorted(path.name for path in second.rglob("*")) == before


def test_the_minutes_of_a_meeting_do_not_go_into_anothers_folder(tmp_path):
    second, free = swapped(tmp_path)
    before = (second / "minutes.md").read_text(encoding="utf-8")
    CliRunner().invoke(app, ["meetings", "edit", ID, "1", "改过的一行", "--data-dir", str(tmp_path)])

    assert (second / "minutes.md").read_text(encoding="utf-8") == before
    assert "改过的一行" in (free / "minutes.md").read_text(encoding="utf-8")
    assert (free / MARKER).read_text(encoding="utf-8") == ID


@pytest.mark.parametrize("damaged", [b"\xff\xfe", b"\0" * 21, b""])
def test_a_folder_whose_marker_is_damaged_is_taken_for_the_one_that_bears_its_name(tmp_path, damaged):
    hold(tmp_path)
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    record = store.record(ID)
    store.close()
    folder = archive.folder(record)
    (folder / MARKER).write_bytes(damaged)

    assert archive.folder(record) == folder
    assert archive.folder(replace(record, folder="gone")) == archive.meetings / "gone"
