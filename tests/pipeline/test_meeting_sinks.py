"""Sinks and disks that fail, hang, or fall behind."""

import asyncio

import pytest

from streamer.errors import SinkError
from streamer.interfaces import Sink
from streamer.pipeline import Meeting, MeetingReport
from streamer.settings import load_settings
from streamer.sinks.messages import ENGLISH
from streamer.types import (
    SAMPLE_RATE,
    STORE_FAILED,
    MarkAdded,
    MeetingStarted,
    Notice,
    SegmentFinalized,
    Severity,
)
from tests.fake_sinks import FailingSink, HangingSink, RefusingSink
from tests.fakes import MemoryJournal, silence, speech
from tests.pipeline.rig import TWO_UTTERANCES, Rig, run, text
from tests.virtual_time import run_virtual


def test_a_full_disk_stops_neither_captions_nor_meeting() -> None:
    journal = MemoryJournal()
    journal.refuses = True
    rig = run(script=TWO_UTTERANCES, journal=journal)

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert "store" in [notice.key for notice in rig.sink.of(Notice) if notice.text]


def test_a_meeting_has_ended_while_its_sinks_still_take_the_last_of_it() -> None:
    async def main() -> tuple[list[bool], int]:
        rig = Rig([silence(2)])
        rig.attach("slow", HangingSink())
        seen: list[bool] = []

        async def act(meeting: Meeting) -> None:
            for _ in range(2):
                await asyncio.sleep(1.5)
                seen.append(meeting.load().has_ended)

        await rig.run_with(act)
        return seen, round(asyncio.get_running_loop().time())

    assert run_virtual(main()) == ([False, True], 12)


def test_that_a_full_disk_has_room_again_is_told_for_a_minute() -> None:
    async def main() -> list[tuple[str, Severity, int]]:
        rig = Rig([silence(80)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(2)
            rig.journal.refuses = True
            await asyncio.sleep(2)
            rig.journal.pcm += bytes(2 * 2 * SAMPLE_RATE)  # so that what follows has its place
            rig.journal.refuses = False

        await rig.run_with(act)
        return [
            (notice.text, notice.severity, round(at))
            for notice, at in zip(rig.sink.events, rig.sink.times, strict=True)
            if isinstance(notice, Notice) and notice.key == "store"
        ]

    assert run_virtual(main()) == [
        ("cannot save: scripted: no space left on device", Severity.ERROR, 2),
        (ENGLISH.stored_again, Severity.INFO, 4),
        ("", Severity.INFO, 64),
    ]


def test_captions_go_on_while_a_disk_hangs_and_are_kept_when_it_answers() -> None:
    async def main() -> tuple[Rig, list[list[str]]]:
        rig = Rig([silence(1), speech(2), silence(2), speech(2), silence(9)])
        seen: list[list[str]] = []

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(0.5)
            rig.storage.hung = asyncio.Event()
            for at in (5.0, 6.0, 9.0):
                await asyncio.sleep(at - asyncio.get_running_loop().time())
                seen.append([*rig.sink.finals(), rig.sink.partials()[-1]])
            rig.storage.hung.set()
            rig.storage.hung = None

        await rig.run_with(act)
        return rig, seen

    rig, seen = run_virtual(main())

    # Finals, and the newest partial. The first is final at 3.5 s, and seen two seconds later, for slow disks.
    assert seen == [[text(1, 3)], [text(1, 3), text(5, 5.8)], [text(1, 3), text(5, 7), text(5, 7)]]
    assert [event.segment.text for event in rig.journal.events if isinstance(event, SegmentFinalized)] == seen[2][:2]
    assert rig.sink.finals() == seen[2][:2]
    assert len(rig.journal.pcm) == 2 * 16 * SAMPLE_RATE
    hung = [event for event in rig.sink.events if isinstance(event, Notice) and event.key == STORE_FAILED]
    assert [notice.text for notice in hung] == [ENGLISH.store_hung, ENGLISH.answers_again]


def held_with(name: str, sink: Sink) -> Rig:
    """A meeting that was held to its end with one more sink."""

    async def main() -> Rig:
        rig = Rig(TWO_UTTERANCES)
        rig.attach(name, sink)
        await rig.run()
        return rig

    return run_virtual(main())


def test_a_failing_sink_is_told_once_tried_again_and_gets_every_final_in_order() -> None:
    failing = FailingSink(failures=3)
    rig = held_with("flaky", failing)

    assert failing.finals() == rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert [notice.text for notice in rig.sink.of(Notice) if notice.key == "sink.flaky"] == [
        "flaky failed, trying again: scripted failure",
        "",
    ]


def test_a_sink_with_a_defect_loses_the_event_it_cannot_take_and_gets_the_rest() -> None:
    failing = FailingSink(failures=3, error=ValueError("scripted defect"))
    rig = held_with("defective", failing)

    assert failing.of(MeetingStarted) == []
    assert failing.finals() == rig.sink.finals()
    assert [notice.text for notice in rig.sink.of(Notice) if notice.key == "sink.defective"] == [
        "defective failed, trying again: scripted defect",
        "",
    ]


@pytest.mark.parametrize("error", [SinkError("scripted failure"), ValueError("scripted defect")])
def test_what_was_said_does_not_come_into_the_log_where_a_sink_refuses_it(
    caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    refusing = RefusingSink(error)
    rig = held_with("full", refusing)

    assert len(rig.sink.partials()) > 2
    assert [partial for partial in rig.sink.partials() if partial in caplog.text] == []
    assert [final for final in rig.sink.finals() if final in caplog.text] == []
    left_out = ["full could not take SegmentFinalized: left out"] * 2 if isinstance(error, ValueError) else []
    assert [line for line in caplog.messages if "left out" in line] == left_out


def test_a_sink_that_hangs_delays_nobody_and_the_end_only_by_the_drain_time() -> None:
    async def main() -> tuple[Rig, float]:
        rig = Rig(TWO_UTTERANCES)
        rig.attach("hanging", HangingSink())
        await rig.run()
        return rig, asyncio.get_running_loop().time()

    rig, ended = run_virtual(main())

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert ended == pytest.approx(7 + 10, abs=0.1)


def test_a_sink_too_far_behind_is_given_up_and_the_others_are_told() -> None:
    async def main() -> Rig:
        settings = load_settings(overrides={"pipeline": {"sink_events": 10}})
        rig = Rig([silence(2)], settings=settings)
        rig.attach("hanging", HangingSink())

        async def act(meeting: Meeting) -> None:
            for _ in range(12):
                await asyncio.sleep(0.1)
                meeting.mark()

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    assert len(rig.sink.of(MarkAdded)) == 12
    assert [notice.text for notice in rig.sink.of(Notice) if notice.key == "sink.hanging"] == [
        "hanging is given up: it is too far behind"
    ]


def test_a_sink_that_refuses_to_the_end_is_in_the_report() -> None:
    full = OSError(28, "No space left on device")

    async def main() -> tuple[Rig, MeetingReport, float]:
        rig = Rig(TWO_UTTERANCES)
        rig.attach("json", FailingSink(failures=1_000_000, error=full))
        rig.attach("flaky", FailingSink(failures=3))
        return rig, await rig.run(), asyncio.get_running_loop().time()

    rig, report, ended = run_virtual(main())

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert report.refusals == {"json": "No space left on device"}
    assert "json failed, trying again: No space left on device" in [notice.text for notice in rig.sink.of(Notice)]
    assert ended == pytest.approx(7, abs=0.1)


def test_a_sink_that_refused_gets_all_that_waits_where_it_takes_it_at_the_end() -> None:
    late = FailingSink(failures=4)

    async def main() -> tuple[Rig, MeetingReport, float]:
        rig = Rig(TWO_UTTERANCES)
        rig.attach("late", late)
        return rig, await rig.run(), asyncio.get_running_loop().time()

    rig, report, ended = run_virtual(main())

    assert late.finals() == rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert report.refusals == {}
    assert ended == pytest.approx(7, abs=0.1)
