"""Standard output whose reader has gone, or whose disk is full."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from streamer.sinks.messages import CHINESE, ENGLISH
from streamer.sinks.standard_output import StandardOutput, say_unread
from tests.disks import file_size_limit


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
    for messages in (ENGLISH, CHINESE):
        await StandardOutput(LaterCalls(), unread, when_unread=partial(say_unread, messages)).write("甲\n")
    os.close(unread)

    assert caplog.messages == [
        "nobody reads standard output any more; the meeting goes on",
        "标准输出不再有人读；会议继续",
    ]


@pytest.mark.parametrize(("next_text", "expected"), [("一二三\n", "甲\n一二三\n"), ("四\n", "甲\n一二三\n四\n")])
async def test_what_a_full_disk_cut_off_is_gone_on_with(tmp_path: Path, next_text: str, expected: str) -> None:
    """Whether the same comes once more, as a final does, or something else, as after a status."""
    with (tmp_path / "lines").open("wb") as file:
        output = StandardOutput(LaterCalls(), file.fileno(), when_unread=lambda: None)
        await output.write("甲\n")
        with file_size_limit(8):
            for _ in range(2):
                with pytest.raises(OSError, match="File too large"):
                    await output.write("一二三\n")
            assert (tmp_path / "lines").stat().st_size == 8
        await output.write(next_text)

    assert (tmp_path / "lines").read_text("utf-8") == expected
