"""A sound server whose source goes away while it is heard: it gives another one."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from streamer.audio.capturing.pulse_watch import watch_source
from streamer.audio.microphone import Microphone
from streamer.settings.audio import AudioSettings
from streamer.types import Frame, Gap, Notice, Severity
from tests.audio.listening import take, until_gap
from tests.fakes import singly
from tests.microphone import LATE, VirtualMicrophone, virtual_microphone

__all__ = ["virtual_microphone"]

pytestmark = pytest.mark.microphone


async def until_known(frames: AsyncIterator[Frame | Gap], caplog: pytest.LogCaptureFixture) -> None:
    """Hear sound until it is known whose it is."""
    async with asyncio.timeout(20):
        while "the sound server gives lab.monitor (Monitor of Null Output)" not in caplog.messages:
            await anext(frames)


@pytest.mark.parametrize("device", [LATE, ""])
async def test_no_other_is_heard_where_one_was_named(
    virtual_microphone: VirtualMicrophone,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    device: str,
) -> None:
    caplog.set_level(logging.INFO)
    virtual_microphone.plug_in()
    if not device:
        monkeypatch.setenv("PULSE_SOURCE", f"{LATE}.monitor")
    notices: asyncio.Queue[Notice] = asyncio.Queue()
    async with Microphone(AudioSettings(device=device), notify=notices.put_nowait) as source:
        frames = singly(source.frames())
        await until_known(frames, caplog)
        virtual_microphone.unplug()
        lost = asyncio.ensure_future(until_gap(frames))
        async with asyncio.timeout(20):
            notice = await notices.get()
            await asyncio.to_thread(virtual_microphone.plug_in)
            gap = await lost

    reason = "lab.monitor went away, and room.monitor, which the sound server gave instead, was not asked for"
    assert gap.reason == reason
    assert notice == Notice("microphone.lost", Severity.WARNING, reason)


async def test_another_that_is_heard_instead_of_the_default_is_told_of(
    virtual_microphone: VirtualMicrophone, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    virtual_microphone.plug_in()
    virtual_microphone.prefer(f"{LATE}.monitor")
    notices: asyncio.Queue[Notice] = asyncio.Queue()
    told = []
    # The other one may give no sound for two seconds, which are a gap then: nobody hastens it.
    async with Microphone(AudioSettings(watchdog_ms=10_000), notify=notices.put_nowait) as source:
        frames = singly(source.frames())
        await until_known(frames, caplog)
        hearing = asyncio.ensure_future(take(frames, 10_000))
        virtual_microphone.unplug()
        async with asyncio.timeout(20):
            told.append(await notices.get())
            await asyncio.to_thread(virtual_microphone.plug_in)
            told.append(await notices.get())
        hearing.cancel()

    assert told == [
        Notice("microphone.changed", Severity.WARNING, "room.monitor is heard now: lab.monitor went away"),
        Notice("microphone.changed", Severity.INFO, ""),
    ]


def test_a_process_that_hears_nothing_of_a_sound_server_is_not_watched() -> None:
    watch_source(lambda heard: pytest.fail(str(heard)))
