import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest

from streamer.audio.pipe_reader import PipeReader
from tests.virtual_time import run_virtual

T = TypeVar("T")
BLOCK = bytes(range(64)) * 10
"""What is written every 20 ms: 640 bytes."""


class Reads:
    """Counts what the reader asks the system for."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.count = 0
        self._read = os.read
        monkeypatch.setattr(os, "read", self)

    def __call__(self, descriptor: int, size: int) -> bytes:
        self.count += 1
        return self._read(descriptor, size)


def with_pipe(act: Callable[[PipeReader, int], Awaitable[T]]) -> T:
    """Run with a reader and the pipe's writing end, on virtual time."""

    async def main() -> T:
        read_end, write_end = os.pipe()
        os.set_blocking(read_end, False)
        try:
            return await act(PipeReader(read_end), write_end)
        finally:
            os.close(read_end)

    return run_virtual(main())


def write_live(writer: int, blocks: int, delay: Callable[[int], float] = lambda _: 0.0) -> None:
    """A block every 20 ms, each ``delay`` seconds late, and then the end."""
    loop = asyncio.get_running_loop()
    for at in range(blocks):
        loop.call_at(0.02 * (at + 1) + delay(at), os.write, writer, BLOCK)
    loop.call_at(0.02 * (blocks + 1), os.close, writer)


async def read_all(reader: PipeReader, least: int, seconds: float) -> list[tuple[int, float]]:
    """Sizes of what was read, and when."""
    loop, found = asyncio.get_running_loop(), []
    while received := await reader.read(least, seconds):
        found.append((len(received), round(loop.time(), 3)))
    return found


def test_what_has_come_is_given_at_once() -> None:
    async def act(reader: PipeReader, writer: int) -> tuple[bytes, bytes]:
        os.write(writer, b"abc")
        first = await reader.read()
        os.close(writer)
        return first, await reader.read()

    assert with_pipe(act) == (b"abc", b"")


def test_live_sound_comes_as_soon_as_it_is_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    async def act(reader: PipeReader, writer: int) -> list[tuple[int, float]]:
        write_live(writer, 9)
        return await read_all(reader, 3 * len(BLOCK), 0.06)

    reads = Reads(monkeypatch)
    assert with_pipe(act) == [(1920, 0.06), (1920, 0.12), (1920, 0.18)]
    # The first block tells when to expect the others; each rest ends a little early and finds the last one missing.
    assert reads.count < 15


def test_sound_that_has_piled_up_is_given_without_a_rest() -> None:
    async def act(reader: PipeReader, writer: int) -> list[tuple[int, float]]:
        for _ in range(60):
            os.write(writer, BLOCK)
        os.close(writer)
        return await read_all(reader, 3 * len(BLOCK), 0.06)

    assert with_pipe(act) == [(60 * 640, 0.0)]


def test_a_fast_writer_is_not_held_up() -> None:
    async def act(reader: PipeReader, writer: int) -> float:
        async def write() -> None:
            for _ in range(100):
                os.write(writer, 25 * BLOCK)
                for _ in range(5):  # the reader wakes up; writing would block it
                    await asyncio.sleep(0)
            os.close(writer)

        writing = asyncio.ensure_future(write())
        read = await read_all(reader, 3 * len(BLOCK), 0.06)
        await writing
        assert sum(size for size, _ in read) == 100 * 25 * 640
        return asyncio.get_running_loop().time()

    assert with_pipe(act) == 0.0


def test_a_block_that_was_late_once_delays_nothing_after_it() -> None:
    async def act(reader: PipeReader, writer: int) -> list[tuple[int, float]]:
        write_live(writer, 300, lambda at: 0.015 if at == 2 else 0.0)
        return await read_all(reader, 3 * len(BLOCK), 0.06)

    times = [at for _, at in with_pipe(act)]
    assert times[0] == 0.075
    assert times[-1] == 6.0


def test_what_was_read_is_kept_when_a_wait_is_cancelled() -> None:
    async def act(reader: PipeReader, writer: int) -> bytes:
        os.write(writer, b"abc")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(1.0):
                await reader.read(6)
        os.write(writer, b"def")
        return await reader.read(6)

    assert with_pipe(act) == b"abcdef"


@pytest.mark.parametrize("seconds", [0.0, 1.0])
def test_closing_ends_a_wait_and_gives_what_has_come(seconds: float) -> None:
    async def act(reader: PipeReader, writer: int) -> tuple[bytes, bytes, float]:
        loop = asyncio.get_running_loop()
        os.write(writer, b"a")
        loop.call_at(0.5, os.write, writer, b"bc")
        loop.call_at(1.0, reader.close)
        return await reader.read(100, seconds), await reader.read(), loop.time()

    assert with_pipe(act) == (b"abc", b"", 1.0)
