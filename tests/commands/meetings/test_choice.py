from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from streamer.commands.meetings.choice import chosen_meeting
from streamer.errors import StoreError
from streamer.minutes import Audio, MeetingRecord
from tests.meeting.material import START

NEWEST = MeetingRecord(
    "20261121T063000Z-cb07", "会议", "r", "d", "p", START + timedelta(days=1), 28_800, "f", Audio.KEPT, "{}"
)
B = replace(NEWEST, id="20261120T083000Z-0001", title="b", started_at=START + timedelta(hours=2))
ALSO_B = replace(NEWEST, id="20261120T063000Z-0002", title="b", started_at=START)
CB = replace(NEWEST, id="20261119T063000Z-3f9a", title="cb", started_at=START - timedelta(days=1))
RECORDS = (NEWEST, B, ALSO_B, CB)


@pytest.mark.parametrize(
    ("name", "meeting"),
    [
        ("last", NEWEST),
        (ALSO_B.id, ALSO_B),
        ("cb", CB),  # which is in the id of the newest, too
        ("会议", NEWEST),
        ("cb07", NEWEST),
        ("3F9A", CB),
        ("３ｆ９ａ", CB),
    ],
)
@pytest.mark.parametrize("changes", [False, True])
def test_a_whole_id_comes_before_a_title_and_a_title_before_a_part_of_an_id(name, meeting, changes):
    assert chosen_meeting(RECORDS, name, changes=changes) == meeting


def test_a_whole_id_is_no_title():
    titled = replace(CB, title=B.id)

    assert chosen_meeting((B, titled), B.id) == B


@pytest.mark.parametrize("changes", [False, True])
def test_meetings_of_one_title_are_named_with_their_times_and_no_part_of_an_id_is_taken(changes):
    told = (
        "2 meetings have the title b: 20261120T083000Z-0001 of 2026-11-20 16:30, "
        "20261120T063000Z-0002 of 2026-11-20 14:30; give the id"
    )
    with pytest.raises(StoreError, match=f"^{re.escape(told)}$"):
        chosen_meeting(RECORDS, "b", changes=changes)


def test_a_short_part_of_an_id_shows_a_meeting_but_changes_none():
    assert chosen_meeting(RECORDS, "f9a") == CB
    with pytest.raises(
        StoreError, match=r"f9a is no meeting's title, and too little of an id .* at least 4 characters"
    ):
        chosen_meeting(RECORDS, "f9a", changes=True)


def test_what_no_meeting_has_is_said_to_be_missing_however_short_it_is():
    with pytest.raises(StoreError, match=r"^there is no meeting 九; `streamer meetings` lists them$"):
        chosen_meeting(RECORDS, "九", changes=True)
