"""Payloads against the schemas of config/asyncapi.yaml."""

from __future__ import annotations

import pytest

from streamer.sinks.mqtt.control import Command
from streamer.sinks.mqtt.encoding import final_payload, waiting_payload
from streamer.sinks.mqtt.payloads import MarkPayload, Payload, ReplyPayload, StatusPayload, decode, encode, shortened
from tests.sinks.events import awaited
from tests.sinks.mqtt.parts import segment
from tests.sinks.mqtt.schemas import DOCUMENT, check


def test_shortened_final_matches_and_keeps_its_text() -> None:
    short = check("final", shortened(encode(final_payload("room", "m", segment(2, "你好。"), 7))))

    assert (short["text"], short["tokens"], short["shortened"], short["sequence"]) == ("你好。", [], True, 7)


def test_a_final_of_an_older_outbox_matches_and_is_not_counted() -> None:
    counted = encode(final_payload("room", "m", segment(2, "你好。"), 7))
    older = counted.replace(b'"sequence":7,', b"")

    assert "sequence" not in check("final", older)
    assert "sequence" not in check("final", shortened(older))


@pytest.mark.parametrize(
    ("schema", "payload"),
    [
        ("status", StatusPayload(room="room", status="online")),
        ("status", StatusPayload(room="room", status="online", waiting=waiting_payload(awaited(9)))),
        ("reply", ReplyPayload(room="room", id=None, ok=False, error="no")),
        ("reply", ReplyPayload(room="room", id="1", ok=True)),
    ],
)
def test_other_payloads_match(schema: str, payload: Payload) -> None:
    assert check(schema, encode(payload))["v"] == 1


def test_command_schema_names_the_fields_that_are_read() -> None:
    schema = DOCUMENT["components"]["schemas"]["command"]

    assert sorted(schema["properties"]) == sorted(Command.__struct_fields__)


def test_document_describes_every_topic() -> None:
    addresses = {channel["address"].split("/", 2)[2] for channel in DOCUMENT["channels"].values()}

    captions = {"caption/partial", "caption/final", "revised", "meeting", "mark", "gap"}
    assert addresses == captions | {"status", "metrics", "command", "reply"}


@pytest.mark.parametrize(
    ("key", "value", "why"),
    [
        ("position", "1e308", r"a number is beyond 1e\+12"),
        ("position", f"-1{'0' * 400}", "out of range"),
        ("at", '"2026-11-20T14:30:00"', r"2026-11-20T14:30:00 is a time without its zone, expected one as 2026-11-20T"),
        ("at", '"0001-01-01T00:00:00Z"', r"0001-01-01T00:00:00\+00:00 is in the year 1, expected 1900 to 2999"),
        ("note", "7", "Expected `str`, got `int`"),
    ],
)
def test_a_payload_of_which_nothing_can_be_made_is_refused(key: str, value: str, why: str) -> None:
    fields = {"room": '"room"', "meeting": '"m"', "position": "1.5", "at": '"2026-11-20T14:30:00Z"', "note": '""'}
    mark = ", ".join(f'"{name}": {text}' for name, text in (fields | {key: value}).items())

    with pytest.raises(ValueError, match=why):
        decode(f"{{{mark}}}".encode(), MarkPayload)


def test_times_and_numbers_within_a_payload_are_looked_at_too() -> None:
    status = encode(StatusPayload(room="room", status="online", waiting=waiting_payload(awaited(9))))

    with pytest.raises(ValueError, match="is a time without its zone"):
        decode(status.replace(b'Z","reason"', b'","reason"'), StatusPayload)
