"""A sound file on a disk that is slow, or hangs."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from streamer.audio import ahead
from streamer.audio.ahead import AheadReader
from streamer.audio.file_source import FileSource
from streamer.audio.files import SoundFile
from streamer.errors import AudioFileError, SourceClosedError
from streamer.types import Frame, FrameRun
from tests.sounds import tone, write

SECOND = FrameRun(b"\1\0" * 16_000, 0)


class Disk:
    """Gives a second of sound, and the next when it may."""

    def __init__(self) -> None:
        self.read = 0
        self.has_read = threading.Semaphore(0)
        self.go_on = threading.Event()

    def runs(self) -> Iterator[FrameRun]:
        for at in range(100):
            self.read = at + 1
            self.has_read.release()
            yield FrameRun(SECOND.pcm, 16_000 * at)
            if not self.go_on.wait(10):
                return


@pytest.fixture
def disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    slow = Disk()
    monkeypatch.setattr(SoundFile, "runs", lambda _: slow.runs())
    monkeypatch.setattr(ahead, "_STOP_SECONDS", 0.05)
    yield slow
    slow.go_on.set()


async def test_a_slow_disk_does_not_hold_up_the_event_loop(disk: Disk, tmp_path: Path) -> None:
    async with FileSource(write(tmp_path / "a.wav", tone(0.1)), clock=None) as source:
        frames = source.frames()
        for _ in range(50):
            await anext(frames)
        # Only the loop lets the disk go on.
        asyncio.get_running_loop().call_soon(disk.go_on.set)
        frame = await anext(frames)
        await frames.aclose()

    assert frame == Frame(SECOND.pcm[:640], 16_000)


async def test_no_more_is_read_ahead_than_a_few_runs(disk: Disk, tmp_path: Path) -> None:
    disk.go_on.set()
    async with FileSource(write(tmp_path / "a.wav", tone(0.1)), clock=None) as source:
        frames = source.frames()
        for _ in range(50 * 10):
            await anext(frames)
        read = disk.read
        await frames.aclose()

    assert 10 <= read <= 10 + 5  # waiting, and one in the hand


async def test_a_sound_whose_disk_hangs_can_be_ended(
    disk: Disk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = write(tmp_path / "a.wav", tone(0.1))
    with caplog.at_level(logging.WARNING):
        async with FileSource(path, clock=None) as source:
            frames = source.frames()
            for _ in range(50):
                await anext(frames)
            asyncio.get_running_loop().call_soon(source.close)
            rest = [frame async for frame in frames]

    assert rest == []
    assert caplog.messages[0] == f"{path} is still being read: its disk hangs"


async def test_a_reader_that_waits_for_room_ends_when_nobody_wants_more(
    disk: Disk, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    disk.go_on.set()
    reader = AheadReader(SoundFile(write(tmp_path / "a.wav", tone(0.1))))
    reader.start()
    for _ in range(5):
        assert await asyncio.to_thread(disk.has_read.acquire, timeout=10)
    await reader.stop()

    assert (reader._thread.daemon, reader._thread.is_alive()) == (True, False)
    assert disk.read <= 6  # waiting, in the hand, and one before it is seen that nobody wants it
    assert caplog.messages == []


async def test_a_reader_that_never_began_has_nothing_to_end(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    reader = AheadReader(SoundFile(tmp_path / "a.wav"))
    async with asyncio.timeout(1):
        await reader.stop()

    assert (await reader.take(), caplog.messages) == (None, [])


async def test_a_sound_is_followed_by_its_end_and_then_its_remarks_are_known(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(SoundFile, "remarks", ("cut short",))
    reader = AheadReader(SoundFile(write(tmp_path / "a.wav", tone(0.1))))
    reader.start()
    size = 0
    async with asyncio.timeout(10):
        while run := await reader.take():
            size += len(run.pcm)
        await reader.stop()

    assert (size, reader.remarks) == (3200, ("cut short",))


async def test_a_file_that_cannot_be_opened_is_told_to_whoever_takes_its_runs(tmp_path: Path) -> None:
    reader = AheadReader(SoundFile(tmp_path / "a.wav"))
    reader.start()
    try:
        with pytest.raises(AudioFileError, match=r"a\.wav"):
            await reader.take()
    finally:
        await reader.stop()


async def test_a_file_that_cannot_be_opened_yet_need_not_be_waited_for(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    may_open = threading.Event()
    monkeypatch.setattr(SoundFile, "__enter__", lambda _: may_open.wait(10))
    monkeypatch.setattr(ahead, "_STOP_SECONDS", 0.05)
    source = FileSource(tmp_path / "a.wav", clock=None)
    asyncio.get_running_loop().call_soon(source.close)
    with pytest.raises(SourceClosedError, match=r"a\.wav was being opened, and then not wanted any more"):
        await source.__aenter__()
    may_open.set()


def test_an_ffmpeg_that_starts_after_its_sound_was_given_up_is_ended(tmp_path: Path) -> None:
    sound = SoundFile(tmp_path / "a.m4a")
    sound.abandon()
    with subprocess.Popen(["sleep", "100"]) as process:
        sound._note_decoder(process)

    assert process.returncode == -signal.SIGKILL


async def test_an_ffmpeg_that_hangs_is_ended_with_the_sound(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told = tmp_path / "told"
    os.mkfifo(told)
    program = tmp_path / "bin" / "ffmpeg"
    program.parent.mkdir()
    program.write_text(f"#!/bin/sh\necho $$ > {told}\nkill -STOP $$\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:{os.environ['PATH']}")
    (tmp_path / "a.m4a").write_bytes(bytes(1000))
    source = FileSource(tmp_path / "a.m4a", clock=None)
    async with asyncio.timeout(20):
        opening = asyncio.ensure_future(source.__aenter__())
        number = int(await asyncio.to_thread(told.read_text))
        source.close()
        with pytest.raises(SourceClosedError):
            await opening

    with pytest.raises(ProcessLookupError):
        os.kill(number, 0)
