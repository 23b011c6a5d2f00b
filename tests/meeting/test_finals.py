from __future__ import annotations

from datetime import UTC, datetime

from streamer.meeting.edits import edit_line
from streamer.types import SegmentFinalized
from tests.meeting.kept import WEEKLY
from tests.meeting.material import STARTED

ID = STARTED.meeting_id
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def test_it_tells_where_the_last_final_token_ends(store):
    last = list(store.lines(ID))[-1]
    assert store.finals(ID).heard_until() == last.tokens[-1].end_sample
    assert store.finals("another").heard_until() == 0


def test_finals_are_what_the_machine_wrote(store):
    edit_line(store.database, ID, 1, "人写的", NOW)

    assert list(store.finals(ID).read()) == [event.segment for event in WEEKLY if isinstance(event, SegmentFinalized)]
    assert [one.id for one in store.finals(ID).read(upto=4 * 16_000)] == [1, 2]


def test_they_tell_how_far_they_go(store):
    assert (store.finals(ID).last_id(), store.finals(ID).until()) == (4, 99_200)
    assert (store.finals("another").last_id(), store.finals("another").until()) == (0, 0)


def test_a_line_that_is_decoded_again_follows_the_machines_last_text_before_it(store):
    edit_line(store.database, ID, 2, "人写的", NOW)

    assert [store.finals(ID).text_before(number) for number in (1, 2, 3, 4, 5)] == [
        "", "大家好，开始周会。", "今年预算是20万。", "今年预算是20万。", "下周见。",
    ]  # fmt: skip


def test_their_ids_are_known(store):
    assert store.finals(ID).ids() == {1, 2, 3, 4}
