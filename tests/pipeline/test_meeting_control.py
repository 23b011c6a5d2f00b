"""What acts on a meeting from outside: people, silence, and sound that is missing."""

import asyncio
from datetime import timedelta

import pytest

from streamer.errors import AudioDeviceError, StoreError
from streamer.pipeline import Meeting
from streamer.settings import load_settings
from streamer.sinks.messages import ENGLISH
from streamer.types import (
    ENDED_BY_SILENCE,
    MICROPHONE_LOST,
    SAMPLE_RATE,
    EndReason,
    Gap,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    Notice,
    SegmentFinalized,
    Severity,
    TitleChanged,
)
from tests.fakes import (
    MemoryJournal,
    Sound,
    silence,
    speech,
)
from tests.pipeline.rig import Rig, run, text
from tests.virtual_time import EPOCH, run_virtual


def test_a_pause_stops_the_recording_and_positions_go_on_after_it() -> None:
    async def main() -> Rig:
        rig = Rig([speech(10), silence(1)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(2.01)
            meeting.pause()
            await asyncio.sleep(4)
            meeting.mark("while paused")
            meeting.resume()

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


def test_a_gap_ends_the_utterance_and_moves_the_clock() -> None:
    gap = Gap(0, EPOCH, 3.0, "device was away")
    rig = run(script=[speech(1), gap, speech(1), silence(1)])

    (found,) = rig.sink.of(GapFound)
    assert (found.gap.at_sample, found.gap.seconds) == (SAMPLE_RATE, 3.0)
    before, after = rig.sink.of(SegmentFinalized)
    assert (before.segment.end_sample, before.segment.end_reason) == (SAMPLE_RATE, EndReason.STOP)
    assert after.segment.started_at > before.segment.started_at


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


def test_a_mark_and_a_title_are_events() -> None:
    async def main() -> Rig:
        rig = Rig([silence(4)])

        async def act(meeting: Meeting) -> None:
            meeting.set_title("before the sound")
            await asyncio.sleep(2.01)
            meeting.mark("决定")

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    assert [event.title for event in rig.journal.events if isinstance(event, TitleChanged)] == ["before the sound"]
    assert [(event.at_sample, event.note) for event in rig.sink.of(MarkAdded)] == [(2 * SAMPLE_RATE, "决定")]


def test_stopping_finalises_what_was_said() -> None:
    async def main() -> Rig:
        rig = Rig([silence(1), speech(60)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(3.01)
            meeting.stop()
            meeting.stop()

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    assert rig.sink.finals() == [text(1, 3)]
    assert isinstance(rig.journal.events[-1], MeetingEnded)


def test_stopping_before_the_sound_begins_ends_the_meeting() -> None:
    async def main() -> Rig:
        rig = Rig([speech(60)])
        rig.meeting.stop()
        await rig.run()
        return rig

    assert run_virtual(main()).sink.finals() == []


def test_sound_that_breaks_off_is_finalised_and_reported() -> None:
    async def main() -> tuple[Rig, object]:
        rig = Rig([silence(1), speech(1), AudioDeviceError("scripted: unplugged")])
        return rig, (await rig.run()).failure

    rig, failure = run_virtual(main())

    assert rig.sink.finals() == [text(1, 2)]
    assert isinstance(failure, AudioDeviceError)
    assert isinstance(rig.sink.events[-1], MeetingEnded)


def test_a_forgotten_meeting_ends_by_itself() -> None:
    settings = load_settings(overrides={"pipeline": {"stop_after_silence_min": 0.5}})
    rig = run(script=[speech(2), silence(600)], settings=settings)

    assert rig.sink.events[-1].at_sample == pytest.approx(32.5 * SAMPLE_RATE, abs=SAMPLE_RATE // 5)
    assert Notice(ENDED_BY_SILENCE, Severity.WARNING, ENGLISH.silence_stop.format(minutes="0.5")) in rig.sink.events


@pytest.mark.parametrize("is_paused", [False, True])
def test_a_title_that_another_program_changes_is_told_within_two_seconds(is_paused: bool) -> None:
    async def main() -> list[tuple[str, int]]:
        rig = Rig([silence(10)])

        async def act(meeting: Meeting) -> None:
            if is_paused:
                meeting.pause()
            await asyncio.sleep(3)
            rig.journal.changed.append(TitleChanged("预算会"))

        await rig.run_with(act)
        return [
            (event.title, int(at))
            for event, at in zip(rig.sink.events, rig.sink.times, strict=True)
            if isinstance(event, TitleChanged)
        ]

    assert run_virtual(main()) == [("预算会", 4)]


def test_a_store_that_cannot_be_read_for_changes_is_asked_again() -> None:
    class Locked(MemoryJournal):
        is_locked = True

        def changes(self) -> tuple[MeetingEvent, ...]:
            if self.is_locked:
                self.is_locked = False
                raise StoreError("scripted: locked")
            return super().changes()

    journal = Locked()
    journal.changed.append(TitleChanged("预算会"))

    assert run(script=[silence(4)], journal=journal).sink.of(TitleChanged) == [TitleChanged("预算会")]
