"""Interrupted meetings whose folder is not where it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from streamer.errors import StoreError
from tests.meeting.closing import ID, streamer
from tests.meeting.kept import folder_of

DYING = """
import os, sys
from pathlib import Path
from tests.meeting.kept import begin
begin(Path(sys.argv[1]))
os._exit(9)
"""


@pytest.fixture
def moved(tmp_path: Path) -> Path:
    """Where the folder of an interrupted meeting lies now, and with it the sound that is not transcribed yet."""
    subprocess.run([sys.executable, "-c", DYING, tmp_path / "data"], check=False)
    return folder_of(tmp_path / "data").rename(tmp_path / "moved")


def test_a_meeting_whose_folder_is_away_stays_unfinished(tmp_path, moved):
    with pytest.raises(StoreError, match=f"the folder of meeting {ID} is not in {tmp_path}/data/meetings: put it back"):
        streamer(tmp_path / "data", "recover")

    assert '"state": "unfinished"' in streamer(tmp_path / "data", "meetings", "list", "--json")
    assert [path.name for path in (tmp_path / "data" / "meetings").iterdir()] == []
    assert (moved / "audio").is_dir()


def test_put_back_under_any_name_it_is_completed(tmp_path, moved):
    moved.rename(tmp_path / "data" / "meetings" / "somewhere")
    told = streamer(tmp_path / "data", "recover")

    assert told.startswith(f"Meeting {ID}: 0.8 s completed")
    assert '"state": "ended"' in streamer(tmp_path / "data", "meetings", "list", "--json")


@pytest.mark.usefixtures("moved")
def test_a_meeting_that_is_named_is_closed_without_its_folder(tmp_path):
    told = streamer(tmp_path / "data", "recover", ID)

    assert told == f"Meeting {ID}: 0.0 s completed; lines added: 0.\n"
    assert '"state": "ended"' in streamer(tmp_path / "data", "meetings", "list", "--json")
