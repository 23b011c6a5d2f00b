"""Payloads against the schemas of config/asyncapi.yaml."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from streamer.sinks.mqtt.control import Command
from streamer.sinks.mqtt.encoding import final_payload, waiting_payload
from streamer.sinks.mqtt.payloads import Payload, ReplyPayload, StatusPayload, encode, shortened
from tests.sinks.events import awaited
from tests.sinks.mqtt.parts import segment

DOCUMENT: dict[str, Any] = yaml.safe_load(Path("config/asyncapi.yaml").read_text(encoding="utf-8"))


def check(schema: str, message: bytes) -> dict[str, Any]:
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    decoded = json.loads(message)
    jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker()).validate(decoded)
    assert isinstance(decoded, dict)
    return decoded


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
