import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.sinks.mqtt.control import Command, CommandDesk, sign
from tests.sinks.mqtt.parts import NotingControl


def desk(secret: str | None = None) -> tuple[CommandDesk, NotingControl]:
    control = NotingControl()
    return CommandDesk("room", control, secret), control


def signed(secret: str = "s3cret", **fields: object) -> bytes:
    command = Command(**{"id": "1", "command": "stop", "time": 1000, **fields})  # type: ignore[arg-type]
    return json.dumps(
        {"id": command.id, "command": command.command, "argument": command.argument, "time": command.time,
         "signature": sign(secret, "room", command)}
    ).encode()  # fmt: skip


@pytest.mark.parametrize(
    ("command", "argument", "call"),
    [
        ("stop", "", ("stop",)),
        ("pause", "", ("pause",)),
        ("resume", "", ("resume",)),
        ("mark", "决定", ("mark", "决定")),
        ("set-title", " 周会 ", ("set-title", "周会")),
    ],
)
def test_each_command_is_carried_out(command: str, argument: str, call: tuple[str, ...]) -> None:
    clerk, control = desk()
    reply = clerk.handle(json.dumps({"id": "1", "command": command, "argument": argument}).encode(), 0)

    assert (reply.ok, reply.id, control.calls) == (True, "1", [call])


def test_repeat_gets_the_first_answer_and_changes_nothing() -> None:
    clerk, control = desk()
    replies = [clerk.handle(b'{"id": "1", "command": "mark"}', 0) for _ in range(3)]

    assert (len(control.calls), replies[0] == replies[2]) == (1, True)


@pytest.mark.parametrize(
    ("payload", "why"),
    [
        (b"", "not a command"),
        (b"stop", "not a command"),
        (b"\xff\xfe", "not a command"),
        (b'{"id": "1"}', "missing required field `command`"),
        (b'{"id": "1", "command": "format-disk"}', "Invalid enum value"),
        (b'{"id": "1", "command": "stop", "extra": 1}', "unknown field"),
        (b'{"id": 1, "command": "stop"}', "Expected `str`"),
        (b'{"id": "", "command": "stop"}', "1 to 64 characters"),
        (b'{"id": "1", "command": "set-title", "argument": "  "}', "needs the title"),
        (json.dumps({"id": "1", "command": "mark", "argument": "x" * 201}).encode(), "longer than 200"),
        (b'{"id": "' + b"x" * 5000 + b'", "command": "stop"}', "longer than 4096"),
    ],
)
def test_bad_commands_are_answered_and_change_nothing(payload: bytes, why: str) -> None:
    clerk, control = desk()
    reply = clerk.handle(payload, 0)

    assert (reply.ok, control.calls) == (False, [])
    assert why in str(reply.error)


@pytest.mark.parametrize(
    ("payload", "request_id"),
    [
        (b'{"id": "1", "command": "format-disk"}', "1"),
        (b'{"id": "1", "extra": 1}', "1"),
        (b'{"id": 1, "command": "stop"}', None),
        (b'{"id": "' + b"x" * 65 + b'"}', None),
        (b'"stop"', None),
    ],
)
def test_a_refusal_names_the_request_where_it_can_be_read_and_what_commands_there_are(
    payload: bytes, request_id: str | None
) -> None:
    reply = desk()[0].handle(payload, 0)

    assert reply.id == request_id
    assert str(reply.error).endswith("; expected id and command (stop, pause, resume, mark or set-title)")


def test_signed_command_is_carried_out() -> None:
    clerk, control = desk("s3cret")

    assert clerk.handle(signed(), 1030).ok
    assert control.calls == [("stop",)]


@pytest.mark.parametrize(
    ("payload", "now", "why"),
    [
        (b'{"id": "1", "command": "stop"}', 1000, "signature"),
        (signed("other"), 1000, "signature"),
        (signed().replace(b'"stop"', b'"mark"'), 1000, "signature"),
        (signed(), 1061, "60 s off"),
        (signed(), 939, "60 s off"),
        ('{"id": "1", "command": "stop", "signature": "é"}'.encode(), 1000, "signature"),
    ],
)
def test_unsigned_forged_and_stale_commands_are_refused(payload: bytes, now: float, why: str) -> None:
    clerk, control = desk("s3cret")
    reply = clerk.handle(payload, now)

    assert (reply.ok, control.calls) == (False, [])
    assert why in str(reply.error)


@given(st.binary(max_size=200))
def test_no_payload_raises(payload: bytes) -> None:
    clerk, _ = desk("s3cret")

    assert not clerk.handle(payload, 0).ok


def test_there_is_nothing_to_mark_before_the_meeting() -> None:
    control = NotingControl()
    waiting = CommandDesk("room", control, None, lambda: False)
    answers = [
        waiting.handle(json.dumps({"id": name, "command": name, "argument": "周会"}).encode(), 0)
        for name in ("mark", "set-title", "stop")
    ]

    assert [answer.error for answer in answers] == [
        "there is no meeting to mark yet: its microphone is waited for", None, None,
    ]  # fmt: skip
    assert control.calls == [("set-title", "周会"), ("stop",)]


@pytest.mark.parametrize("title", [" ", "\u200b\u2060"])
def test_a_title_of_which_nothing_is_seen_is_refused(title: str) -> None:
    request = json.dumps({"id": "1", "command": "set-title", "argument": title}).encode()
    room, control = desk()

    assert room.handle(request, 0).error == "set-title needs the title as argument"
    assert control.calls == []
