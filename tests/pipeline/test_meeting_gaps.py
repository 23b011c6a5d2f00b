"""Pauses and gaps in a meeting: what is recorded, and when it sounded."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from streamer import clock
from streamer.pipeline import Meeting
from streamer.types import (
    MICROPHONE_LOST,
    SAMPLE_RATE,
    EndReason,
    Gap,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingPaused,
    MeetingResumed,
    Notice,
    SegmentFinalized,
    Severity,
)
from tests.fakes import (
    ScriptedSource,
    Sound,
    silence,
    speech,
)
from tests.pipeline.rig import TWO_UTTERANCES, Rig, run, text
from tests.virtual_time import EPOCH, run_virtual


def test_a_pause_stops_the_recording_and_positions_go_on_after_it() -> None:
    async def main() -> Rig:
        rig = Rig([speech(10), silence(1)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(2.01)
            meeting.pause()
            assert meeting.is_paused
            await asyncio.sleep(4)
            meeting.mark("while paused")
            meeting.resume()
            assert not meeting.is_paused

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    (paused,), (resumed,) = rig.sink.of(MeetingPaused), rig.sink.of(MeetingResumed)
    assert paused.at_sample == resumed.at_sample == 2 * SAMPLE_RATE
    assert (resumed.resumed_at - paused.paused_at).total_seconds() == pytest.approx(4)
    assert rig.sink.of(MarkAdded)[0].at_sample == 2 * SAMPLE_RATE
    assert len(rig.journal.pcm) == 2 * 7 * SAMPLE_RATE
    before, after = rig.sink.of(SegmentFinalized)
    assert before.segment.end_reason is EndReason.STOP
    assert before.segment.end_sample == after.segment.start_sample == 2 * SAMPLE_RATE
    assert (after.segment.started_at - EPOCH).total_seconds() == pytest.approx(6.01, abs=0.001)


def paused_fast(go_on: Callable[[Meeting], None]) -> Rig:
    """A file that is read fast and paused at its beginning, with what is done a minute later."""

    async def main() -> Rig:
        rig = Rig(source=ScriptedSource(TWO_UTTERANCES, fast=True), is_fast=True)

        async def act(meeting: Meeting) -> None:
            meeting.pause()
            await asyncio.sleep(60)
            go_on(meeting)

        await rig.run_with(act)
        return rig

    return run_virtual(main())


def test_a_file_that_is_read_fast_waits_in_a_pause() -> None:
    rig = paused_fast(Meeting.resume)

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    (ended,) = rig.sink.of(MeetingEnded)
    assert ended.at_sample == 7 * SAMPLE_RATE
    # In the recording no time passes: what comes behind the pause is not dated later.
    assert rig.sink.of(MeetingPaused)[0].paused_at == rig.sink.of(MeetingResumed)[0].resumed_at == EPOCH
    assert ended.ended_at == EPOCH + timedelta(seconds=7)


def test_a_file_that_is_read_fast_can_be_ended_in_a_pause() -> None:
    def end(meeting: Meeting) -> None:
        meeting.stop()
        meeting.pause()

    assert paused_fast(end).sink.of(MeetingEnded)[0].at_sample == 0


def test_a_meeting_that_ends_in_a_pause_is_not_paused_any_more() -> None:
    async def main() -> Rig:
        rig = Rig([speech(10)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(2)
            meeting.pause()
            meeting.stop()

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    assert rig.sink.of(MeetingResumed) == []
    assert not rig.meeting.is_paused


def test_a_mark_in_a_pause_or_right_after_it_has_the_time_at_which_it_was_set() -> None:
    async def main() -> Rig:
        rig = Rig([silence(10)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(2.01)
            meeting.pause()
            await asyncio.sleep(3)
            meeting.mark()
            await asyncio.sleep(1)
            meeting.resume()
            meeting.mark()

        await rig.run_with(act)
        return rig

    marks = run_virtual(main()).sink.of(MarkAdded)

    assert [(mark.marked_at - EPOCH).total_seconds() for mark in marks] == pytest.approx([5.01, 6.01])
    assert [mark.at_sample for mark in marks] == [2 * SAMPLE_RATE] * 2


def test_a_pause_in_which_the_clock_is_set_back_is_as_long_as_it_lasted() -> None:
    async def main() -> Rig:
        rig = Rig([speech(10), silence(1)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(2.01)
            meeting.pause()
            await asyncio.sleep(3)
            rig.clock.set_back_s = 3600
            meeting.mark()
            await asyncio.sleep(1)
            meeting.resume()

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    (paused,), (mark,), (resumed,) = (rig.sink.of(kind) for kind in (MeetingPaused, MarkAdded, MeetingResumed))
    times = [paused.paused_at, mark.marked_at, resumed.resumed_at]
    assert [(at - EPOCH).total_seconds() for at in times] == pytest.approx([2.01, 5.01, 6.01])
    _, after = rig.sink.of(SegmentFinalized)
    assert (after.segment.started_at - EPOCH).total_seconds() == pytest.approx(6.01, abs=0.001)
    (ended,) = rig.sink.of(MeetingEnded)
    assert (ended.ended_at - EPOCH).total_seconds() == pytest.approx(11.01, abs=0.02)


def test_a_pause_in_which_the_computer_slept_after_its_clock_was_set_back_is_as_long_as_it_lasted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept = [7200.0]
    monkeypatch.setattr(clock, "slept_seconds", lambda: slept[0])

    async def main() -> Rig:
        rig = Rig([speech(10), silence(1)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(2.01)
            rig.clock.set_back_s = 3600
            meeting.pause()
            await asyncio.sleep(1)
            rig.clock.set_back_s = 3000
            slept[0] += 600.0
            meeting.resume()

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    (paused,), (resumed,) = (rig.sink.of(kind) for kind in (MeetingPaused, MeetingResumed))
    times = [paused.paused_at, resumed.resumed_at]
    assert [(at - EPOCH).total_seconds() for at in times] == pytest.approx([2.01, 603.01])


@pytest.mark.parametrize("set_back_s", [3600, 2])
def test_of_a_gap_that_outlasts_a_pause_the_rest_is_told_where_the_clock_was_set_back_meanwhile(
    set_back_s: float,
) -> None:
    async def main() -> Rig:
        # The device is away from 2 s to 5 s, by a clock that was set back before.
        gap = Gap(0, EPOCH + timedelta(seconds=2 - set_back_s), 3.0, "device was away")
        rig = Rig([speech(2), gap, speech(3)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(1.51)
            meeting.pause()
            rig.clock.set_back_s = set_back_s
            await asyncio.sleep(2.49)
            meeting.resume()

        await rig.run_with(act)
        return rig

    gaps = [found.gap for found in run_virtual(main()).sink.of(GapFound)]

    assert [((gap.started_at - EPOCH).total_seconds(), gap.seconds) for gap in gaps] == [(4.0, 1.0)]


def test_a_gap_ends_the_utterance_and_moves_the_clock() -> None:
    gap = Gap(0, EPOCH, 3.0, "device was away")
    rig = run(script=[speech(1), gap, speech(1), silence(1)])

    (found,) = rig.sink.of(GapFound)
    assert (found.gap.at_sample, found.gap.seconds) == (SAMPLE_RATE, 3.0)
    before, after = rig.sink.of(SegmentFinalized)
    assert (before.segment.end_sample, before.segment.end_reason) == (SAMPLE_RATE, EndReason.STOP)
    assert after.segment.started_at > before.segment.started_at


def test_a_gap_after_the_clock_was_set_back_is_dated_after_the_sound_before_it() -> None:
    gap = Gap(0, EPOCH - timedelta(hours=2), 3.0, "device was away")
    rig = run(script=[speech(1), gap, speech(1), silence(1)])

    (found,) = rig.sink.of(GapFound)
    assert (found.gap.started_at, found.gap.seconds) == (EPOCH + timedelta(seconds=1), 3.0)
    _, after = rig.sink.of(SegmentFinalized)
    assert after.segment.started_at == EPOCH + timedelta(seconds=4)


@pytest.mark.parametrize(
    ("is_microphone", "gap_at", "goes_on_at"), [(True, 1.5, 4.5), (False, 2.0, 5.0)], ids=["device", "pipe"]
)
def test_a_gap_in_a_pipe_that_is_ahead_of_the_clock_is_dated_after_the_sound_before_it(
    is_microphone: bool, gap_at: float, goes_on_at: float
) -> None:
    gap = Gap(0, EPOCH + timedelta(seconds=1.5), 3.0, "nothing came")
    rig = run(script=[speech(2), gap, speech(1), silence(1)], is_microphone=is_microphone)

    (found,) = rig.sink.of(GapFound)
    assert found.gap.started_at == EPOCH + timedelta(seconds=gap_at)
    _, after = rig.sink.of(SegmentFinalized)
    assert after.segment.started_at == EPOCH + timedelta(seconds=goes_on_at)


async def _gaps_around_a_pause(*, pause_s: float, resume_s: float) -> list[tuple[float, float, int]]:
    """Of a device that is away from 2 s to 5 s: when each gap begins, its length, and its position."""
    rig = Rig([speech(2), Gap(0, EPOCH + timedelta(seconds=2), 3.0, "device was away"), speech(3)])

    async def act(meeting: Meeting) -> None:
        await asyncio.sleep(pause_s)
        meeting.pause()
        await asyncio.sleep(resume_s - pause_s)
        meeting.resume()

    await rig.run_with(act)
    gaps = [found.gap for found in rig.sink.of(GapFound)]
    return [((gap.started_at - EPOCH).total_seconds(), gap.seconds, gap.at_sample) for gap in gaps]


@pytest.mark.parametrize(
    ("pause_s", "resume_s", "expected"),
    [
        (3.0, 6.0, [(2.0, 1.0, 2 * SAMPLE_RATE)]),
        (1.51, 4.0, [(4.0, 1.0, 1.5 * SAMPLE_RATE)]),
        (3.0, 4.0, [(2.0, 1.0, 2 * SAMPLE_RATE), (4.0, 1.0, 2 * SAMPLE_RATE)]),
        (1.51, 6.0, []),
        (2.05, 4.95, []),
    ],
    ids=["back while paused", "away while paused", "away before and after", "never missed", "hardly missed"],
)
def test_of_a_gap_what_lies_outside_a_pause_is_told(
    pause_s: float, resume_s: float, expected: list[tuple[float, float, int]]
) -> None:
    assert run_virtual(_gaps_around_a_pause(pause_s=pause_s, resume_s=resume_s)) == expected


def test_speech_after_a_pause_and_a_gap_has_the_time_at_which_it_sounded() -> None:
    async def main() -> Rig:
        rig = Rig([speech(2), Gap(0, EPOCH + timedelta(seconds=2), 3.0, "device was away"), speech(3), silence(1)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(3)
            meeting.pause()
            await asyncio.sleep(3)
            meeting.resume()

        await rig.run_with(act)
        return rig

    _, after = run_virtual(main()).sink.of(SegmentFinalized)

    assert (after.segment.started_at - EPOCH).total_seconds() == pytest.approx(6.0, abs=0.02)


def test_nothing_is_said_of_the_level_while_the_device_is_away() -> None:
    async def main() -> Rig:
        rig = Rig([Sound(4, bytes(640)), Gap(0, EPOCH, 3.0, "device was away"), Sound(2, bytes(640)), silence(1)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(3.5)
            meeting.notify(Notice(MICROPHONE_LOST, Severity.WARNING, "away"))

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    assert [(notice.key, notice.text) for notice in rig.sink.of(Notice) if notice.key.startswith("microphone.")] == [
        ("microphone.muted", "the microphone gives no sound: is it muted?"),
        ("microphone.muted", ""),
        ("microphone.lost", "away"),
    ]
