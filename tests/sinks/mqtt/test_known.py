"""A room of which captions of several meetings come: two at once, and earlier ones late."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.encoding import final_payload, partial_payload
from streamer.sinks.mqtt.known import KnownMeetings
from streamer.sinks.mqtt.payloads import MeetingPayload, encode
from streamer.types import MeetingEnded, MeetingEvent, MeetingStarted, Notice, SegmentUpdated, Severity
from tests.sinks.mqtt.encoded import MEETING, final, names, states
from tests.sinks.mqtt.parts import START, segment

OTHER = "20261120T150000Z-77aa"


def said(number: int, meeting: str, minutes: float = 0) -> bytes:
    """A final that was spoken so long after the meetings began."""
    line = replace(segment(number), started_at=START + timedelta(minutes=minutes))
    return encode(final_payload("room", meeting, line, number))


def partial(number: int, meeting: str) -> bytes:
    return encode(partial_payload("room", meeting, SegmentUpdated(segment(number), 9, 0.5)))


def begun(meeting: str, minutes: float = 0) -> bytes:
    """The state of a meeting that began then."""
    state = msgspec.json.decode(states(meeting=meeting)[0], type=MeetingPayload)
    return encode(msgspec.structs.replace(state, started_at=START + timedelta(minutes=minutes)))


@pytest.fixture
def decoder() -> RoomDecoder:
    return RoomDecoder("room")


def starts(events: tuple[MeetingEvent, ...]) -> list[tuple[str, bool]]:
    return [(each.meeting_id, each.is_late) for each in events if isinstance(each, MeetingStarted)]


def test_of_two_meetings_at_once_the_partials_of_one_are_shown_and_one_notice_tells(decoder: RoomDecoder) -> None:
    names(decoder, "meeting", begun(MEETING), begun(OTHER))

    assert names(decoder, "caption/partial", partial(1, MEETING), partial(1, OTHER), partial(2, MEETING)) == [
        "Notice", "SegmentUpdated",
    ]  # fmt: skip
    assert names(decoder, "caption/final", said(1, MEETING)) == ["MeetingStarted", "SegmentFinalized"]
    assert names(decoder, "caption/partial", partial(2, OTHER), partial(2, MEETING)) == ["SegmentUpdated"]


def test_the_end_of_one_of_two_meetings_takes_the_notice_back(decoder: RoomDecoder) -> None:
    names(decoder, "meeting", begun(MEETING), begun(OTHER))
    names(decoder, "caption/partial", partial(1, MEETING))

    events = decoder.decode("meeting", states(MeetingEnded(0, START), meeting=OTHER)[-1])

    assert events[0] == Notice("mqtt.two-meetings", Severity.INFO, "")


def test_finals_of_a_meeting_before_this_one_are_late(decoder: RoomDecoder) -> None:
    """As where a run delivers what an earlier one could not, whether or not that one's end was told."""
    names(decoder, "meeting", begun(MEETING), begun(OTHER, minutes=60))

    assert starts(decoder.decode("caption/final", said(1, MEETING, minutes=5))) == [(MEETING, True)]
    assert starts(decoder.decode("caption/partial", partial(1, OTHER))) == [(OTHER, False)]


def test_finals_of_a_meeting_before_this_one_are_late_within_a_minute_too(decoder: RoomDecoder) -> None:
    """As where a program was begun anew at once: nobody is told that two meetings are held."""
    now = (datetime.now(UTC) - START) / timedelta(minutes=1)
    names(decoder, "meeting", begun(MEETING, minutes=now - 0.7), begun(OTHER, minutes=now - 0.2))

    kept = said(1, MEETING, minutes=now - 0.4)
    assert names(decoder, "caption/final", kept) == ["MeetingStarted", "SegmentFinalized"]
    assert starts(decoder.decode("caption/partial", partial(1, OTHER))) == [(OTHER, False)]


def test_a_final_of_an_unknown_meeting_of_long_ago_is_late_and_dated_by_itself(decoder: RoomDecoder) -> None:
    (started, _) = decoder.decode("caption/final", said(1, MEETING, minutes=-1_000_000))

    assert isinstance(started, MeetingStarted)
    assert (started.is_late, started.started_at) == (True, START - timedelta(minutes=1_000_000))


def test_finals_after_a_meeting_whose_end_was_told_are_late(decoder: RoomDecoder) -> None:
    names(decoder, "meeting", states(MeetingEnded(0, START), meeting=OTHER)[-1], begun(MEETING))

    assert starts(decoder.decode("caption/final", final(1, meeting=OTHER))) == [(OTHER, True)]


WARNING = Notice("mqtt.two-meetings", Severity.WARNING, "two meetings are held in this room")
OVER = Notice("mqtt.two-meetings", Severity.INFO, "")


def state(meeting: str, *, ended: bool = False, minutes: float = 0) -> MeetingPayload:
    began = START + timedelta(minutes=minutes)
    return MeetingPayload("room", meeting, "周会", "ended" if ended else "running", began, "zh")


def knowing(*told: MeetingPayload) -> KnownMeetings:
    """A room that has told of meetings; the first of them is current."""
    known = KnownMeetings("room")
    for each in told:
        assert known.note(each) == ()
    known.take(told[0])
    return known


def test_a_caption_of_the_current_meeting_begins_none() -> None:
    assert knowing(state(MEETING)).join(MEETING) == ()


def test_a_known_meeting_beside_the_current_one_begins_as_it_was_told_and_two_are_told_of_once() -> None:
    known = knowing(state(MEETING), state(OTHER, minutes=5))
    other = MeetingStarted(OTHER, "周会", "room", "MQTT room", "zh", START + timedelta(minutes=5), is_late=False)

    assert known.is_beside(OTHER)
    assert known.join(OTHER) == (WARNING, other)
    assert known.current == state(OTHER, minutes=5)
    assert starts(known.join(MEETING)) == [(MEETING, False)]
    assert known.note(state(MEETING)) == ()
    assert known.note(state(OTHER, ended=True)) == (OVER,)
    assert known.note(state(MEETING, ended=True)) == ()


def test_after_the_end_of_one_of_two_the_next_two_are_told_of_again() -> None:
    known = knowing(state(MEETING), state(OTHER))

    assert known.tell_two() == (WARNING,)
    assert known.tell_two() == ()
    known.note(state(OTHER, ended=True))
    assert known.tell_two() == (WARNING,)


@pytest.mark.parametrize(
    ("current", "other"),
    [
        (state(MEETING), state(MEETING)),
        (state(MEETING, ended=True), state(OTHER)),
        (state(MEETING), state(OTHER, ended=True)),
    ],
)
def test_a_meeting_is_beside_another_one_only_while_both_go_on(current: MeetingPayload, other: MeetingPayload) -> None:
    assert not knowing(current, other).is_beside(other.meeting)


def test_before_anything_was_told_no_meeting_is_beside_another() -> None:
    known = KnownMeetings("room")
    assert not known.is_beside(MEETING)
    known.note(state(MEETING))
    assert not known.is_beside(MEETING)


def test_one_that_was_told_of_by_its_captions_alone_is_not_known_to_go_on() -> None:
    known = KnownMeetings("room")
    known.note(state(MEETING))
    (started,) = known.join(OTHER)

    assert isinstance(started, MeetingStarted)
    assert (started.title, started.pack, started.is_late) == ("", "", False)
    assert known.current is not None
    assert known.current.state == "running"
    assert not known.is_beside(MEETING)
    assert starts(known.join(MEETING, START - timedelta(days=1))) == [(MEETING, False)]


def test_beside_one_that_is_sent_late_none_goes_on() -> None:
    known = knowing(state(MEETING, minutes=60), state(OTHER))
    assert starts(known.join(OTHER, START)) == [(OTHER, True)]
    assert not known.is_beside(MEETING)
    assert starts(known.join(MEETING, START)) == [(MEETING, False)]


def test_a_final_after_the_current_meeting_began_is_not_late() -> None:
    known = knowing(state(MEETING, minutes=60), state(OTHER))

    assert starts(known.join(OTHER, START + timedelta(minutes=60))) == [(OTHER, False)]


def test_a_final_of_an_unknown_meeting_that_was_said_just_now_is_dated_now() -> None:
    before = datetime.now(UTC)
    (started,) = knowing(state(MEETING)).join(OTHER, before - timedelta(seconds=50))

    assert isinstance(started, MeetingStarted)
    assert not started.is_late
    assert before <= started.started_at <= datetime.now(UTC)


def test_the_states_of_64_meetings_are_remembered_the_oldest_is_forgotten() -> None:
    known = knowing(*(state(f"meeting {number}") for number in range(65)))
    known.take(state("meeting 64"))

    assert [known.is_beside(f"meeting {number}") for number in (0, 1, 63)] == [False, True, True]
