import asyncio
from datetime import timedelta

import pytest

from streamer.errors import AudioDeviceError, RecognizerError
from streamer.pipeline import InferenceTurns, Meeting
from streamer.settings import load_settings
from streamer.types import (
    SAMPLE_RATE,
    EndReason,
    Gap,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    SegmentFinalized,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
)
from tests.fakes import (
    FailingSink,
    HangingSink,
    InlineCalls,
    MemoryJournal,
    ScriptedRecognizer,
    ScriptedSource,
    Sound,
    silence,
    speech,
)
from tests.pipeline.rig import Rig
from tests.virtual_time import EPOCH, run_virtual

TWO_UTTERANCES = [silence(1), speech(2), silence(2), speech(1), silence(1)]


def run(**options: object) -> Rig:
    async def main() -> Rig:
        rig = Rig(**options)
        await rig.run()
        return rig

    return run_virtual(main())


def text(start: float, end: float) -> str:
    """What the scripted recogniser hears between two times."""
    return "".join(chr(ord("一") + step) for step in range(round(start * 5), round(end * 5)))


def test_speech_becomes_finals_between_start_and_end() -> None:
    rig = run(script=TWO_UTTERANCES)

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert isinstance(rig.sink.events[0], MeetingStarted)
    assert isinstance(rig.sink.events[-1], MeetingEnded)
    assert rig.sink.events[-1].at_sample == 7 * SAMPLE_RATE


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


def test_partials_grow_while_somebody_speaks_and_never_come_after_their_final() -> None:
    rig = run(script=[silence(1), speech(3), silence(1)])

    partials = rig.sink.partials()
    assert len(partials) >= 8
    assert all(text(1, 4).startswith(partial) for partial in partials)
    kinds = [type(event) for event in rig.sink.events if isinstance(event, SegmentUpdated | SegmentFinalized)]
    assert kinds.index(SegmentFinalized) == len(kinds) - 1


def test_the_final_was_decoded_in_the_pause_and_is_shown_when_the_end_silence_has_passed() -> None:
    rig = run(script=[silence(1), speech(2), silence(1)], inference=InlineCalls(lambda: 0.15))

    at = rig.sink.times[[type(event) for event in rig.sink.events].index(SegmentFinalized)]
    assert at == pytest.approx(1 + 2 + 0.5 + 0.15, abs=0.03)  # the fake thread takes as long to stitch as to decode
    assert [utterance.end_reason for utterance in rig.recognizer.heard].count(EndReason.SILENCE) == 1


def test_speech_that_resumes_discards_what_was_decoded_ahead() -> None:
    rig = run(script=[silence(1), speech(2), silence(0.3), speech(1), silence(1)])

    assert rig.sink.finals() == [text(1, 3) + text(3.4, 4.4)]


def test_finals_do_not_depend_on_how_slow_recognition_is() -> None:
    script = [silence(1), *[sound for _ in range(10) for sound in (speech(2), silence(0.7))], silence(1)]
    fast = run(script=script, inference=InlineCalls(lambda: 0.01))
    slow = run(script=script, inference=InlineCalls(lambda: 4.0))

    assert slow.sink.finals() == fast.sink.finals()
    assert len(slow.sink.partials()) < len(fast.sink.partials()) / 4
    assert max(status.lag_seconds for status in slow.sink.of(StatusUpdated)) > 5
    assert slow.sink.of(StatusUpdated)[-1].partials_shed > 0


def test_finals_that_wait_are_read_from_the_recording() -> None:
    script = [silence(1), *[sound for _ in range(12) for sound in (speech(1), silence(0.6))], silence(1)]
    rig = run(script=script, inference=InlineCalls(lambda: 8.0))

    assert rig.sink.finals() == [text(1 + 1.6 * at, 2 + 1.6 * at) for at in range(12)]
    assert len(rig.journal.reads) >= 5


def test_a_failing_final_is_tried_again() -> None:
    failures = iter([True, True, False])
    rig = run(
        script=[silence(1), speech(1), silence(1)],
        recognizer=ScriptedRecognizer(lambda utterance: utterance.end_reason is not None and next(failures)),
    )

    assert rig.sink.finals() == [text(1, 2)]


def test_a_final_that_cannot_be_decoded_is_left_empty_and_the_meeting_goes_on() -> None:
    async def main() -> tuple[Rig, int]:
        rig = Rig(TWO_UTTERANCES, recognizer=ScriptedRecognizer(lambda utterance: utterance.id == 1))
        return rig, (await rig.run()).lost_utterances

    rig, lost = run_virtual(main())

    assert rig.sink.finals() == [text(5, 6)]
    assert lost == 1
    assert "recognizer.lost" in [notice.key for notice in rig.sink.of(Notice)]
    assert len(rig.journal.pcm) == 2 * 7 * SAMPLE_RATE


def test_models_that_cannot_be_loaded_end_the_meeting_with_the_sound_kept() -> None:
    class Unloadable(Rig):
        @property
        def recognizer(self) -> object:
            raise RecognizerError("scripted: no models")

        @recognizer.setter
        def recognizer(self, value: object) -> None:
            pass

    async def main() -> Rig:
        rig = Unloadable(TWO_UTTERANCES, inference=InlineCalls(lambda: 1.0))
        with pytest.raises(RecognizerError, match="no models"):
            await rig.run()
        return rig

    rig = run_virtual(main())

    assert rig.journal.is_closed
    assert len(rig.journal.pcm) >= 2 * 0.9 * SAMPLE_RATE
    assert not rig.source.is_open


def test_recording_begins_before_the_models_are_loaded() -> None:
    loading = iter([3.0])
    rig = run(script=[speech(2), silence(3), speech(1), silence(1)], inference=InlineCalls(lambda: next(loading, 0.02)))

    assert rig.sink.finals() == [text(0, 2), text(5, 6)]


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


def test_a_gap_ends_the_utterance_and_moves_the_clock() -> None:
    gap = Gap(0, EPOCH, 3.0, "device was away")
    rig = run(script=[speech(1), gap, speech(1), silence(1)])

    (found,) = rig.sink.of(GapFound)
    assert (found.gap.at_sample, found.gap.seconds) == (SAMPLE_RATE, 3.0)
    before, after = rig.sink.of(SegmentFinalized)
    assert (before.segment.end_sample, before.segment.end_reason) == (SAMPLE_RATE, EndReason.STOP)
    assert after.segment.started_at > before.segment.started_at


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


def test_a_full_disk_stops_neither_captions_nor_meeting() -> None:
    journal = MemoryJournal()
    journal.refuses = True
    rig = run(script=TWO_UTTERANCES, journal=journal)

    assert rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert "store" in [notice.key for notice in rig.sink.of(Notice) if notice.text]


def test_a_disk_that_hangs_delays_nothing_but_finals() -> None:
    async def main() -> Rig:
        rig = Rig([silence(1), speech(2), silence(4)])

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(0.5)
            rig.storage.hung = asyncio.Event()
            await asyncio.sleep(5)
            assert rig.sink.partials()
            assert not rig.sink.finals()
            rig.storage.hung.set()
            rig.storage.hung = None

        await rig.run_with(act)
        return rig

    rig = run_virtual(main())

    assert rig.sink.finals() == [text(1, 3)]
    assert len(rig.journal.pcm) == 2 * 7 * SAMPLE_RATE


def test_a_forgotten_meeting_ends_by_itself() -> None:
    settings = load_settings(overrides={"pipeline": {"stop_after_silence_min": 0.5}})
    rig = run(script=[speech(2), silence(600)], settings=settings)

    assert rig.sink.events[-1].at_sample == pytest.approx(32.5 * SAMPLE_RATE, abs=SAMPLE_RATE // 5)


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


def test_a_failing_sink_is_told_once_tried_again_and_gets_every_final_in_order() -> None:
    failing = FailingSink(failures=3)

    async def main() -> Rig:
        rig = Rig(TWO_UTTERANCES)
        rig.attach("flaky", failing)
        await rig.run()
        return rig

    rig = run_virtual(main())

    assert failing.finals() == rig.sink.finals() == [text(1, 3), text(5, 6)]
    assert [notice.text for notice in rig.sink.of(Notice) if notice.key == "sink.flaky"] == [
        "flaky failed, trying again: scripted failure",
        "",
    ]


def test_a_sink_with_a_defect_loses_the_event_it_cannot_take_and_gets_the_rest() -> None:
    failing = FailingSink(failures=3, error=ValueError("scripted defect"))

    async def main() -> Rig:
        rig = Rig(TWO_UTTERANCES)
        rig.attach("defective", failing)
        await rig.run()
        return rig

    rig = run_virtual(main())

    assert failing.of(MeetingStarted) == []
    assert failing.finals() == rig.sink.finals()


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


def test_a_room_that_is_far_behind_does_not_keep_another_waiting() -> None:
    async def main() -> tuple[Rig, Rig]:
        inference = InlineCalls(lambda: 0.2)
        turns = InferenceTurns(inference)
        noisy = Rig([Sound(60)], turns=turns, room="noisy")
        calm = Rig([silence(20), speech(2), silence(2)], turns=turns, room="calm")
        async with asyncio.TaskGroup() as group:
            group.create_task(noisy.run())
            group.create_task(calm.run())
        return noisy, calm

    noisy, calm = run_virtual(main())

    shown = calm.sink.times[[type(event) for event in calm.sink.events].index(SegmentFinalized)]
    assert calm.sink.finals() == [text(20, 22)]
    # Its pause that is decoded ahead, one call of the other room, and its own: 0.2 s each.
    assert shown <= 22.5 + 3 * 0.2
    assert "".join(noisy.sink.finals()) == text(0, 60)
