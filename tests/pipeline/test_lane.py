import asyncio
from dataclasses import replace

import pytest

from streamer.pipeline.lane import Lane
from streamer.types import (
    MarkAdded,
    MeetingEvent,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentUpdated,
    Severity,
    StatusUpdated,
)
from tests.sinks.events import awaited
from tests.virtual_time import EPOCH

SEGMENT = Segment(1, 0, 0, 320, EPOCH, "对", "对", 0)
STATUS = StatusUpdated(320, -30.0, 0.0, is_speech=True)


def partial(segment_id: int, revision: int) -> SegmentUpdated:
    return SegmentUpdated(replace(SEGMENT, id=segment_id, revision=revision), segment_id, 0.0)


def final(segment_id: int) -> SegmentFinalized:
    return SegmentFinalized(replace(SEGMENT, id=segment_id, is_final=True))


def mark(sample: int) -> MarkAdded:
    return MarkAdded(sample, EPOCH)


async def drained(lane: Lane) -> list[MeetingEvent]:
    lane.close()
    return [event async for event in lane]


async def test_events_come_out_in_order() -> None:
    lane = Lane(10)
    for event in (mark(1), final(1), mark(2)):
        assert lane.put(event)

    assert await drained(lane) == [mark(1), final(1), mark(2)]


async def test_of_partials_and_status_only_the_newest_waits() -> None:
    lane = Lane(10)
    for event in (partial(1, 0), STATUS, mark(1), partial(1, 1), replace(STATUS, position=640)):
        lane.put(event)

    assert await drained(lane) == [mark(1), partial(1, 1), replace(STATUS, position=640)]


async def test_a_final_drops_the_partial_that_it_replaces() -> None:
    lane = Lane(10)
    lane.put(partial(1, 0))
    lane.put(final(1))

    assert await drained(lane) == [final(1)]


async def test_a_final_leaves_the_partial_of_a_later_segment() -> None:
    lane = Lane(10)
    lane.put(partial(2, 0))
    lane.put(final(1))

    assert await drained(lane) == [partial(2, 0), final(1)]


async def test_a_notice_replaces_one_with_its_key_only() -> None:
    lane = Lane(10)
    for key, text in (("a", "old"), ("b", "other"), ("a", "")):
        lane.put(Notice(key, Severity.INFO, text))

    assert [(event.key, event.text) for event in await drained(lane)] == [("b", "other"), ("a", "")]


async def test_a_full_lane_refuses_but_still_replaces() -> None:
    lane = Lane(2)
    assert lane.put(mark(1))
    assert lane.put(STATUS)

    assert not lane.put(mark(2))
    assert lane.put(replace(STATUS, position=640))


async def test_of_reasons_why_a_device_is_awaited_only_the_newest_waits() -> None:
    lane = Lane(10)
    for event in (awaited(1, "unplugged"), mark(1), awaited(1, "busy")):
        lane.put(event)

    assert await drained(lane) == [mark(1), awaited(1, "busy")]


async def test_a_closed_lane_refuses_and_gives_what_is_inside() -> None:
    lane = Lane(2)
    lane.put(mark(1))
    assert not lane.closed
    lane.close()

    assert lane.closed
    assert not lane.put(mark(2))
    assert len(lane) == 1
    assert [event async for event in lane] == [mark(1)]


async def test_putting_wakes_the_receiver() -> None:
    lane = Lane(2)
    receiver = asyncio.ensure_future(anext(lane))
    await asyncio.sleep(0)
    lane.put(mark(1))

    assert await receiver == mark(1)


async def test_a_receiver_that_has_taken_all_waits_again() -> None:
    lane = Lane(2)
    lane.put(mark(1))
    assert await anext(lane) == mark(1)
    receiver = asyncio.ensure_future(anext(lane))
    await asyncio.sleep(0)
    assert not receiver.done()
    lane.put(mark(2))

    assert await receiver == mark(2)


async def test_closing_ends_the_wait_of_the_receiver() -> None:
    lane = Lane(2)
    receiver = asyncio.ensure_future(anext(lane, None))
    await asyncio.sleep(0)
    lane.close()

    async with asyncio.timeout(10):
        assert await receiver is None


def test_capacity_below_one_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Lane(0)
