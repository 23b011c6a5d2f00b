"""What a watcher is told of finals that did not arrive."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.subscriber import RoomWatcher
from streamer.types import CaptionsMissed, MeetingEnded, MeetingEvent, MeetingStarted, SegmentFinalized
from tests.brokers import Mosquitto, subscribed
from tests.sinks.mqtt.encoded import final, states
from tests.sinks.mqtt.parts import START, STARTED, running, segment
from tests.sinks.mqtt.watching import texts

NEXT = "20261120T160000Z-77aa"


def said(event: MeetingEvent) -> str | int:
    """A final by its text, missed captions by their number, anything else by its name."""
    match event:
        case SegmentFinalized(segment=one):
            return one.text
        case CaptionsMissed(count=count):
            return count
        case _:
            return type(event).__name__


def heard(decoder: RoomDecoder, *finals: int) -> list[str | int]:
    found = [decoder.decode("caption/final", final(number, f"{number}。")) for number in finals]
    return [said(event) for events in found for event in events]


def told(decoder: RoomDecoder, state: bytes, *, is_retained: bool = False) -> list[str | int]:
    return [said(event) for event in decoder.decode("meeting", state, is_retained=is_retained)]


def until(number: int, *events: MeetingEvent, meeting: str = "") -> bytes:
    """The state when the broker has that final, and after what followed."""
    finals = [SegmentFinalized(segment(number, f"{number}。"))] if number else []
    return states(*finals, *events, **({"meeting": meeting} if meeting else {}))[-1]


@pytest.fixture
def decoder() -> RoomDecoder:
    """One that came before the meeting's first final."""
    watching = RoomDecoder("room")
    watching.decode("meeting", until(0), is_retained=True)
    return watching


def test_finals_without_a_hole_are_only_shown(decoder: RoomDecoder) -> None:
    assert heard(decoder, 1, 2, 3) == ["1。", "2。", "3。"]


def test_a_hole_is_told_once_before_the_next_final(decoder: RoomDecoder) -> None:
    assert heard(decoder, 1, 5, 6) == ["1。", 3, "5。", "6。"]


def test_missed_captions_have_the_place_of_the_next(decoder: RoomDecoder) -> None:
    missed, following = decoder.decode("caption/final", final(4))
    assert isinstance(following, SegmentFinalized)

    assert missed == CaptionsMissed(following.segment.start_sample, following.segment.started_at, 3)


def test_repeats_are_neither_shown_nor_missed(decoder: RoomDecoder) -> None:
    assert heard(decoder, 1, 2, 1, 2, 3, 3) == ["1。", "2。", "3。"]


def test_what_comes_late_is_shown_and_missed_no_more(decoder: RoomDecoder) -> None:
    assert heard(decoder, 1, 4, 2, 3, 5) == ["1。", 2, "4。", "2。", "3。", "5。"]


def test_whoever_joins_late_has_missed_nothing() -> None:
    late = RoomDecoder("room")
    assert told(late, until(6), is_retained=True) == ["MeetingStarted", "6。"]
    assert heard(late, 7, 9) == ["7。", 1, "9。"]


def test_whoever_joins_before_the_retained_state_has_missed_nothing() -> None:
    late = RoomDecoder("room")
    assert heard(late, 7, 8) == ["MeetingStarted", "7。", "8。"]
    assert told(late, until(8)) == ["MeetingStarted"]
    assert heard(late, 10) == [1, "10。"]


@pytest.mark.parametrize(("minutes", "missed"), [(0, [5]), (-1, [5]), (1, [])])
def test_a_meeting_that_began_while_the_link_was_lost_was_missed_from_its_beginning(
    minutes: int, missed: list[int]
) -> None:
    there_since = START + timedelta(minutes=minutes)
    events = RoomDecoder("room").decode("meeting", until(6), is_retained=True, there_since=there_since)

    assert [said(event) for event in events] == ["MeetingStarted", *missed, "6。"]


def test_after_a_lost_link_the_retained_state_tells_what_is_missing(decoder: RoomDecoder) -> None:
    heard(decoder, 1, 2)

    assert told(decoder, until(6), is_retained=True) == [3, "6。"]
    assert told(decoder, until(6), is_retained=True) == []
    assert heard(decoder, 6, 7) == ["7。"]


def test_a_state_that_comes_between_finals_accuses_nobody(decoder: RoomDecoder) -> None:
    assert told(decoder, until(3)) == []
    assert heard(decoder, 1, 2, 3) == ["1。", "2。", "3。"]


def test_what_is_missing_at_the_end_is_told_with_it(decoder: RoomDecoder) -> None:
    heard(decoder, 1)
    ended = until(5, MeetingEnded(960_000, START + timedelta(minutes=1)))

    assert told(decoder, ended) == [3, "5。", "MeetingEnded"]
    assert told(decoder, ended, is_retained=True) == []


def test_a_last_caption_that_is_written_in_another_way_since_is_not_shown_again(decoder: RoomDecoder) -> None:
    heard(decoder, 1, 2)
    ended = until(2, MeetingEnded(0, START)).replace(b'"revision":3', b'"revision":4')

    assert told(decoder, ended) == ["MeetingEnded"]


def test_an_end_after_all_finals_tells_of_nothing_missing(decoder: RoomDecoder) -> None:
    heard(decoder, 1, 2)

    assert told(decoder, until(2, MeetingEnded(0, START))) == ["MeetingEnded"]


def test_a_meeting_that_began_while_the_link_was_lost_was_missed(decoder: RoomDecoder) -> None:
    heard(decoder, 1)

    assert told(decoder, until(4, meeting=NEXT), is_retained=True) == ["MeetingStarted", 3, "4。"]


def test_finals_of_an_earlier_meeting_go_on_where_they_were(decoder: RoomDecoder) -> None:
    heard(decoder, 1, 2)
    told(decoder, until(0, meeting=NEXT))

    assert heard(decoder, 3, 5) == ["Notice", "MeetingStarted", "3。", 1, "5。"]
    (started, following) = decoder.decode("caption/final", final(1, "新。", meeting=NEXT))
    assert isinstance(started, MeetingStarted)
    assert (started.meeting_id, started.title, said(following)) == (NEXT, "周会", "新。")


def test_finals_that_an_older_streamer_left_are_not_counted(decoder: RoomDecoder) -> None:
    older = [final(number, f"{number}。").replace(f'"sequence":{number},'.encode(), b"") for number in (4, 6)]

    assert [said(event) for one in older for event in decoder.decode("caption/final", one)] == ["4。", "6。"]


@pytest.mark.broker
async def test_whoever_was_there_before_a_first_meeting_is_told_what_a_broker_without_memory_did_not_pass_on(
    tmp_path: Path,
) -> None:
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(20):
        watcher = RoomWatcher(MqttSettings(url=f"mqtt://127.0.0.1:{broker.port}/streamer/+"))
        events = watcher.events()
        await anext(events)
        broker.kill()
        await anext(events)
        # Asked for nothing, it does not connect either.
        await broker.start()
        async with running(broker.port, started=False) as bench:
            await bench.publisher.handle(replace(STARTED, started_at=datetime.now(UTC)))
            for number, text in enumerate(("一。", "二。", "三。"), 1):
                await bench.finalize(number, text)
            async with subscribed(broker.port, "streamer/room/meeting") as kept:
                await kept.until(lambda kept: kept.on("meeting") and b'"finals":3' in kept.on("meeting")[-1])
            seen = [await anext(events) for _ in range(5)]
        await events.aclose()

    assert [type(event).__name__ for _, event in seen] == [
        "Notice",
        "Notice",
        "MeetingStarted",
        "CaptionsMissed",
        "SegmentFinalized",
    ]
    assert (seen[3][1].count, texts(seen)) == (2, ["三。"])
