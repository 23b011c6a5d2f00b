"""What the capture process passes on, and what ends it."""

from __future__ import annotations

from queue import SimpleQueue

import pytest

from streamer.audio import capture, pulse_watch
from streamer.audio.capture_wire import HeardSource, Lost, Message, Refused, Sound, encode

USB, WEBCAM, CHOSEN = (
    HeardSource("usb", "USB Mic"),
    HeardSource("webcam", "Webcam"),
    HeardSource("webcam", "Webcam", is_chosen=True),
)
INSTEAD = Refused("usb went away, and webcam, which the sound server gave instead, was not asked for")
AGAIN = Refused("webcam went away, and usb, which the sound server gave instead, was not asked for")


@pytest.mark.parametrize(
    ("is_certain", "heard", "told"),
    [
        (False, [USB, WEBCAM], [USB, WEBCAM]),
        (True, [USB], [USB]),
        (True, [USB, WEBCAM], [USB, INSTEAD]),
        (True, [USB, CHOSEN], [USB, CHOSEN]),
        (True, [USB, CHOSEN, USB], [USB, CHOSEN, AGAIN]),
    ],
)
def test_another_source_ends_the_sound_where_one_was_named_and_nobody_chose_the_other(
    monkeypatch: pytest.MonkeyPatch, is_certain: bool, heard: list[HeardSource], told: list[Message]
) -> None:
    outgoing: SimpleQueue[Message | None] = SimpleQueue()
    monkeypatch.setattr(pulse_watch, "watch_source", lambda tell: [tell(one) for one in heard])
    capture._watch_source(outgoing, is_certain)

    assert [outgoing.get() for _ in range(outgoing.qsize())] == told


@pytest.mark.parametrize("end", [None, Refused("the device or its sound server went away")])
def test_what_waits_is_written_in_one_piece_up_to_the_end(monkeypatch: pytest.MonkeyPatch, end: Message | None) -> None:
    outgoing: SimpleQueue[Message | None] = SimpleQueue()
    writes: list[bytes] = []
    monkeypatch.setattr(capture, "_write", writes.append)
    sent = (Sound(bytes(640)), Lost(1.0, "slept"), end)
    for message in sent:
        outgoing.put(message)
    capture._pass_on(outgoing)

    assert writes == [b"".join(encode(message) for message in sent if message is not None)]
