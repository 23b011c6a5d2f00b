from __future__ import annotations

import contextlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.encoding import (
    gap_payload,
    mark_payload,
    metrics_payload,
    partial_payload,
)
from streamer.sinks.mqtt.payloads import encode
from streamer.types import (
    Gap,
    GapFound,
    MarkAdded,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    StatusUpdated,
)
from tests.sinks.mqtt.encoded import MEETING, final, names, revised, states
from tests.sinks.mqtt.parts import START, segment


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
