"""Standard output whose reader has gone."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable

import pytest

from streamer.sinks.standard_output import StandardOutput


class LaterCalls:
    """Runs calls one after another, each in its own turn of the event loop."""

    async def run(self, call: Callable[[], None]) -> None:
        await asyncio.sleep(0)
        call()


@pytest.fixture
def unread() -> int:
    """A pipe whose reader has gone."""
    read, write = os.pipe()
    os.close(read)
    return write


async def test_that_nobody_reads_is_told_once_whoever_writes(unread: int) -> None:
    told: list[str] = []
    output = StandardOutput(LaterCalls(), unread, when_unread=lambda: told.append("unread"))

    await asyncio.gather(output.write("甲\n"), output.write("乙\n"))
    await output.write("丙\n")
    os.close(unread)

    assert told == ["unread"]


async def test_a_meeting_goes_on_without_its_readers(unread: int, caplog: pytest.LogCaptureFixture) -> None:
    await StandardOutput(LaterCalls(), unread).write("甲\n")
    os.close(unread)

    assert caplog.messages == ["nobody reads standard output any more; the meeting goes on"]
