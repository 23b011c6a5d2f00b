"""A microphone that goes away, hangs or loses sound."""

from __future__ import annotations

import asyncio
import logging
import resource
import signal
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest

from streamer.audio.capturing import device_stream
from streamer.audio.microphone import Microphone
from streamer.clock import SystemClock
from streamer.settings.audio import AudioSettings
from streamer.types import MICROPHONE_LOST, Frame, Gap, Notice, Severity
from tests.audio.listening import take, until_gap
from tests.fakes import singly
from tests.microphone import wait_for


@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        ("unplugged", "the device or its sound server went away"),
        ("falls silent", "no sound for 0.3 s: the device or its server hangs"),
    ],
)
async def test_a_lost_device_is_opened_again(fake: pytest.MonkeyPatch, tmp_path: Path, kind: str, reason: str) -> None:
    fake.setenv("FAKE_MICROPHONE", kind)
    fake.setenv("FAKE_MICROPHONE_ONCE", str(tmp_path / "once"))
    notices: list[Notice] = []
    began = time.monotonic()
    async with Microphone(AudioSettings(watchdog_ms=300), notify=notices.append) as source:
        items = await take(singly(source.frames()), 151)
    passed = time.monotonic() - began

    gap = items[50]
    assert isinstance(gap, Gap)
    assert (gap.at_sample, gap.reason) == (16_000, reason)
    assert 0 < gap.seconds < passed
    assert [item.start_sample for item in items if isinstance(item, Frame)] == list(range(0, 48_000, 320))
    assert notices == [
        Notice(MICROPHONE_LOST, Severity.WARNING, reason),
        Notice(MICROPHONE_LOST, Severity.INFO, ""),
    ]


async def test_a_first_sound_that_comes_late_is_a_gap_of_its_own_only_at_the_beginning(
    fake: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    fake.setenv("FAKE_MICROPHONE", "late sound")
    async with Microphone() as source:
        gap, first = await take(singly(source.frames()), 2)

    assert isinstance(gap, Gap)
    assert (gap.at_sample, gap.reason) == (0, "the device gave its first sound late")
    assert 0.5 <= gap.seconds < 2
    assert isinstance(first, Frame)

    fake.setenv("FAKE_MICROPHONE", "unplugged")
    fake.setenv("FAKE_MICROPHONE_ONCE", str(tmp_path / "once"))
    fake.setenv("FAKE_MICROPHONE_THEN", "late sound")
    async with Microphone() as source:
        items = await take(singly(source.frames()), 100)

    assert [item.reason for item in items if isinstance(item, Gap)] == ["the device or its sound server went away"]


@pytest.mark.parametrize(("number", "name"), [("0", "Webcam"), ("1", "USB Mic")])
async def test_a_device_that_has_another_number_when_it_is_back_is_found(
    fake: pytest.MonkeyPatch, tmp_path: Path, number: str, name: str
) -> None:
    fake.setenv("FAKE_MICROPHONE", "unplugged")
    fake.setenv("FAKE_MICROPHONE_ONCE", str(tmp_path / "once"))
    fake.setenv("FAKE_MICROPHONE_THEN", "plugged in again")
    names = []
    async with Microphone(AudioSettings(device=number)) as source:
        frames = singly(source.frames())
        for _ in range(2):
            names.append(source.name)
            await take(frames, 51)

    assert names == [name, name]


@pytest.mark.parametrize("hours", [-1, 1])
async def test_a_clock_that_is_set_while_the_device_is_away_does_not_change_how_long_that_was(
    fake: pytest.MonkeyPatch, tmp_path: Path, hours: int
) -> None:
    class SetClock(SystemClock):
        ahead = timedelta()

        def now(self) -> datetime:
            return super().now() + self.ahead

    def set_it(_: Notice) -> None:
        clock.ahead = timedelta(hours=hours)

    fake.setenv("FAKE_MICROPHONE", "unplugged")
    fake.setenv("FAKE_MICROPHONE_ONCE", str(tmp_path / "once"))
    clock = SetClock()
    began, began_at = time.monotonic(), datetime.now(UTC)
    async with Microphone(notify=set_it, clock=clock) as source:
        gap = await until_gap(singly(source.frames()))

    assert 0 < gap.seconds < time.monotonic() - began
    assert began_at < gap.started_at < datetime.now(UTC)


async def gap_after(number: signal.Signals) -> Gap:
    """What is said of a capture process that gets this signal once it has been heard."""
    async with Microphone() as source:
        frames = singly(source.frames())
        await anext(frames)
        (capture,) = psutil.Process().children()
        capture.send_signal(number)
        return await until_gap(frames)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
async def test_a_service_that_is_stopped_hears_what_its_microphone_gives_meanwhile(
    fake: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """systemd sends its signals to all processes of a service at once."""
    fake.setenv("FAKE_MICROPHONE", "paced")
    async with Microphone() as source:
        frames = singly(source.frames())
        first = await anext(frames)
        (capture,) = psutil.Process().children()
        capture.send_signal(number)
        items = [first, *await take(frames, 99)]

    assert [item.start_sample for item in items if isinstance(item, Frame)] == list(range(0, 32_000, 320))


async def test_a_capture_process_that_dies_is_replaced(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "crashes when ended")
    gap = await gap_after(signal.SIGTERM)

    assert gap.reason == "Segmentation fault"


async def test_a_capture_process_that_is_killed_is_named(fake: pytest.MonkeyPatch) -> None:
    """By the kernel, where memory is short."""
    gap = await gap_after(signal.SIGKILL)

    assert gap.reason == "the process that listens to it ended without a word"


async def test_a_lost_device_is_looked_for_until_a_process_can_be_started_again(
    fake: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Memory, processes or, as here, file descriptors are short meanwhile."""
    fake.setenv("FAKE_MICROPHONE", "unplugged")
    fake.setenv("FAKE_MICROPHONE_ONCE", str(tmp_path / "once"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    told: list[str] = []

    class Relief(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            told.append(record.getMessage())
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    def be_short(notice: Notice) -> None:
        if notice.text:
            resource.setrlimit(resource.RLIMIT_NOFILE, (0, hard))

    relief = Relief()
    logger = logging.getLogger("streamer.audio.microphone")
    fake.setattr(logger, "level", logging.DEBUG)
    try:
        async with Microphone(notify=be_short) as source:
            frames = singly(source.frames())
            await take(frames, 50)
            logger.addHandler(relief)
            gap = await until_gap(frames)
    finally:
        logger.removeHandler(relief)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert gap.reason == "the device or its sound server went away"
    assert (
        told[1]
        == "microphone still away: no process can be started that listens to the microphone: Too many open files"
    )


async def test_an_overflow_is_a_gap(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "overflows")
    began = time.monotonic()
    async with Microphone() as source:
        items = await take(singly(source.frames()), 101)
    passed = time.monotonic() - began

    gaps = [item for item in items if isinstance(item, Gap)]
    assert [gap.at_sample for gap in gaps] == [16_000]
    assert 0.27 < gaps[0].seconds < passed, "0.3 s without a block of 0.02 s"


async def test_a_program_that_was_stopped_itself_loses_nothing(fake: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake.setenv("FAKE_MICROPHONE", "paced")
    fake.setenv("FAKE_MICROPHONE_DONE", str(tmp_path / "done"))
    async with Microphone(AudioSettings(watchdog_ms=300)) as source:
        frames = singly(source.frames())
        first = await anext(frames)
        # The event loop stands still for longer than the watchdog waits.
        wait_for((tmp_path / "done").exists)
        rest = await take(frames, 99)

    assert [item.start_sample for item in [first, *rest] if isinstance(item, Frame)] == list(range(0, 32_000, 320))


async def test_the_meeting_can_end_while_the_device_is_away(
    fake: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Also at the moment of its loss, before anybody looks for it again."""
    fake.setenv("FAKE_MICROPHONE", "unplugged")
    fake.setattr(device_stream, "_OPEN_SECONDS", 1000)
    lost = asyncio.Event()
    async with Microphone(notify=lambda _: lost.set()) as source:
        frames = singly(source.frames())
        await take(frames, 50)
        reading = asyncio.ensure_future(until_gap(frames))
        async with asyncio.timeout(20):
            await lost.wait()
            fake.setenv("FAKE_MICROPHONE", "no inputs")
            source.close()
            gap = await reading
        rest = [item async for item in frames]

    assert gap.at_sample == 16_000
    assert rest == []
    assert [message.partition(":")[0] for message in caplog.messages] == ["microphone lost"]
