"""Which messages are left out after connections broke over them."""

from __future__ import annotations

import pytest

from streamer.sinks.mqtt.breaks import Breaks

TOPIC, OTHER = "streamer/room/revised", "streamer/room/mark"


@pytest.fixture
def breaks() -> Breaks:
    return Breaks()


def until_left_out(breaks: Breaks, payload: bytes, topic: str = TOPIC) -> int:
    """How many connections break over a message before it is left out."""
    count = 1
    while not breaks.note(topic, payload):
        count += 1
    return count


def test_a_message_is_left_out_after_five_connections_and_its_topic_is_not(breaks: Breaks) -> None:
    assert until_left_out(breaks, b"1") == 5
    assert (breaks.is_left_out(TOPIC, b"1"), breaks.is_left_out(TOPIC, b"2")) == (True, False)
    assert not breaks.is_shunned(TOPIC)


def test_a_topic_is_left_out_after_three_messages_in_a_row(breaks: Breaks) -> None:
    assert [until_left_out(breaks, payload) for payload in (b"1", b"2")] == [5, 2]
    assert not breaks.is_shunned(TOPIC)
    assert until_left_out(breaks, b"3") == 2
    assert (breaks.is_shunned(TOPIC), breaks.is_shunned(OTHER)) == (True, False)


def test_a_message_that_is_taken_between_shows_that_its_topic_is_allowed(breaks: Breaks) -> None:
    for payload in (b"1", b"2", b"3", b"4"):
        assert until_left_out(breaks, payload) == 5
        breaks.note_taken(TOPIC)

    assert not breaks.is_shunned(TOPIC)


def test_messages_of_other_topics_show_nothing_of_it(breaks: Breaks) -> None:
    for payload in (b"1", b"2", b"3"):
        until_left_out(breaks, payload)
        breaks.note_taken(OTHER)

    assert breaks.is_shunned(TOPIC)


def test_connections_that_break_over_this_and_that_leave_nothing_out(breaks: Breaks) -> None:
    assert [breaks.note(topic, b"1") for _ in range(10) for topic in (TOPIC, OTHER)] == [False] * 20


def test_a_message_that_is_left_out_is_so_once(breaks: Breaks) -> None:
    until_left_out(breaks, b"1")

    assert [breaks.note(TOPIC, b"1") for _ in range(5)] == [False] * 5
    assert not breaks.is_shunned(TOPIC)


def test_a_size_that_is_too_large_is_known_from_two_messages_and_from_smaller_ones(breaks: Breaks) -> None:
    told = [(breaks.note_shortened(size), breaks.limit) for size in (3000, 2500, 2600, 2200)]

    assert told == [(False, None), (True, 2500), (False, 2500), (True, 2200)]
