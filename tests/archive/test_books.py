"""Minutes of a running meeting, put together with a clock moved by hand."""

import asyncio
import gc
import json
from datetime import timedelta
from pathlib import Path

import pytest

from streamer import app
from streamer.archive.books import minutes_sink
from streamer.archive.journals import open_meeting
from streamer.errors import SinkError
from streamer.pipeline import InferenceTurns, Services, Worker
from streamer.recognition import SharedModels
from streamer.sinks.messages import ENGLISH
from streamer.types import SAMPLE_RATE, MeetingEnded, TitleChanged
from tests.disks import file_size_limit
from tests.fake_sinks import RecordingSink
from tests.fakes import ScriptedSource
from tests.meeting.kept import SETTINGS
from tests.meeting.material import START, STARTED, final
from tests.sinks.minutes.room import AtOnce
from tests.virtual_clock import VirtualClock


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
        await sink.handle(MeetingEnded(5 * SAMPLE_RATE, START + timedelta(seconds=5)))
        return seen

    assert asyncio.run(main()) == [0, 0, 3, 3]
    journal.close()


def test_minutes_have_what_was_stored_after_a_full_disk_cut_them_short(tmp_path: Path) -> None:
    """A query that is left in the middle would show nothing that is stored afterwards."""
    journal = open_meeting(SETTINGS, tmp_path, STARTED)
    sink = minutes_sink(SETTINGS, tmp_path, AtOnce())
    for number in range(1, 201):
        journal.record(final(number, "好" * 50, number, number + 1))

    async def main() -> None:
        await sink.handle(STARTED)
        with file_size_limit(10_000), pytest.raises(SinkError, match="File too large"):
            await sink.handle(TitleChanged("周会"))
        journal.record(final(201, "再见", 201, 202))
        await sink.handle(MeetingEnded(202 * SAMPLE_RATE, START + timedelta(seconds=202)))

    gc.disable()
    try:
        asyncio.run(main())
    finally:
        gc.enable()

    journal.close()
    [path] = tmp_path.rglob("minutes.txt")
    assert path.read_text("utf-8").splitlines()[-1].endswith("再见")


def test_a_meeting_and_its_minutes_have_one_clock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock, asked = VirtualClock(), []

    def sink(*arguments: object) -> RecordingSink:
        asked.append(arguments[-1])
        return RecordingSink()

    monkeypatch.setattr(app, "minutes_sink", sink)

    async def main() -> None:
        services = Services(InferenceTurns(Worker("inference")), Worker("storage"), clock, ENGLISH, SETTINGS)
        options = app.MeetingOptions("script", "周会", "room", app.Output.PLAIN, data_dir=tmp_path)
        app.make_meeting(options, ScriptedSource(()), SharedModels(SETTINGS), services)

    asyncio.run(main())

    assert asked == [clock.monotonic]
