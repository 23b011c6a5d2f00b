from __future__ import annotations

from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from streamer.audio.capturing import capture
from streamer.audio.capturing.capture_wire import CaptureRequest, InputDevice
from streamer.audio.capturing.input_choice import RefusalError, choose_input


def device(index: int, name: str, *, default: bool = False) -> InputDevice:
    return InputDevice(index, name, "ALSA", 2, 44_100, default)


INPUTS = [device(0, "USB Mic A"), device(3, "Webcam", default=True), device(5, "USB Mic B")]


@pytest.mark.parametrize(
    ("wanted", "index"), [("", 3), ("5", 5), ("Webcam", 3), ("webc", 3), ("MIC B", 5), ("USB Mic A", 0)]
)
def test_an_input_is_chosen_by_index_name_or_part_of_it(wanted: str, index: int) -> None:
    assert choose_input(INPUTS, wanted).index == index


CARDS = [device(0, "Webcam"), device(1, "USB Mic: Audio (hw:2,0)"), device(2, "Dock: Audio (hw:1,0)")]


@pytest.mark.parametrize(
    ("wanted", "known_as", "index"),
    [
        ("1", "Dock: Audio (hw:1,0)", 2),
        ("2", "USB Mic: Audio (hw:1,0)", 1),
        ("audio", "Dock: Audio (hw:1,0)", 2),
        ("USB Mic: Audio (hw:1,0)", "USB Mic: Audio (hw:1,0)", 1),
        ("Dock", "USB Mic: Audio (hw:5,0)", 1),
        ("Webcam", "Headset", 0),
    ],
)
def test_the_input_that_was_meant_before_is_meant_still(wanted: str, known_as: str, index: int) -> None:
    assert choose_input(CARDS, wanted, known_as).index == index


def test_the_default_is_what_it_is_now() -> None:
    assert choose_input(INPUTS, "", "USB Mic A").index == 3


@pytest.mark.parametrize(
    ("inputs", "problem"),
    [
        (INPUTS, "input 3 was Headset, which is away"),
        ([device(1, "Headset (hw:2,0)"), device(3, "Headset (hw:1,0)")], "input 3 was Headset, which is away"),
        ([], "no microphone was found"),
    ],
)
def test_another_input_of_the_number_is_not_taken_for_it(inputs: list[InputDevice], problem: str) -> None:
    with pytest.raises(RefusalError, match=problem) as refused:
        choose_input(inputs, "3", "Headset")
    assert not refused.value.refusal.is_lasting


def test_without_a_default_the_first_input_is_taken() -> None:
    assert choose_input([device(2, "Webcam")], "").index == 2


def test_a_name_that_fits_nothing_lists_what_there_is() -> None:
    with pytest.raises(RefusalError, match="no input is named 'Sofa'; choose one of: 0 USB Mic A, 3 Webcam, 5 USB Mic"):
        choose_input(INPUTS, "Sofa")


def test_a_source_of_the_sound_server_is_chosen_otherwise_and_how_is_said_where_there_is_one() -> None:
    with pytest.raises(RefusalError) as refused:
        choose_input([device(0, "pulse"), device(1, "default")], "room 1.monitor")

    assert str(refused.value) == (
        "no input is named 'room 1.monitor'; choose one of: 0 pulse, 1 default; a source of the sound server is chosen "
        "with `PULSE_SOURCE='room 1.monitor' streamer run`"
    )


@pytest.mark.parametrize(("wanted", "known_as"), [("7", ""), ("usb", "USB Mic")])
def test_a_number_and_an_input_that_was_there_are_no_sources_of_the_sound_server(wanted: str, known_as: str) -> None:
    with pytest.raises(RefusalError, match=r"choose one of: 0 pulse$"):
        choose_input([device(0, "pulse")], wanted, known_as)


def test_a_name_that_fits_several_lists_them() -> None:
    with pytest.raises(RefusalError, match="several inputs are named like 'usb'; choose one of: 0 USB Mic A, 5 USB Mi"):
        choose_input(INPUTS, "usb")


def test_no_input_at_all_says_what_to_install(open_euler: None) -> None:
    with pytest.raises(RefusalError, match=r"no microphone was found; .*\(dnf install alsa-plugins-pulseaudio, or pip"):
        choose_input([], "")


@pytest.mark.parametrize(
    ("inputs", "wanted", "is_lasting"),
    [
        (INPUTS, "Sofa", False),
        ([], "Sofa", False),
        ([], "", False),
        (INPUTS, "usb", True),
        (INPUTS, "7", True),
        ([], "7", True),
    ],
)
def test_a_name_may_come_later_but_neither_a_number_nor_one_of_several(
    inputs: list[InputDevice], wanted: str, is_lasting: bool
) -> None:
    with pytest.raises(RefusalError) as refused:
        choose_input(inputs, wanted)
    assert refused.value.refusal.is_lasting is is_lasting


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("", ""),
        ("usb", "; PULSE_SOURCE asks the sound server for 'usb', `pactl list short sources` names what it has"),
    ],
)
def test_an_input_that_cannot_be_opened_says_what_was_asked_for(
    monkeypatch: pytest.MonkeyPatch, source: str, hint: str
) -> None:
    def refuse(**_: object) -> None:
        raise OSError("Input/output error")

    portaudio = SimpleNamespace(RawInputStream=refuse, PortAudioError=OSError)
    monkeypatch.setattr(capture, "list_inputs", lambda _: INPUTS)
    monkeypatch.setenv("PULSE_SOURCE", source)

    with pytest.raises(RefusalError) as refused:
        capture._open_now(portaudio, CaptureRequest("", 0, 60, False), SimpleQueue())
    assert str(refused.value) == f"Webcam cannot be opened: Input/output error{hint}"
