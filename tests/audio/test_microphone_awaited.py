"""A microphone that is not there yet when it is to be opened."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pytest

from streamer.audio.capturing import device_stream
from streamer.audio.microphone import Microphone
from streamer.clock import SystemClock
from streamer.errors import AudioDeviceError, DeviceChoiceError, MissingDependencyError, SourceClosedError
from streamer.settings.audio import AudioSettings
from streamer.types import DeviceAwaited, Frame, Notice
from tests.audio.listening import take
from tests.fakes import singly
from tests.microphone import wait_for

AWAITED = AudioSettings(wait_for_device="always")


async def test_one_that_comes_late_is_heard_from_its_first_sound_on(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "late")
    told: list[Notice | DeviceAwaited] = []
    before = datetime.now(UTC)
    async with Microphone(AWAITED, notify=told.append) as source:
        came = datetime.now(UTC)
        items = await take(singly(source.frames()), 100)

    (awaited,) = told
    assert isinstance(awaited, DeviceAwaited)
    assert awaited.device == ""
    assert awaited.reason.startswith("no microphone was found; plug one in")
    assert before <= awaited.since <= came
    assert [item.start_sample for item in items if isinstance(item, Frame)] == list(range(0, 32_000, 320))


async def test_one_that_is_there_is_not_waited_for(fake: pytest.MonkeyPatch) -> None:
    told: list[Notice | DeviceAwaited] = []
    async with Microphone(AWAITED, notify=told.append) as source:
        assert source.name == "Microphone"
    assert told == []


async def test_waiting_ends_where_it_is_not_wanted_any_more(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "many")
    source = Microphone(AudioSettings(wait_for_device="always", device="Sofa"), notify=lambda _: source.close())
    with pytest.raises(SourceClosedError, match="Sofa was waited for, and then not wanted any more"):
        async with source:
            pytest.fail("opened")


@pytest.mark.parametrize(
    ("kind", "settings", "error", "message"),
    [
        ("many", {"device": "USB"}, DeviceChoiceError, "several inputs are named like 'USB'"),
        ("many", {"device": "7"}, DeviceChoiceError, "no input is named '7'"),
        ("mono", {"channel": 2}, DeviceChoiceError, "channel 2 was asked for, but Headset has 1"),
        ("no library", {}, MissingDependencyError, "the microphone needs PortAudio"),
    ],
)
async def test_what_no_waiting_mends_is_an_error_at_once(
    fake: pytest.MonkeyPatch, kind: str, settings: dict[str, object], error: type[Exception], message: str
) -> None:
    fake.setenv("FAKE_MICROPHONE", kind)
    with pytest.raises(error, match=message):
        async with Microphone(AudioSettings(wait_for_device="always", **settings)):
            pytest.fail("opened")


async def test_a_sound_system_that_hangs_is_asked_again_and_told_of_once(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "hangs at start")
    fake.setattr(device_stream, "_OPEN_SECONDS", 0.3)
    told: list[Notice | DeviceAwaited] = []
    source = Microphone(AWAITED, notify=told.append)
    opened = 0
    start = device_stream.CaptureProcess.start

    async def counted(process: device_stream.CaptureProcess) -> None:
        nonlocal opened
        opened += 1
        if opened == 3:
            source.close()
        await start(process)

    fake.setattr(device_stream.CaptureProcess, "start", counted)
    with pytest.raises(SourceClosedError):
        async with source:
            pytest.fail("opened")

    assert opened == 3
    (awaited,) = told
    assert isinstance(awaited, DeviceAwaited)
    assert awaited.reason == "the microphone did not open within 0 s: its sound server hangs"


async def test_a_capture_process_that_waits_says_after_every_look_that_it_lives(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "no inputs")
    looks = 0
    seen = asyncio.Event()

    def look(_: str) -> None:
        nonlocal looks
        looks += 1
        if looks == 3:
            seen.set()

    stream = device_stream.DeviceStream(AWAITED, SystemClock(), is_patient=True)
    opening = asyncio.ensure_future(stream.open(look))
    async with asyncio.timeout(20):
        await seen.wait()
    stream.kill()
    with pytest.raises(AudioDeviceError, match="could not be opened"):
        await opening


async def test_a_name_that_becomes_ambiguous_while_it_is_waited_for_is_told_and_waited_out(
    fake: pytest.MonkeyPatch,
) -> None:
    fake.setenv("FAKE_MICROPHONE", "no inputs")
    told: list[str] = []

    def notify(event: Notice | DeviceAwaited) -> None:
        assert isinstance(event, DeviceAwaited)
        told.append(event.reason.partition(";")[0])
        if len(told) == 1:
            fake.setenv("FAKE_MICROPHONE", "many")
        else:
            source.close()

    source = Microphone(AudioSettings(wait_for_device="always", device="USB"), notify=notify)
    with pytest.raises(SourceClosedError):
        async with source:
            pytest.fail("opened")

    assert told == ["no microphone was found", "several inputs are named like 'USB'"]


async def test_a_program_that_was_stopped_itself_does_not_take_the_sound_server_for_hung(
    fake: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake.setenv("FAKE_MICROPHONE", "paced")
    fake.setenv("FAKE_MICROPHONE_DONE", str(tmp_path / "done"))
    fake.setattr(device_stream, "_OPEN_SECONDS", 0.3)
    stream = device_stream.DeviceStream(AWAITED, SystemClock())
    # The event loop stands still, once the process has been started, for longer than an answer may take.
    asyncio.get_running_loop().call_soon(wait_for, (tmp_path / "done").exists)
    try:
        await stream.open()
        assert stream.device.device == "Microphone"
    finally:
        stream.kill()
