"""What the capture process passes on, what it waits for, and what ends it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import takewhile
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Any

import pytest

from streamer.audio.capturing import capture, pulse_watch
from streamer.audio.capturing.capture_wire import (
    Away,
    CaptureRequest,
    HeardSource,
    InputDevice,
    Lost,
    Message,
    Opened,
    Refused,
    Sound,
    encode,
)
from streamer.audio.capturing.input_choice import RefusalError


def test_a_device_that_is_away_is_looked_for_less_often_later_and_for_a_quarter_of_an_hour(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[float] = []
    told: list[Message] = []
    starts: list[str] = []
    outgoing: SimpleQueue[Message | None] = SimpleQueue()
    portaudio = SimpleNamespace(
        PortAudioError=OSError,
        _terminate=lambda: starts.append("end"),
        _initialize=lambda: starts.append("start"),
    )

    def refuse(_: object, __: object, outgoing: SimpleQueue[Message | None]) -> None:
        outgoing.put(Sound(bytes(640)))
        outgoing.put(Refused("the device or its sound server went away"))
        raise RefusalError("no microphone was found")

    monkeypatch.setattr(capture, "_open_now", refuse)
    monkeypatch.setattr(capture, "_send", told.append)
    monkeypatch.setattr(capture.time, "monotonic", lambda: 50.0 + sum(waits))
    monkeypatch.setattr(capture.time, "sleep", waits.append)
    with pytest.raises(RefusalError, match="no microphone was found"):
        capture._open(portaudio, CaptureRequest(is_patient=True), outgoing)

    soon = next(at for at, wait in enumerate(waits) if wait == 1.0)
    assert waits == [0.2] * soon + [1.0] * (len(waits) - soon)
    assert sum(waits[:soon]) == pytest.approx(10, abs=0.21)
    assert sum(waits) == pytest.approx(901, abs=1.1)
    assert told == [Away("no microphone was found")] * len(waits)
    assert starts == ["end", "start"] * len(waits)
    # That of the last look is nobody's any more.
    assert outgoing.qsize() == 2


class AtOnce:
    """A thread that is done when it has started."""

    def __init__(self, *, target: Callable[..., None], args: tuple[object, ...], daemon: bool) -> None:
        assert daemon
        self.start = partial(target, *args)


def taken(queue: SimpleQueue[Any]) -> list[Any]:
    """All that waits in a queue."""
    return [queue.get() for _ in range(queue.qsize())]


USB, WEBCAM, CHOSEN, OTHER = (
    HeardSource("usb", "USB Mic"),
    HeardSource("webcam", "Webcam"),
    HeardSource("webcam", "Webcam", is_chosen=True),
    HeardSource("webcam", "Webcam", instead_of="usb"),
)
INSTEAD = Refused("usb went away, and webcam, which the sound server gave instead, was not asked for")
AGAIN = Refused("webcam went away, and usb, which the sound server gave instead, was not asked for")


NO_SUCH = "the sound server has no usb, and gives webcam instead"


@pytest.mark.parametrize(
    ("is_certain", "heard", "told", "verdict"),
    [
        (False, [], [], None),
        (False, [USB, WEBCAM], [USB, WEBCAM], ""),
        (False, [OTHER], [OTHER], ""),
        (True, [], [], None),
        (True, [USB], [USB], ""),
        (True, [USB, WEBCAM], [USB, INSTEAD], ""),
        (True, [USB, CHOSEN], [USB, CHOSEN], ""),
        (True, [USB, CHOSEN, USB], [USB, CHOSEN, AGAIN], ""),
        (True, [OTHER, USB], [Refused(NO_SUCH)], NO_SUCH),
    ],
)
def test_another_source_ends_the_sound_where_one_was_named_and_nobody_chose_the_other(
    monkeypatch: pytest.MonkeyPatch,
    is_certain: bool,
    heard: list[HeardSource],
    told: list[Message],
    verdict: str | None,
) -> None:
    outgoing: SimpleQueue[Message | None] = SimpleQueue()
    verdicts: SimpleQueue[str | None] = SimpleQueue()
    monkeypatch.setattr(pulse_watch, "watch_source", lambda tell: list(takewhile(tell, heard)))
    capture._watch_source(outgoing, is_certain, verdicts)

    assert taken(outgoing) == told
    assert taken(verdicts) == [verdict]


class Stream:
    """Sound of a second that came before it was known whose it is."""

    def __init__(self, *, callback: Callable[..., None], finished_callback: Callable[[], None], **_: object) -> None:
        self.callback = callback
        self.close = finished_callback

    def start(self) -> None:
        for _ in range(50):
            self.callback(bytes(640), 320, None, SimpleNamespace(input_overflow=False))


@pytest.mark.parametrize(
    ("source", "heard", "answers", "left"),
    [
        ("usb", [USB], ["Opened"], [USB]),
        ("usb", [], ["Opened"], [Sound(bytes(640))] * 50),
        ("usb", [OTHER], [f"pulse cannot be opened: {NO_SUCH}; PULSE_SOURCE asks the sound server for 'usb'"], []),
        ("", [USB], ["Opened"], [Sound(bytes(640))] * 50 + [USB]),
    ],
)
def test_a_source_that_somebody_named_is_looked_at_before_it_is_heard(
    monkeypatch: pytest.MonkeyPatch, source: str, heard: list[HeardSource], answers: list[str], left: list[Message]
) -> None:
    outgoing: SimpleQueue[Message | None] = SimpleQueue()
    told: list[Message] = []
    portaudio = SimpleNamespace(
        RawInputStream=Stream, PortAudioError=OSError, _terminate=lambda: None, _initialize=lambda: None
    )
    monkeypatch.setenv("PULSE_SOURCE", source)
    monkeypatch.setattr(capture, "list_inputs", lambda _: [InputDevice(0, "pulse", "ALSA", 32, 16_000, True)])
    monkeypatch.setattr(pulse_watch, "watch_source", lambda tell: list(takewhile(tell, heard)))
    monkeypatch.setattr(capture, "_send", told.append)
    monkeypatch.setattr(capture.threading, "Thread", AtOnce)
    try:
        capture._open(portaudio, CaptureRequest(), outgoing)
    except RefusalError as error:
        told.append(error.refusal)

    assert [type(one).__name__ if isinstance(one, Opened) else one.reason.split(", `")[0] for one in told] == answers
    assert [one for one in taken(outgoing) if answers == ["Opened"]] == left


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
