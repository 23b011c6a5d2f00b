from __future__ import annotations

import asyncio
import errno
import os
import threading
from pathlib import Path

import pytest

from streamer.audio import poured
from streamer.audio.stdin import StdinSource
from streamer.errors import AudioError
from streamer.types import Frame
from tests.fakes import singly
from tests.sounds import noise, pcm

SOUND = pcm(noise(8.0))
"""More than a pipe holds."""


async def heard(path: Path) -> bytes:
    with path.open("rb") as file:
        async with StdinSource(None, file.fileno()) as source:
            return b"".join([item.pcm async for item in singly(source.frames()) if isinstance(item, Frame)])


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "sound.pcm").write_bytes(SOUND)
    return tmp_path / "sound.pcm"


async def test_a_file_is_heard_to_its_end(path: Path) -> None:
    assert await heard(path) == SOUND


async def test_a_disk_that_hangs_holds_up_nobody_else(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    goes_on = threading.Event()
    read = os.read

    def slow(descriptor: int, count: int) -> bytes:
        assert threading.current_thread().name == "streamer-stdin"
        assert goes_on.wait(20)
        return read(descriptor, count)

    monkeypatch.setattr(poured.os, "read", _only_there(slow, read))
    asyncio.get_running_loop().call_later(0, goes_on.set)  # only the loop lets the disk go on

    assert await heard(path) == SOUND


async def test_what_a_failing_disk_gave_is_heard_and_the_failure_told(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, given = os.read, []

    def failing(descriptor: int, count: int) -> bytes:
        if given:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        given.append(count)
        return read(descriptor, count)

    monkeypatch.setattr(poured.os, "read", _only_there(failing, read))
    sound = b""
    with path.open("rb") as file:
        async with StdinSource(None, file.fileno()) as source:
            frames = singly(source.frames())
            for _ in range(given[0] // 640 + 1):
                sound += (await anext(frames)).pcm
            with pytest.raises(AudioError, match="standard input broke off: Input/output error"):
                await anext(frames)

    assert sound[: given[0]] == SOUND[: given[0]]


async def test_a_file_that_is_not_wanted_any_more_is_not_read_on(path: Path) -> None:
    with path.open("rb") as file:
        async with StdinSource(None, file.fileno()) as source:
            frames = singly(source.frames())
            await anext(frames)
            source.close()
            rest = [item async for item in frames]
        for thread in threading.enumerate():
            if thread.name == "streamer-stdin":
                thread.join(20)
                assert not thread.is_alive()

    assert 640 * len(rest) < len(SOUND) - 640


def _only_there(replaced, read):
    """A ``read`` that is replaced in the thread that pours: everybody shares the module ``os``."""

    def chosen(descriptor: int, count: int) -> bytes:
        return (replaced if threading.current_thread().name == "streamer-stdin" else read)(descriptor, count)

    return chosen
