"""Meeting events as payloads, against the schemas of config/asyncapi.yaml."""

from __future__ import annotations

from dataclasses import replace

from streamer.meeting.rows import stamp, unstamp
from streamer.sinks.mqtt.encoding import (
    final_payload,
    gap_payload,
    mark_payload,
    metrics_payload,
    partial_payload,
    revised_payload,
)
from streamer.sinks.mqtt.payloads import encode
from streamer.types import Gap, MarkAdded, SegmentUpdated, StatusUpdated
from tests.sinks.mqtt.parts import STARTED, segment
from tests.sinks.mqtt.schemas import check


def test_final_matches_its_schema() -> None:
    final = check("final", encode(final_payload("room", "m", segment(2, "你好。"), 1)))

    assert (final["segment"], final["revision"], final["start"], final["end"]) == (2, 3, 2.0, 3.0)
    assert final["sequence"] == 1
    assert final["tokens"][0] == {"text": "你", "pinyin": "hao3", "start": 2.0, "end": 2.2, "confidence": 0.9}
    assert final["started_at"] == "2026-11-20T14:30:00Z"


def test_a_final_in_hindsight_matches_its_schema_and_has_no_number() -> None:
    revised = check("revised", encode(revised_payload("room", "m", segment(2, "你好，", revision=4))))

    assert (revised["segment"], revised["revision"], revised["text"], revised["spoken"]) == (2, 4, "你好，", "你好")
    assert (revised["start"], revised["end"], revised["started_at"]) == (2.0, 3.0, "2026-11-20T14:30:00Z")


def test_partial_matches_its_schema() -> None:
    partial = check("partial", encode(partial_payload("room", "m", SegmentUpdated(segment(1), 4, 0.1234))))

    assert (partial["utterance"], partial["lag"], partial["stable"]) == (4, 0.123, 2)


def test_mark_and_gap_match_their_schemas() -> None:
    mark = check("mark", encode(mark_payload("room", "m", MarkAdded(8000, STARTED.started_at, "决定"))))
    gap = check("gap", encode(gap_payload("room", "m", Gap(16_000, STARTED.started_at, 2.5004, "device lost"))))

    assert (mark["position"], mark["at"], mark["note"]) == (0.5, "2026-11-20T14:30:00Z", "决定")
    assert (gap["position"], gap["seconds"], gap["reason"]) == (1.0, 2.5, "device lost")


def test_metrics_match_and_silence_is_a_level() -> None:
    payload = metrics_payload("room", "m", StatusUpdated(16000, -120.0, 0.0, False, 3), 5)

    assert check("metrics", encode(payload))["outbox"] == 5


def test_times_are_those_of_the_store_to_the_millisecond() -> None:
    """A final that ``recover`` sends, or the state afterwards, has them from there."""
    at = STARTED.started_at.replace(microsecond=123_987)
    caption = replace(segment(1), started_at=at)
    payloads = [
        partial_payload("room", "m", SegmentUpdated(caption, 4, 0.1)),
        final_payload("room", "m", caption, 1),
        revised_payload("room", "m", caption),
    ]
    gap, mark = gap_payload("room", "m", Gap(0, at, 1.0, "")), mark_payload("room", "m", MarkAdded(0, at, ""))

    assert {one.started_at for one in payloads} | {gap.at, mark.at} == {unstamp(stamp(at))}
