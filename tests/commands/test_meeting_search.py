from __future__ import annotations

import json

import pytest

from streamer.errors import SettingsError
from tests.meeting.kept import hold
from tests.meeting.material import STARTED

pytestmark = pytest.mark.usefixtures("english")
ID = STARTED.meeting_id


def test_search_shows_hits_with_their_surroundings(meetings):
    lines = meetings("search", "预算").stdout.splitlines()
    assert lines[0].endswith(f"周会  {ID} 2")
    assert lines[1:] == ["    大家好，开始周会。", "    今年预算是20万。", "    下周见。"]
    assert meetings("search", "没人说过").stdout == "Nothing found.\n"


def test_the_lines_of_a_meeting_come_in_the_order_in_which_they_were_said(meetings, tmp_path):
    hold(tmp_path / "data", meeting_id="20261121T000000Z-7777")
    hits = json.loads(meetings("search", "周", "--json").stdout)

    assert [(hit["meeting"], hit["start"]) for hit in hits] == [
        ("20261121T000000Z-7777", 0.2),
        ("20261121T000000Z-7777", 5.0),
        (ID, 0.2),
        (ID, 5.0),
    ]
    assert [hit["start"] for hit in json.loads(meetings("search", "周", "--json", "-n", "3").stdout)] == [0.2, 5.0, 5.0]


def test_search_for_programs(meetings):
    (hit,) = json.loads(meetings("search", "二十", "--json").stdout)
    assert (hit["meeting"], hit["segment"], hit["start"], hit["text"]) == (ID, 2, 2.0, "今年预算是20万。")


def test_search_says_when_there_is_more(meetings):
    assert meetings("search", "周", "-n", "1").stdout.endswith("Only the newest 1 are shown; --limit shows more.\n")


@pytest.mark.parametrize("query", ["", "  ", "，。！"])
def test_a_search_for_nothing_is_an_error(meetings, query):
    with pytest.raises(SettingsError, match=r"nothing to search for in .*: expected characters, letters or digits"):
        meetings("search", query)
