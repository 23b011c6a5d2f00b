from __future__ import annotations

import pytest

from streamer.audio.pulse_source import is_certain_source, name_of_input


@pytest.mark.parametrize(
    ("device", "source", "expected"),
    [
        ("default", "", "default"),
        ("default", "usb", "default (PULSE_SOURCE=usb)"),
        ("pulse", "usb", "pulse (PULSE_SOURCE=usb)"),
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
    ],
)
def test_a_source_that_somebody_named_is_certain(
    monkeypatch: pytest.MonkeyPatch, device: str, wanted: str, source: str, *, expected: bool
) -> None:
    monkeypatch.setenv("PULSE_SOURCE", source)

    assert is_certain_source(device, wanted) is expected
