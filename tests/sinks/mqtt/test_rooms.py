from dataclasses import replace

from streamer.sinks.mqtt.rooms import RoomMerger
from streamer.types import MeetingEnded, MeetingEvent, SegmentFinalized, SegmentUpdated, StatusUpdated
from tests.sinks.mqtt.parts import START, STARTED, segment


def merged(merger: RoomMerger, *events: tuple[str, MeetingEvent]) -> list[MeetingEvent | None]:
    return [merger.merge(room, event) for room, event in events]


def test_one_room_is_shown_as_it_is() -> None:
    event = SegmentFinalized(segment(1))

    assert merged(RoomMerger(many=False), ("a", STARTED), ("a", event)) == [STARTED, event]


def test_segments_of_several_rooms_have_ids_and_names_of_their_own() -> None:
    final = SegmentFinalized(segment(1))
    events = merged(RoomMerger(many=True), ("a", STARTED), ("b", STARTED), ("a", final), ("b", final), ("a", final))
    shown = [(event.segment.id, event.segment.text) for event in events if isinstance(event, SegmentFinalized)]

    assert shown == [(1, "[a] 你好。"), (2, "[b] 你好。"), (1, "[a] 你好。")]


def test_stable_part_includes_the_name() -> None:
    (event,) = merged(RoomMerger(many=True), ("a", SegmentUpdated(replace(segment(1), stable_length=1), 1, 0.0)))
    assert isinstance(event, SegmentUpdated)

    assert event.segment.spoken[: event.segment.stable_length] == "[a] 你"


def test_same_segment_number_in_the_next_meeting_is_another_line() -> None:
    merger = RoomMerger(many=False)
    first, _, second = merged(
        merger,
        ("a", SegmentFinalized(segment(1))),
        ("a", replace(STARTED, meeting_id="later")),
        ("a", SegmentFinalized(segment(1))),
    )
    assert isinstance(first, SegmentFinalized)
    assert isinstance(second, SegmentFinalized)

    assert first.segment.id != second.segment.id


def test_end_of_one_room_is_not_the_end_of_all() -> None:
    ended = MeetingEnded(0, START)

    assert RoomMerger(many=True).merge("a", ended) is None
    assert RoomMerger(many=False).merge("a", ended) == ended


def test_level_of_one_room_is_not_shown_for_all() -> None:
    assert RoomMerger(many=True).merge("a", StatusUpdated(0, -20.0, 0.0, is_speech=True)) is None
