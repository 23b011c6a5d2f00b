"""What becomes of speech: partials, finals, and what happens where they cannot be decoded."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import pytest

from streamer.errors import RecognizerError
from streamer.pipeline import InferenceTurns, MeetingReport
from streamer.settings.text import TextSettings
from streamer.text.hindsight import Hindsight
from streamer.types import (
    SAMPLE_RATE,
    EndReason,
    MeetingEnded,
    Notice,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    StatusUpdated,
)
from tests.fakes import (
    AskedPunctuator,
    InlineCalls,
    ScriptedRecognizer,
    Sound,
    silence,
    speech,
)
from tests.pipeline.rig import TWO_UTTERANCES, Rig, run, text
from tests.virtual_time import run_virtual


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


def test_it_is_tidied_up_after_a_pause_was_decoded_ahead_and_after_a_final_has_gone_out() -> None:
    async def main() -> tuple[Rig, list[int]]:
        seen: list[int] = []
        rig = Rig(TWO_UTTERANCES, tidy_up=lambda: seen.append(len(rig.sink.of(SegmentFinalized))))
        await rig.run()
        return rig, seen

    rig, seen = run_virtual(main())

    assert len(rig.sink.finals()) == 2
    assert seen == [0, 1, 1, 2]


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


class Unloadable(Rig):
    """Its models take a second to fail."""

    def __post_init__(self) -> None:
        self.inference = InlineCalls(lambda: 1.0)
        super().__post_init__()

    @property
    def recognizer(self) -> object:
        raise RecognizerError("scripted: no models")

    @recognizer.setter
    def recognizer(self, value: object) -> None:
        pass


@pytest.mark.parametrize("speech_at", [0, 0.5])
def test_models_that_cannot_be_loaded_leave_the_meeting_without_end_where_something_was_said(speech_at: float) -> None:
    async def main() -> Rig:
        rig = Unloadable([silence(speech_at), speech(9)])
        with pytest.raises(RecognizerError, match="no models"):
            await rig.run()
        return rig

    rig = run_virtual(main())

    assert rig.journal.is_closed
    assert len(rig.journal.pcm) >= 2 * 0.9 * SAMPLE_RATE
    assert not rig.source.is_open
    assert MeetingEnded not in {type(event) for event in rig.journal.events}


def test_models_that_cannot_be_loaded_end_a_meeting_in_which_nobody_has_said_anything() -> None:
    async def main() -> tuple[Rig, MeetingReport]:
        rig = Unloadable([silence(9), speech(1)])
        return rig, await rig.run()

    rig, report = run_virtual(main())

    assert str(report.failure) == "scripted: no models"
    assert isinstance(rig.sink.events[-1], MeetingEnded)
    assert rig.sink.events[-1].at_sample == report.samples == len(rig.journal.pcm) // 2
    assert 0.9 <= report.samples / SAMPLE_RATE <= 1.1


def test_recording_begins_before_the_models_are_loaded() -> None:
    loading = iter([3.0])
    rig = run(script=[speech(2), silence(3), speech(1), silence(1)], inference=InlineCalls(lambda: next(loading, 0.02)))

    assert rig.sink.finals() == [text(0, 2), text(5, 6)]


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


def test_finals_are_revised_when_what_follows_is_known_and_before_the_meeting_ends() -> None:
    hindsight = partial(Hindsight, AskedPunctuator(), TextSettings())
    rig = run(script=[silence(1), *[speech(4), silence(2)] * 9], new_hindsight=hindsight)

    events = [event for event in rig.sink.events if isinstance(event, SegmentFinalized | SegmentRevised | MeetingEnded)]
    finals = [event.segment for event in events if isinstance(event, SegmentFinalized)]
    revised = [event.segment for event in events if isinstance(event, SegmentRevised)]
    # 120 characters are there with the sixth final; four are judged then, for 40 characters follow them.
    assert [type(event) for event in events[:11]] == [SegmentFinalized] * 6 + [SegmentRevised] * 4 + [SegmentFinalized]
    assert revised == [replace(one, text=f"{one.text}。", revision=one.revision + 1) for one in finals]
    assert isinstance(events[-1], MeetingEnded)
    assert [event for event in rig.journal.events if isinstance(event, SegmentRevised)] == [
        SegmentRevised(one) for one in revised
    ]


def test_a_final_that_hindsight_leaves_as_it_is_is_not_told_of_again() -> None:
    class Silent(AskedPunctuator):
        def marks_between(self, shown: Sequence[tuple[str, float]], first: int, stop: int) -> list[str]:
            return [""] * len(super().marks_between(shown, first, stop))

    rig = run(script=TWO_UTTERANCES, new_hindsight=partial(Hindsight, Silent(), TextSettings()))

    assert len(rig.sink.finals()) == 2
    assert not [event for event in rig.sink.events if isinstance(event, SegmentRevised)]
