from __future__ import annotations

import pytest

from streamer.audio.devices import find_inputs
from streamer.errors import MissingDependencyError


async def test_inputs_are_listed(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "many")
    inputs = await find_inputs()

    assert [(one.index, one.name, one.channels, one.is_default) for one in inputs] == [
        (0, "Webcam", 1, True),
        (1, "USB Mic A", 2, False),
        (2, "USB Mic B", 4, False),
    ]


async def test_listing_without_portaudio_says_what_to_install(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "no library")
    with pytest.raises(MissingDependencyError, match="the microphone needs PortAudio"):
        await find_inputs()
