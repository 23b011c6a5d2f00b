from __future__ import annotations

from streamer.audio.capturing.capture_wire import HeardSource
from streamer.audio.capturing.source_changes import SourceChanges
from streamer.types import Notice, Severity

USB, WEBCAM = HeardSource("usb", "USB Mic"), HeardSource("webcam", "Webcam")
BACK = Notice("microphone.changed", Severity.INFO, "")


def told(*heard: HeardSource) -> list[Notice | None]:
    changes = SourceChanges()
    return [changes.follow(one) for one in heard]


def test_one_that_takes_the_place_of_another_is_told_of_until_that_is_back() -> None:
    instead = Notice("microphone.changed", Severity.WARNING, "Webcam is heard now: USB Mic went away")

    assert told(USB, USB, WEBCAM, WEBCAM, USB) == [None, None, instead, None, BACK]


def test_one_that_somebody_chose_is_wanted_from_then_on() -> None:
    chosen = HeardSource("webcam", "Webcam", is_chosen=True)

    assert told(USB, chosen, USB, WEBCAM) == [
        None,
        Notice("microphone.changed", Severity.INFO, "Webcam is heard now; before it was USB Mic"),
        Notice("microphone.changed", Severity.WARNING, "USB Mic is heard now: Webcam went away"),
        BACK,
    ]


def test_two_of_a_kind_are_told_apart_by_their_names() -> None:
    assert told(USB, HeardSource("usb.2", "USB Mic"))[1] == Notice(
        "microphone.changed", Severity.WARNING, "usb.2 is heard now: usb went away"
    )
