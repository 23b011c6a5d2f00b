"""The archive put together, with a clock moved by hand."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

from streamer.books import minutes_sink
from streamer.journals import open_meeting
from tests.meeting.kept import SETTINGS
from tests.meeting.material import STARTED, final


class AtOnce:
    """A storage thread that is this one."""

    async def run(self, call: Callable[[], None]) -> None:
        call()


def test_minutes_follow_the_clock_of_the_meeting(tmp_path: Path) -> None:
    seconds = 100.0
    journal = open_meeting(SETTINGS, tmp_path, STARTED)
    sink = minutes_sink(SETTINGS, tmp_path, AtOnce(), lambda: seconds)

    def json_entries() -> int:
        [path] = tmp_path.rglob("minutes.json")
        return len(json.loads(path.read_text(encoding="utf-8"))["entries"])

    async def main() -> list[int]:
        nonlocal seconds
        await sink.handle(STARTED)
        seen = []
        for number in range(1, 5):
            event = final(number, "好", number, number + 1)
            journal.record(event)
            seconds += 20
            await sink.handle(event)
            seen.append(json_entries())
        return seen

    assert asyncio.run(main()) == [0, 0, 3, 3]
    journal.close()
