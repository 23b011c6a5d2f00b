from __future__ import annotations

import json

import pytest

from streamer.audio.capturing.capture_wire import (
    HEADER,
    Away,
    CaptureRequest,
    HeardSource,
    InputDevice,
    Inputs,
    Kind,
    Lost,
    Message,
    Opened,
    Refused,
    Sound,
    decode,
    encode,
    unpack,
)


@pytest.mark.parametrize(
    "message",
    [
        Sound(b"\1\2\3\4"),
        Opened("麦克风", 48_000, 2),
        Lost(0.25, "the computer slept"),
        Refused("busy", "libportaudio2"),
        Refused("two are named so", is_lasting=True),
        Away("no input is named 'USB'"),
        HeardSource("usb", "USB 麦克风", is_chosen=True),
        Inputs((InputDevice(0, "pulse", "ALSA", 32, 44_100, True),)),
    ],
)
def test_a_message_arrives_as_it_was_sent(message: Message) -> None:
    kind, size = HEADER.unpack(encode(message)[: HEADER.size])
    payload = encode(message)[HEADER.size :]

    assert size == len(payload)
    assert decode(kind, payload) == message


def test_a_request_for_nothing_special_is_for_any_channel_of_the_default() -> None:
    assert json.loads(CaptureRequest().encode()) == {
        "device": "",
        "channel": 0,
        "latency_ms": 60,
        "is_patient": False,
        "known_as": "",
        "list_only": False,
    }


def test_a_refusal_need_not_last() -> None:
    assert not Refused("busy").is_lasting


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="99 is not a valid Kind"):
        decode(99, b"{}")


def test_kinds_never_change_their_numbers() -> None:
    assert {kind.name: kind.value for kind in Kind} == {
        "SOUND": 1,
        "OPENED": 2,
        "LOST": 3,
        "REFUSED": 4,
        "INPUTS": 5,
        "AWAY": 6,
        "SOURCE": 7,
    }


@pytest.mark.parametrize("size", [1, 3, 7, 100])
def test_messages_are_found_in_whatever_pieces_arrive(size: int) -> None:
    sent = [Opened("USB Mic", 16_000, 1), Sound(b"\1\2"), Sound(b""), Lost(0.5, "slept"), Sound(b"")]
    stream = b"".join(encode(message) for message in sent)
    received = bytearray()
    found: list[Message] = []
    for at in range(0, len(stream), size):
        received += stream[at : at + size]
        found += unpack(received)

    assert found == sent
    assert received == b""
