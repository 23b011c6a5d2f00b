from __future__ import annotations

import json

import pytest

from streamer.errors import SettingsError
from tests.meeting.kept import hold
from tests.meeting.material import STARTED

pytestmark = pytest.mark.usefixtures("english")
ID = STARTED.meeting_id


def test_search_shows_hits_with_their_surroundings(meetings):
    lines = meetings("search", "20万").stdout.splitlines()
    assert lines[0].endswith(f"周会  {ID} 2")
    assert lines[1:] == ["    大家好，开始周会。", "  > 今年预算是20万。", "    下周见。"]
    assert meetings("search", "没人说过").stdout == "Nothing found.\n"


def test_the_lines_of_a_meeting_come_in_the_order_in_which_they_were_said(meetings, tmp_path):
    hold(tmp_path / "data", meeting_id="20261121T000000Z-7777")
    hits = json.loads(meetings("search", "周", "--json").stdout)

    assert [(hit["meeting"], hit["kind"], hit["start"]) for hit in hits] == [
        ("20261121T000000Z-7777", "title", 0.0),
        ("20261121T000000Z-7777", "line", 0.2),
        ("20261121T000000Z-7777", "line", 5.0),
        (ID, "title", 0.0),
        (ID, "line", 0.2),
        (ID, "line", 5.0),
    ]
    newest = json.loads(meetings("search", "周", "--json", "-n", "4").stdout)
    assert [hit["start"] for hit in newest] == [0.0, 0.2, 5.0, 5.0]


def test_a_title_is_found_whatever_its_width_case_and_punctuation(meetings, tmp_path):
    hold(tmp_path / "data", title="ＧＰＵ—预算 二", meeting_id="20261121T000000Z-7777")

    (hit,) = json.loads(meetings("search", "gpu预算", "--json").stdout)
    assert hit == {
        "meeting": "20261121T000000Z-7777", "kind": "title", "title": "ＧＰＵ—预算 二", "line": None, "segment": None,
        "at": "2026-11-20T06:30:00.000+00:00", "start": 0.0, "text": "ＧＰＵ—预算 二", "before": "", "after": "",
    }  # fmt: skip
    (line,) = meetings("search", "gpu预算").stdout.splitlines()
    assert line.endswith("ＧＰＵ—预算 二  20261121T000000Z-7777")


def test_the_note_of_a_mark_is_found_with_the_lines_around_it(meetings):
    hits = json.loads(meetings("search", "预算", "--json").stdout)

    assert [(hit["kind"], hit["line"], hit["start"], hit["text"]) for hit in hits] == [
        ("line", 2, 2.0, "今年预算是20万。"),
        ("mark", None, 3.8, "预算"),
    ]
    assert (hits[1]["before"], hits[1]["after"]) == ("今年预算是20万。", "下周见。")
    assert meetings("search", "预算").stdout.splitlines()[-3:] == [
        "    今年预算是20万。",
        "  > Mark: 预算",
        "    下周见。",
    ]


def test_several_words_are_sought_in_titles_and_marks_too(meetings, tmp_path):
    hold(tmp_path / "data", title="预算的评审", meeting_id="20261121T000000Z-7777")

    hits = json.loads(meetings("search", "评审　预算", "--json").stdout)
    assert [(hit["kind"], hit["text"]) for hit in hits] == [("title", "预算的评审")]
    assert meetings("search", '"评审 预算"').stdout == "Nothing found.\n"


def test_a_search_in_one_meeting_keeps_to_it(meetings, tmp_path):
    hold(tmp_path / "data", title="预算", meeting_id="20261121T000000Z-7777")

    hits = json.loads(meetings("search", "预算", "--meeting", ID, "--json").stdout)
    assert [(hit["meeting"], hit["kind"]) for hit in hits] == [(ID, "line"), (ID, "mark")]


def test_search_for_programs(meetings):
    (hit,) = json.loads(meetings("search", "二十", "--json").stdout)
    assert (hit["meeting"], hit["segment"], hit["start"], hit["text"]) == (ID, 2, 2.0, "今年预算是20万。")


def test_search_says_when_there_is_more(meetings):
    assert meetings("search", "周", "-n", "1").stdout.endswith("Only the newest 1 are shown; --limit shows more.\n")


@pytest.mark.parametrize("query", ["", "  ", "，。！"])
def test_a_search_for_nothing_is_an_error(meetings, query):
    with pytest.raises(SettingsError, match=r"nothing to search for in .*: expected characters, letters or digits"):
        meetings("search", query)


def test_a_limit_that_no_store_can_count_to_is_refused(meetings):
    outcome = meetings("search", "周", "-n", str(2**63), ok=False)

    assert "expected a whole number from 1 to 1000000" in " ".join(outcome.stderr.replace("│", " ").split())
