"""What the capture process passes on, what it waits for, and what ends it."""

from __future__ import annotations

from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from streamer.audio import capture, pulse_watch
from streamer.audio.capture_wire import Away, CaptureRequest, HeardSource, Lost, Message, Refused, Sound, encode
from streamer.audio.input_choice import RefusalError


def test_a_device_that_is_away_is_looked_for_less_often_later_and_for_a_quarter_of_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    told: list[Message] = []
    starts: list[str] = []
    portaudio = SimpleNamespace(
        PortAudioError=OSError,
        _terminate=lambda: starts.append("end"),
        _initialize=lambda: starts.append("start"),
    )

    def refuse(*_: object) -> None:
        raise RefusalError("no microphone was found")

    monkeypatch.setattr(capture, "_open_now", refuse)
    monkeypatch.setattr(capture, "_send", told.append)
    monkeypatch.setattr(capture.time, "monotonic", lambda: 50.0 + sum(waits))
    monkeypatch.setattr(capture.time, "sleep", waits.append)
    with pytest.raises(RefusalError, match="no microphone was found"):
        capture._open(portaudio, CaptureRequest(is_patient=True), SimpleQueue())

    soon = next(at for at, wait in enumerate(waits) if wait == 1.0)
    assert waits == [0.2] * soon + [1.0] * (len(waits) - soon)
    assert sum(waits[:soon]) == pytest.approx(10, abs=0.21)
    assert sum(waits) == pytest.approx(901, abs=1.1)
    assert told == [Away("no microphone was found")] * len(waits)
    assert starts == ["end", "start"] * len(waits)


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
