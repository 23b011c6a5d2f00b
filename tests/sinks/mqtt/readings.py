"""How tests read what a broker passed on, and what people were told."""

from __future__ import annotations

import json
from typing import Any

from tests.sinks.mqtt.parts import Bench


def last(messages: list[bytes]) -> dict[str, Any]:
    decoded = json.loads(messages[-1])
    assert isinstance(decoded, dict)
    return decoded


def numbers(messages: list[bytes]) -> list[int]:
    """Segment ids in the order of arrival, repeats dropped as a receiver would."""
    return list(dict.fromkeys(json.loads(message)["segment"] for message in messages))


def told(bench: Bench) -> list[tuple[str, str]]:
    return [(notice.severity, notice.text) for notice in bench.notices]


def notes(messages: list[bytes]) -> list[str]:
    """Of marks in the order of arrival, repeats dropped as a receiver would."""
    return list(dict.fromkeys(json.loads(message)["note"] for message in messages))
