"""What people are told of messages that a broker does not take."""

from __future__ import annotations

import json

import pytest

from streamer.sinks.mqtt.notices import LinkNotices
from streamer.types import Notice


@pytest.fixture
def told() -> list[Notice]:
    return []


@pytest.fixture
def notices(told: list[Notice]) -> LinkNotices:
    return LinkNotices("mqtt://hall:1883/streamer", told.append)


@pytest.mark.parametrize(
    ("leaf", "payload", "named"),
    [
        ("revised", {"segment": 12, "revision": 4}, "segment 12 on streamer/lab/revised"),
        ("mark", {"position": 83.5, "note": "决定"}, "the mark at 83.5 s on streamer/lab/mark"),
        ("gap", {"position": 2.0, "seconds": 0.5}, "the gap at 2 s on streamer/lab/gap"),
        ("meeting", {"position": 2.0, "title": "周会"}, "a message on streamer/lab/meeting"),
        ("mark", {"id": "r1", "ok": True}, "a message on streamer/lab/mark"),
    ],
)
def test_a_message_that_is_left_out_is_named(
    notices: LinkNotices, told: list[Notice], leaf: str, payload: dict[str, object], named: str
) -> None:
    notices.left_out(f"streamer/lab/{leaf}", json.dumps(payload).encode(), "too large")

    text = f"MQTT: 1 message(s) left out that mqtt://hall:1883/streamer does not take, at last {named} (too large)"
    assert [notice.text for notice in told] == [text]


def test_messages_that_are_left_out_are_counted_and_each_is_told_once(notices: LinkNotices, told: list[Notice]) -> None:
    for _ in range(2):
        for state in (b'{"state":"running"}', b'{"state":"paused"}'):
            notices.left_out("streamer/lab/meeting", state, "too large")

    assert [notice.text.partition(" left out")[0] for notice in told] == ["MQTT: 1 message(s)", "MQTT: 2 message(s)"]


def test_of_many_topics_the_newest_are_told(notices: LinkNotices, told: list[Notice]) -> None:
    for number in range(100):
        notices.refused(f"answers/{number:02}", "Not authorized")

    assert told[-1].text == (
        "MQTT: mqtt://hall:1883/streamer does not take messages on "
        f"{', '.join(f'answers/{number}' for number in range(68, 100))} (Not authorized)"
    )
