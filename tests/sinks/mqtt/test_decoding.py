from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.encoding import (
    final_payload,
    gap_payload,
    mark_payload,
    metrics_payload,
    partial_payload,
    revised_payload,
)
from streamer.sinks.mqtt.payloads import StatusPayload, encode
from streamer.sinks.mqtt.state import MeetingState
from streamer.types import (
    Gap,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
)
from tests.sinks.mqtt.parts import START, STARTED, segment

MEETING = STARTED.meeting_id


def final(number: int, text: str = "你好。", *, revision: int = 3, meeting: str = MEETING) -> bytes:
    """A final whose id is its sequence too."""
    return encode(final_payload("room", meeting, segment(number, text, revision=revision), number))


def states(*events: MeetingEvent, meeting: str = MEETING) -> list[bytes]:
    """What the retained topic says after each event; of a final: when the broker has it."""
    state = MeetingState("room")
    payloads = []
    for event in (replace(STARTED, meeting_id=meeting), *events):
        state.apply(event)
        if isinstance(event, SegmentFinalized):
            state.confirm(final(event.segment.id, event.segment.text, meeting=meeting))
        payload = state.payload()
        assert payload is not None
        payloads.append(encode(payload))
    return payloads


def names(decoder: RoomDecoder, leaf: str, *payloads: bytes) -> list[str]:
    return [type(event).__name__ for payload in payloads for event in decoder.decode(leaf, payload)]


def test_final_comes_back_as_it_was_sent() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])
    (event,) = decoder.decode("caption/final", final(1))
    assert isinstance(event, SegmentFinalized)
    sent, received = segment(1), event.segment

    assert (received.text, received.spoken, received.start_sample) == (sent.text, sent.spoken, sent.start_sample)
    assert [token.text for token in received.tokens] == ["你", "好"]


def test_partial_comes_back_as_it_was_sent() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])
    (event,) = decoder.decode(
        "caption/partial", encode(partial_payload("room", MEETING, SegmentUpdated(segment(1), 9, 0.5)))
    )
    assert isinstance(event, SegmentUpdated)

    assert (event.utterance_id, event.lag_seconds, event.segment.stable_length) == (9, 0.5, 2)


def test_repeats_are_dropped_and_revisions_are_not() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])
    events = [
        event
        for payload in (final(1), final(1), final(1, "您好。", revision=4), final(1))
        for event in decoder.decode("caption/final", payload)
    ]

    assert [event.segment.text for event in events if isinstance(event, SegmentFinalized)] == ["你好。", "您好。"]


def revised(number: int, text: str = "你好，", *, revision: int = 4, meeting: str = MEETING) -> bytes:
    return encode(revised_payload("room", meeting, segment(number, text, revision=revision)))


def test_a_final_in_hindsight_comes_once_and_takes_no_final_back() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])
    decoder.decode("caption/final", final(1))
    (event,) = decoder.decode("revised", revised(1))

    assert event == SegmentRevised(
        replace(segment(1, "你好，", revision=4), stable_length=2, tokens=(), end_reason=None)
    )
    assert decoder.decode("revised", revised(1)) == ()
    assert decoder.decode("caption/final", final(1)) == ()


def test_a_final_in_hindsight_that_has_not_arrived_itself_is_passed_over() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])

    assert decoder.decode("revised", revised(1)) == ()
    assert names(decoder, "caption/final", final(1)) == ["SegmentFinalized"]


def test_hindsight_is_not_counted_among_the_finals() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])

    assert names(decoder, "caption/final", final(1)) == ["SegmentFinalized"]
    assert names(decoder, "revised", revised(1), revised(1, "你好。", revision=5)) == ["SegmentRevised"] * 2
    assert names(decoder, "caption/final", final(2)) == ["SegmentFinalized"]


def test_late_partial_does_not_replace_its_final() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("caption/final", final(1))
    late = encode(partial_payload("room", MEETING, SegmentUpdated(segment(1), 1, 0.1)))

    assert decoder.decode("caption/partial", late) == ()


def test_after_a_lost_link_the_newest_final_is_shown_too() -> None:
    decoder = RoomDecoder("room")
    first, second = states(SegmentFinalized(segment(1, "到这里。")))
    decoder.decode("meeting", first)

    assert decoder.decode("meeting", second) == ()
    assert names(decoder, "caption/final", final(1, "到这里。")) == ["SegmentFinalized"]
    assert decoder.decode("meeting", second, is_retained=True) == ()

    other = RoomDecoder("room")
    other.decode("meeting", first)
    assert [type(event) for event in other.decode("meeting", second, is_retained=True)] == [SegmentFinalized]


def test_marks_and_gaps_come_back_once() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])
    mark = MarkAdded(32_000, START, "决定")
    gap = Gap(48_000, START, 2.5, "device lost")
    marked, missing = encode(mark_payload("room", MEETING, mark)), encode(gap_payload("room", MEETING, gap))

    assert [decoder.decode("mark", marked), decoder.decode("mark", marked)] == [(mark,), ()]
    assert [decoder.decode("gap", missing), decoder.decode("gap", missing)] == [(GapFound(gap),), ()]


def test_whoever_comes_after_the_end_learns_when_that_was() -> None:
    end = START + timedelta(minutes=1)
    events = RoomDecoder("room").decode("meeting", states(MeetingEnded(960_000, end))[-1])

    assert events[-1] == MeetingEnded(960_000, end)


def test_late_joiner_sees_meeting_and_last_caption() -> None:
    retained = states(SegmentFinalized(segment(4, "到这里。")))[-1]
    events = RoomDecoder("room").decode("meeting", retained)

    assert [type(event) for event in events] == [MeetingStarted, SegmentFinalized]
    assert isinstance(events[1], SegmentFinalized)
    assert events[1].segment.text == "到这里。"


def test_states_become_events() -> None:
    payloads = states(MeetingPaused(0, START), MeetingResumed(0, START), TitleChanged("新"), MeetingEnded(0, START))

    assert names(RoomDecoder("room"), "meeting", *payloads) == [
        "MeetingStarted", "MeetingPaused", "MeetingResumed", "TitleChanged", "MeetingEnded",
    ]  # fmt: skip


def test_captions_before_the_retained_state_start_a_meeting() -> None:
    decoder = RoomDecoder("room")

    assert names(decoder, "caption/final", final(1)) == ["MeetingStarted", "SegmentFinalized"]
    assert names(decoder, "meeting", states()[0]) == ["MeetingStarted"]


def test_offline_and_online_are_a_warning_word_of_the_return_and_its_end() -> None:
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])
    texts = [
        event.text
        for status in ("online", "offline", "online")
        for event in decoder.decode("status", encode(StatusPayload(room="room", status=status)))
        if isinstance(event, Notice)
    ]

    assert texts == ["", "offline", "online", ""]


@pytest.mark.parametrize("status_first", [True, False])
def test_whoever_has_ended_its_meeting_may_go_offline(status_first: bool) -> None:
    offline = ("status", encode(StatusPayload(room="room", status="offline")))
    ended = ("meeting", states(MeetingEnded(0, START))[-1])
    decoder = RoomDecoder("room")
    arrived = [offline, ended] if status_first else [ended, offline]
    notices = [event for message in arrived for event in decoder.decode(*message) if isinstance(event, Notice)]

    assert notices[-1].text == ""


def test_a_meeting_that_was_broken_off_is_told_with_its_streamer_away() -> None:
    decoder = RoomDecoder("room", is_past_left_out=True)

    assert decoder.decode("status", encode(StatusPayload(room="room", status="offline")), is_retained=True) == ()
    started, missed = decoder.decode("meeting", states()[0], is_retained=True)
    assert isinstance(started, MeetingStarted)
    assert isinstance(missed, Notice)
    assert missed.text == "offline"


def test_a_meeting_that_had_ended_before_is_left_out_where_that_is_asked_for() -> None:
    decoder, ended = RoomDecoder("room", is_past_left_out=True), states(MeetingEnded(0, START))[-1]

    assert decoder.decode("meeting", ended, is_retained=True) == ()
    assert not decoder.has_meeting
    assert names(decoder, "meeting", states(meeting="later")[0]) == ["MeetingStarted"]
    assert names(RoomDecoder("room"), "meeting", ended) == ["MeetingStarted", "MeetingEnded"]


def test_a_final_of_a_meeting_that_was_left_out_brings_it_back() -> None:
    decoder = RoomDecoder("room", is_past_left_out=True)
    decoder.decode("meeting", states(SegmentFinalized(segment(1, "一")), MeetingEnded(0, START))[-1], is_retained=True)
    started, late = decoder.decode("caption/final", final(2))

    assert isinstance(started, MeetingStarted)
    assert started.title == STARTED.title
    assert isinstance(late, SegmentFinalized)


def test_metrics_become_a_status() -> None:
    sent = StatusUpdated(32000, -30.0, 0.5, True, 2)

    assert RoomDecoder("room").decode("metrics", encode(metrics_payload("room", MEETING, sent, 0))) == (sent,)


def test_later_version_is_refused() -> None:
    with pytest.raises(ValueError, match="version 2, expected 1"):
        RoomDecoder("room").decode("caption/final", final(1).replace(b'"v":1', b'"v":2'))


@given(
    st.sampled_from(["caption/partial", "caption/final", "meeting", "mark", "gap", "status", "metrics", "other"]),
    st.binary(),
)
def test_foreign_payloads_raise_nothing_but_value_errors(leaf: str, payload: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert RoomDecoder("room").decode(leaf, payload) == ()
