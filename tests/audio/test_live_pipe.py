from __future__ import annotations

import asyncio
import os
import socket
from datetime import UTC, datetime, timedelta

import pytest

from streamer.audio import live_pipe
from streamer.audio.live_pipe import LivePipe
from streamer.audio.pipe_reader import PipeReader
from streamer.audio.stdin import StdinSource
from streamer.clock import EarlierClock
from streamer.errors import AudioError
from streamer.types import MICROPHONE_LOST, Frame, Gap, Notice, Severity
from tests.fakes import singly
from tests.sounds import noise, pcm
from tests.virtual_clock import VirtualClock

START = VirtualClock().now()
REASON = "nothing came through the pipe"


class ScriptedPipe:
    """Gives sounds of so many seconds, each so many seconds after the one before."""

    def __init__(self, *script: tuple[float, float]) -> None:
        self.clock = VirtualClock()
        self._script = list(script)
        self.live = LivePipe(self._read, lambda received: len(received) / 100, self.clock, lambda _: None)

    async def _read(self, samples: int) -> bytes:
        if not self._script:
            return b""
        after, lasts = self._script.pop(0)
        await self.clock.sleep(after)
        return bytes(round(lasts * 100))

    async def sounds(self) -> list[tuple[float, Gap | None]]:
        """How long each is that is given, and what is missing before it."""
        found = []
        while received := await self.live.read(320):
            found.append((len(received) / 100, self.live.take_gap()))
        return found


def gap(since: float, seconds: float) -> Gap:
    return Gap(0, START + timedelta(seconds=since), pytest.approx(seconds), REASON)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        # Nothing stalls.
        ([(0.1, 0.1), (2.9, 0.1), (0.1, 0.1)], [(0.1, None), (0.1, None), (0.1, None)]),
        # What came meanwhile is lost.
        ([(1, 1), (60, 0.5), (0.5, 0.5), (1, 1)], [(1.0, None), (1.0, gap(1, 59.5)), (1.0, None)]),
        # It waited, and comes at once: nothing is missing.
        ([(1, 1), (8, 2), (0.1, 2), (0.1, 4), (1, 1)], [(1.0, None), (8.0, None), (1.0, None)]),
        # It waited for a part of that time.
        ([(1, 1), (60, 2), (0.1, 2), (0.5, 0.5)], [(1.0, None), (4.5, gap(1, 56.1))]),
        # Parts of several seconds, each as late as it lasts.
        ([(6, 6), (6, 6), (6, 6)], [(6.0, None), (6.0, None), (6.0, None)]),
        # More than a stall can have cost.
        ([(1, 1), (600, 10), (1, 10), (1, 10), (1, 10)], [(1.0, None), (30.0, None), (10.0, None)]),
        # As much as whoever kept it could keep: then it comes as it sounds.
        (
            [(1, 1), (600, 10), (1, 10), (1, 10), (1, 10), (1, 10), (0.5, 0.5), (0.5, 0.5), (1, 1)],
            [(1.0, None), (30.0, None), (20.0, None), (1.0, gap(51, 554)), (1.0, None)],
        ),
        # It comes late for longer than it is held back, but all of it comes.
        (
            [(1, 1), (60, 20), (0, 20), (0, 10), (0, 10), (0.5, 0.5), (0.5, 0.5)],
            [(1.0, None), (40.0, None), (20.0, None), (0.5, None), (0.5, None)],
        ),
        # The end comes before anything can be compared.
        ([(1, 1), (60, 0.5)], [(1.0, None), (0.5, gap(1, 59.5))]),
    ],
)
async def test_after_a_stall_what_is_missing_is_told_from_what_is_late(
    script: list[tuple[float, float]], expected: list[tuple[float, Gap | None]]
) -> None:
    assert await ScriptedPipe(*script).sounds() == expected


async def test_a_computer_that_slept_leaves_a_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    pipe = ScriptedPipe((1, 1), (0.5, 0.5), (0.5, 0.5), (0.5, 0.5))
    slept = iter([0.0, 0.0, 0.0])
    monkeypatch.setattr(live_pipe, "running_seconds", lambda clock: clock.monotonic() + next(slept, 3600.0))

    assert await pipe.sounds() == [(1.0, None), (1.0, gap(1, 3600.0)), (0.5, None)]


async def test_a_pipe_that_gives_nothing_is_told_of_until_it_gives_something(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_pipe, "_NOTICE_SECONDS", 0.0)
    sound = pcm(noise(0.1))
    read_end, write_end = os.pipe()
    clock = VirtualClock()
    notices: list[Notice] = []

    def go_on(notice: Notice) -> None:
        notices.append(notice)
        if notice.text:
            clock.seconds += 20
            os.write(write_end, sound)
            os.close(write_end)

    async with StdinSource(None, read_end, patience=0, notify=go_on, clock=clock) as source:
        items = [item async for item in singly(source.frames())]
    os.close(read_end)

    assert notices == [
        Notice(MICROPHONE_LOST, Severity.WARNING, "nothing has come through the pipe for 0 s"),
        Notice(MICROPHONE_LOST, Severity.INFO, ""),
    ]
    assert items[0] == Gap(0, START, pytest.approx(19.9), REASON)
    assert b"".join(item.pcm for item in items[1:] if isinstance(item, Frame)) == sound


async def test_what_is_missing_of_a_recording_is_dated_by_when_that_was_made() -> None:
    began = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)
    read_end, write_end = os.pipe()
    clock = VirtualClock()
    earlier = EarlierClock(clock, began)
    async with StdinSource(None, read_end, patience=0, clock=earlier) as source:
        earlier.begin(lambda: 0.0)
        frames = singly(source.frames())
        first = asyncio.ensure_future(anext(frames))
        await asyncio.sleep(0)
        clock.seconds += 20
        os.write(write_end, pcm(noise(0.1)))
        os.close(write_end)

        assert await first == Gap(0, began, pytest.approx(19.9), REASON)
    os.close(read_end)


async def test_it_can_be_closed_while_it_gives_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_pipe, "_NOTICE_SECONDS", 0.0)
    read_end, write_end = os.pipe()
    stalled = asyncio.Event()
    async with StdinSource(None, read_end, patience=0, notify=lambda _: stalled.set()) as source, asyncio.timeout(20):
        reading = asyncio.ensure_future(anext(source.frames(), None))
        await stalled.wait()
        source.close()
        assert await reading is None
    os.close(read_end)
    os.close(write_end)


async def test_what_came_after_a_stall_is_heard_though_the_connection_breaks_off() -> None:
    before, after = pcm(noise(0.1)), pcm(noise(0.5, seed=2))
    clock = VirtualClock()
    items: list[Frame | Gap] = []
    ours, theirs = socket.socketpair()
    theirs.send(before)

    async def take(source: StdinSource) -> None:
        async for item in singly(source.frames()):
            items.append(item)
            if len(items) == 5:
                clock.seconds += 20
                theirs.send(after)
                ours.send(b"never read")  # so that closing resets the connection
                theirs.close()

    with ours:
        async with StdinSource(None, ours.fileno(), clock=clock) as source:
            with pytest.raises(AudioError, match="standard input broke off: Connection reset by peer"):
                await take(source)

    assert b"".join(item.pcm for item in items if isinstance(item, Frame)) == before + after
    assert [item.at_sample for item in items if isinstance(item, Gap)] == [1600]


async def test_the_last_frames_before_a_connection_breaks_off_are_heard() -> None:
    ours, theirs = socket.socketpair()
    with ours:
        ours.setblocking(False)
        reader = PipeReader(ours.fileno())
        theirs.send(b"said last")
        ours.send(b"never read")
        theirs.close()

        assert await reader.read(100) == b"said last"
        with pytest.raises(ConnectionResetError):
            await reader.read(100)
