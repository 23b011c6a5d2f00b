"""A meeting from its start to its end: what is recorded, what is told, how long it lasts."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from streamer.pipeline import Meeting
from streamer.settings import load_settings
from streamer.types import (
    SAMPLE_RATE,
    MeetingEnded,
    MeetingEvent,
    MeetingStarted,
    Notice,
    SegmentFinalized,
)
from tests.fakes import (
    InlineCalls,
    MemoryJournal,
    Script,
    ScriptedSource,
    Sound,
    silence,
    speech,
)
from tests.pipeline.rig import TWO_UTTERANCES, Rig, run, text
from tests.virtual_time import EPOCH, run_virtual

SYLLABLES: Script = [silence(1), *[speech(0.3), silence(0.08)] * 9, silence(0.3), speech(1), silence(1.8)]
"""Speech with the pauses between words, and one that does not end the utterance."""


def test_speech_becomes_finals_between_start_and_end() -> None:
    rig = run(script=TWO_UTTERANCES)

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert isinstance(rig.sink.events[0], MeetingStarted)
    assert isinstance(rig.sink.events[-1], MeetingEnded)
    assert rig.sink.events[-1].at_sample == 7 * SAMPLE_RATE


def test_a_source_that_lets_frames_come_together_makes_no_difference_and_wakes_up_less() -> None:
    def hold(*, patient: bool) -> tuple[list[tuple[float, MeetingEvent]], MemoryJournal, int]:
        async def main() -> tuple[list[tuple[float, MeetingEvent]], MemoryJournal, int]:
            source = ScriptedSource(SYLLABLES, patient=patient)
            rig = Rig(source=source)
            await rig.run()
            times = [round(time, 6) for time in rig.sink.times]
            events = [
                replace(event, meeting_id="") if isinstance(event, MeetingStarted) else event
                for event in rig.sink.events
            ]
            return list(zip(times, events, strict=True)), rig.journal, source.wakeups

        return run_virtual(main())

    patient, impatient = hold(patient=True), hold(patient=False)
    assert patient[0] == impatient[0]
    assert patient[1].pcm == impatient[1].pcm
    assert impatient[2] == round(7.52 * 50)
    assert patient[2] < impatient[2] / 2


def test_the_recording_holds_every_sample() -> None:
    rig = run(script=TWO_UTTERANCES)

    assert len(rig.journal.pcm) == 2 * 7 * SAMPLE_RATE
    assert rig.journal.is_closed


def test_a_final_is_recorded_after_its_sound_and_before_any_sink_sees_it() -> None:
    class Watching(MemoryJournal):
        def record(self, event: object) -> None:
            seen_before.append(len(rig.sink.finals()))
            super().record(event)

    seen_before: list[int] = []

    async def main() -> Rig:
        nonlocal rig
        rig = Rig(TWO_UTTERANCES, journal=Watching(), storage=InlineCalls(lambda: 0.01))
        await rig.run()
        return rig

    rig: Rig
    rig = run_virtual(main())

    finals = [event for event in rig.journal.events if isinstance(event, SegmentFinalized)]
    assert len(finals) == 2
    for event, length in zip(rig.journal.events, rig.journal.sound_at, strict=True):
        if isinstance(event, SegmentFinalized):
            assert length >= event.segment.end_sample
    assert seen_before[1:3] == [0, 1]


def test_a_muted_microphone_is_noticed_and_so_is_its_return() -> None:
    rig = run(script=[silence(1), Sound(4, bytes(640)), silence(1)])

    texts = [notice.text for notice in rig.sink.of(Notice) if notice.key == "microphone.muted"]
    assert texts == ["the microphone gives no sound: is it muted?", ""]


def test_a_file_of_zeros_is_no_muted_microphone() -> None:
    rig = run(script=[Sound(6, bytes(640))], is_microphone=False)

    assert "microphone.muted" not in [notice.key for notice in rig.sink.of(Notice)]


def test_a_file_read_fast_gives_the_finals_of_real_time() -> None:
    async def main() -> Rig:
        rig = Rig(source=ScriptedSource(TWO_UTTERANCES, fast=True), is_fast=True)
        await rig.run()
        return rig

    rig = run_virtual(main())

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert rig.sink.of(MeetingEnded)[0].ended_at == EPOCH + timedelta(seconds=7)


def test_a_file_read_fast_of_which_only_a_part_is_kept_ends_with_that_part() -> None:
    async def main() -> Rig:
        settings = load_settings(overrides={"pipeline": {"stop_after_silence_min": 0.5}})
        source = ScriptedSource([silence(600)], fast=True)
        rig = Rig(source=source, is_fast=True, seconds_before=lambda: 600.0, settings=settings)
        await rig.run()
        return rig

    rig = run_virtual(main())
    (started,), (ended,) = rig.sink.of(MeetingStarted), rig.sink.of(MeetingEnded)

    assert ended.ended_at - started.started_at == timedelta(seconds=ended.at_sample / SAMPLE_RATE)


def test_every_task_is_named_after_its_room_and_stage() -> None:
    async def main() -> set[str]:
        rig = Rig([silence(1)], room="r1")
        names: set[str] = set()

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(0.5)
            names.update(task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("streamer."))

        await rig.run_with(act)
        return names

    assert run_virtual(main()) == {
        "streamer.r1.listen",
        "streamer.r1.decode",
        "streamer.r1.publish",
        "streamer.r1.sink.recording",
    }


def test_a_meeting_begins_at_the_millisecond_that_the_store_keeps() -> None:
    async def main() -> Rig:
        rig = Rig([silence(1)], seconds_before=lambda: 1.2345678)
        await rig.run()
        return rig

    (started,) = run_virtual(main()).sink.of(MeetingStarted)

    assert started.started_at == EPOCH - timedelta(milliseconds=1235)


def test_a_meetings_id_is_its_time_and_enough_chance_for_rooms_that_begin_together() -> None:
    started = run(script=TWO_UTTERANCES).sink.events[0]

    assert isinstance(started, MeetingStarted)
    time, chance = started.meeting_id.split("-")
    assert time == f"{started.started_at:%Y%m%dT%H%M%SZ}"
    assert len(bytes.fromhex(chance)) == 3
