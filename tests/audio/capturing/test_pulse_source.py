from __future__ import annotations

import os

import pytest

from streamer.audio.capturing.pulse_source import ask_pipewire_too, busy_hint, is_certain_source, name_of_input


@pytest.mark.parametrize(
    ("device", "source", "expected"),
    [
        ("default", "", "default"),
        ("default", "usb", "default (PULSE_SOURCE=usb)"),
        ("pulse", "usb", "pulse (PULSE_SOURCE=usb)"),
        ("pipewire", "usb", "pipewire (PULSE_SOURCE=usb)"),
        ("USB Mic: Audio (hw:1,0)", "usb", "USB Mic: Audio (hw:1,0)"),
    ],
)
def test_only_devices_of_a_sound_server_are_named_with_its_source(
    monkeypatch: pytest.MonkeyPatch, device: str, source: str, expected: str
) -> None:
    monkeypatch.setenv("PULSE_SOURCE", source)

    assert name_of_input(device) == expected


@pytest.mark.parametrize(
    ("device", "wanted", "source", "expected"),
    [
        ("default", "", "", False),
        ("lab", "", "", False),
        ("pulse", "pulse", "", False),
        ("lab", "la", "", True),
        ("default", "", "usb", True),
        ("USB Mic: Audio (hw:1,0)", "USB", "", False),
    ],
)
def test_a_source_that_somebody_named_is_certain(
    monkeypatch: pytest.MonkeyPatch, device: str, wanted: str, source: str, *, expected: bool
) -> None:
    monkeypatch.setenv("PULSE_SOURCE", source)

    assert is_certain_source(device, wanted) is expected


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({}, None),
        ({"PULSE_SOURCE": "usb"}, '{"target.object": "usb"}'),
        ({"PULSE_SOURCE": "hdmi.monitor"}, '{"target.object": "hdmi", "stream.capture.sink": true}'),
        ({"PULSE_SOURCE": "@DEFAULT_SOURCE@"}, None),
        ({"PULSE_SOURCE": "usb", "PIPEWIRE_NODE": "webcam"}, None),
        ({"PULSE_SOURCE": "usb", "PIPEWIRE_ALSA": "{}"}, "{}"),
    ],
)
def test_pipewire_is_asked_for_the_same_source_unless_it_is_for_another(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], asked: str | None
) -> None:
    monkeypatch.setattr(os, "environ", environment)
    ask_pipewire_too()

    assert environment.get("PIPEWIRE_ALSA") == asked


BUSY = "Device unavailable [PaErrorCode -9985]"
THROUGH = "; another program has it, `--device pulse` listens to it through the sound server"


@pytest.mark.parametrize(
    ("error", "device", "inputs", "hint"),
    [
        (BUSY, "default", ["pulse", "default"], THROUGH),
        (BUSY, "default", ["pipewire", "pulse", "default"], THROUGH),
        (BUSY, "default", ["pipewire", "default"], THROUGH.replace("pulse", "pipewire")),
        (BUSY, "default", ["default"], ""),
        (BUSY, "pulse", ["pulse"], ""),
        ("Invalid sample rate", "default", ["pulse"], ""),
    ],
)
def test_a_card_that_the_sound_server_has_is_heard_through_that(
    error: str, device: str, inputs: list[str], hint: str
) -> None:
    assert busy_hint(error, device, inputs) == hint
