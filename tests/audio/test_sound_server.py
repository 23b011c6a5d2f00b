"""The microphone at a real sound server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from streamer.audio.devices import find_inputs
from streamer.audio.microphone import Microphone
from streamer.types import Frame, Gap
from tests.audio.listening import until_gap
from tests.fakes import singly
from tests.microphone import VirtualMicrophone, virtual_microphone
from tests.sounds import loudest_hertz, tone, write

__all__ = ["virtual_microphone"]

pytestmark = pytest.mark.microphone


async def test_what_is_played_is_heard(virtual_microphone: VirtualMicrophone, tmp_path: Path) -> None:
    async with Microphone() as source:
        frames = singly(source.frames())
        await anext(frames)
        virtual_microphone.play(write(tmp_path / "tone.wav", tone(1.0, hertz=600)))
        heard = b""
        async with asyncio.timeout(20):
            while len(heard) < 20_000:
                item = await anext(frames)
                heard += item.pcm if isinstance(item, Frame) and any(item.pcm) else b""

    # PulseAudio stutters on a busy computer, which widens the tone.
    assert loudest_hertz(heard) == pytest.approx(600, abs=15)


async def test_the_default_input_is_found(virtual_microphone: VirtualMicrophone) -> None:
    assert [one.name for one in await find_inputs() if one.is_default] == ["default"]


async def test_the_source_that_the_server_was_asked_for_is_named(
    virtual_microphone: VirtualMicrophone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PULSE_SOURCE", "room.monitor")
    async with Microphone() as source:
        assert source.name == "default (PULSE_SOURCE=room.monitor)"


async def gap_around(go: Callable[[], None], come_back: Callable[[], None]) -> Gap:
    """The gap of a sound server that goes, and comes back as soon as it is missed."""
    missed = asyncio.Event()
    async with Microphone(notify=lambda notice: missed.set()) as source:
        frames = singly(source.frames())
        await anext(frames)
        reading = asyncio.ensure_future(until_gap(frames))
        await asyncio.to_thread(go)
        async with asyncio.timeout(20):
            await missed.wait()
            await asyncio.to_thread(come_back)
            return await reading


async def test_a_sound_server_that_crashed_and_is_back_is_heard_again(virtual_microphone: VirtualMicrophone) -> None:
    gap = await gap_around(virtual_microphone.kill, virtual_microphone.start)

    assert gap.reason == "the device or its sound server went away"


async def test_a_sound_server_that_hung_is_heard_again(virtual_microphone: VirtualMicrophone) -> None:
    gap = await gap_around(virtual_microphone.hang, virtual_microphone.go_on)

    assert gap.reason == "no sound for 1.0 s: the device or its server hangs"
    assert gap.seconds > 1.0


async def test_a_meeting_can_end_while_the_sound_server_hangs(virtual_microphone: VirtualMicrophone) -> None:
    async with Microphone() as source:
        frames = singly(source.frames())
        await anext(frames)
        virtual_microphone.hang()
        source.close()
        async with asyncio.timeout(20):
            rest = [item async for item in frames]

    assert all(isinstance(item, Frame) for item in rest)
