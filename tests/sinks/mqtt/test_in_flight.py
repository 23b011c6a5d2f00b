"""What a connection may have been closed over."""

from __future__ import annotations

import pytest

from streamer.sinks.mqtt.in_flight import InFlight


@pytest.fixture
def flight() -> InFlight:
    return InFlight()


def test_the_one_message_without_a_receipt_is_the_suspect(flight: InFlight) -> None:
    flight.send(1, "final", b"1")
    flight.confirm(1)
    flight.send(2, "mark", b"2")

    assert flight.suspect == ("mark", b"2")


def test_of_several_none_is(flight: InFlight) -> None:
    flight.send(1, "final", b"1")
    flight.pass_on("partial")

    assert flight.suspect is None


def test_what_has_no_receipt_is_the_suspect_until_one_comes_after_it(flight: InFlight) -> None:
    flight.pass_on("partial")
    before = flight.suspect, flight.take_taken()
    flight.send(1, "final", b"1")
    flight.confirm(1)

    assert before == (("partial", b""), set())
    assert (flight.suspect, flight.take_taken(), flight.take_taken()) == (None, {"partial"}, set())
