"""Every payload against the schemas of config/asyncapi.yaml."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from streamer.sinks.mqtt.control import Command
from streamer.sinks.mqtt.payloads import (
    MetricsPayload,
    Payload,
    ReplyPayload,
    StatusPayload,
    encode,
    final_payload,
    gap_payload,
    mark_payload,
    metrics_payload,
    partial_payload,
    revised_payload,
    shortened,
)
from streamer.sinks.mqtt.state import MeetingState
from streamer.types import (
    Gap,
    MarkAdded,
    MeetingEnded,
    MeetingPaused,
    SegmentFinalized,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
)
from tests.sinks.mqtt.parts import STARTED, segment

DOCUMENT: dict[str, Any] = yaml.safe_load(Path("config/asyncapi.yaml").read_text(encoding="utf-8"))


def check(schema: str, message: bytes) -> dict[str, Any]:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    decoded = json.loads(message)
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(decoded)
    assert isinstance(decoded, dict)
    return decoded


def test_final_matches_its_schema() -> None:
    final = check("final", encode(final_payload("room", "m", segment(2, "你好。"), 1)))

    assert (final["segment"], final["revision"], final["start"], final["end"]) == (2, 3, 2.0, 3.0)
    assert final["sequence"] == 1
    assert final["tokens"][0] == {"text": "你", "pinyin": "hao3", "start": 2.0, "end": 2.2, "confidence": 0.9}
    assert final["started_at"] == "2026-11-20T14:30:00Z"


def test_shortened_final_matches_and_keeps_its_text() -> None:
    short = check("final", shortened(encode(final_payload("room", "m", segment(2, "你好。"), 7))))

    assert (short["text"], short["tokens"], short["shortened"], short["sequence"]) == ("你好。", [], True, 7)


def test_a_final_of_an_older_outbox_matches_and_is_not_counted() -> None:
    counted = encode(final_payload("room", "m", segment(2, "你好。"), 7))
    older = counted.replace(b'"sequence":7,', b"")

    assert "sequence" not in check("final", older)
    assert "sequence" not in check("final", shortened(older))


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


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        ("status", StatusPayload(room="room", status="online")),
        ("reply", ReplyPayload(room="room", id=None, ok=False, error="no")),
        ("reply", ReplyPayload(room="room", id="1", ok=True)),
    ],
)
def test_other_payloads_match(schema: str, payload: Payload) -> None:
    assert check(schema, encode(payload))["v"] == 1


def test_metrics_match_and_silence_is_a_level() -> None:
    payload = metrics_payload("room", "m", StatusUpdated(16000, -120.0, 0.0, False, 3), 5)
    assert isinstance(payload, MetricsPayload)

    assert check("metrics", encode(payload))["outbox"] == 5


def test_command_schema_names_the_fields_that_are_read() -> None:
    schema = DOCUMENT["components"]["schemas"]["command"]

    assert sorted(schema["properties"]) == sorted(Command.__struct_fields__)


def test_document_describes_every_topic() -> None:
    addresses = {channel["address"].split("/", 2)[2] for channel in DOCUMENT["channels"].values()}

    captions = {"caption/partial", "caption/final", "revised", "meeting", "mark", "gap"}
    assert addresses == captions | {"status", "metrics", "command", "reply"}
