"""What the retained topic ``meeting`` says."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from streamer.sinks.mqtt.encoding import final_payload
from streamer.sinks.mqtt.payloads import encode
from streamer.sinks.mqtt.state import MeetingState
from streamer.types import MeetingEnded, MeetingPaused, SegmentFinalized, TitleChanged
from tests.sinks.mqtt.parts import STARTED, segment
from tests.sinks.mqtt.schemas import check


def test_meeting_matches_its_schema_in_every_state() -> None:
    state = MeetingState("room")
    now = datetime(2026, 11, 20, tzinfo=UTC)
    states = []
    for event in (STARTED, MeetingPaused(0, now), TitleChanged("新"), MeetingEnded(0, now)):
        assert state.apply(event)
        assert state.confirm(final(1))
        payload = state.payload()
        assert payload is not None
        states.append(check("meeting", encode(payload)))

    assert [message["state"] for message in states] == ["running", "paused", "paused", "ended"]
    assert (states[-1]["title"], states[-1]["last"]["text"], states[-1]["finals"]) == ("新", "你好。", 1)


def test_of_a_long_title_the_beginning_is_published() -> None:
    state = MeetingState("room")
    titles = []
    for event in (replace(STARTED, title="长" * 500), TitleChanged("新" * 201)):
        state.apply(event)
        payload = state.payload()
        assert payload is not None
        titles.append(check("meeting", encode(payload))["title"])

    assert titles == ["长" * 200, "新" * 200]


def final(number: int, text: str = "你好。", *, meeting: str = STARTED.meeting_id) -> bytes:
    return encode(final_payload("room", meeting, segment(number, text), number))


def test_the_state_tells_of_finals_that_the_broker_has() -> None:
    state = MeetingState("room")
    state.apply(STARTED)
    assert not state.apply(SegmentFinalized(segment(1)))
    assert not state.confirm(final(1, meeting="of an earlier run"))
    first = state.payload()
    state.confirm(final(2, "一。"))
    state.confirm(final(3, ""))
    second = state.payload()
    assert first is not None
    assert second is not None
    assert second.last is not None

    assert (first.last, first.finals) == (None, 0)
    assert (second.last.segment, second.last.text, second.finals) == (2, "一。", 3)


def test_since_when_it_is_so_is_said_to_the_millisecond() -> None:
    state = MeetingState("room")
    state.apply(STARTED)
    state.apply(MeetingPaused(0, datetime(2026, 11, 20, 14, 30, 1, 5_999, tzinfo=UTC)))
    payload = state.payload()

    assert payload is not None
    assert payload.since == datetime(2026, 11, 20, 14, 30, 1, 5_000, tzinfo=UTC)
