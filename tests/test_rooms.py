"""Several rooms at the same time, on virtual time: one recogniser, each room its own meeting."""

from __future__ import annotations

import asyncio
import errno

import pytest

from streamer.errors import AudioError, AudioFileError, MemoryShortageError, SinkError, SourceClosedError
from streamer.pipeline import InferenceTurns
from streamer.rooms import RoomOutcome, hold_rooms
from streamer.settings import load_settings
from streamer.sinks.messages import CHINESE
from streamer.types import MeetingCalledOff, MeetingEnded, MeetingEvent, Notice, Severity
from tests.fake_sinks import RecordingSink
from tests.fakes import InlineCalls, ScriptedRecognizer, ScriptedSource, silence, speech
from tests.pipeline.rig import Rig
from tests.virtual_time import run_virtual

SENTENCE = (silence(0.5), speech(2.0), silence(1.5))


class AbsentSource(ScriptedSource):
    """Cannot be opened."""

    def __init__(self, error: Exception) -> None:
        super().__init__(())
        self._error = error

    async def __aenter__(self) -> ScriptedSource:
        raise self._error


def hold(make: dict[str, object], inference_seconds: float = 0.02) -> tuple[tuple[RoomOutcome, ...], dict[str, Rig]]:
    """Hold rooms out of scripts or sources, with one inference thread."""
    rigs: dict[str, Rig] = {}

    async def main() -> tuple[RoomOutcome, ...]:
        inference = InlineCalls(lambda: inference_seconds)
        turns = InferenceTurns(inference)
        for room, what in make.items():
            given = {"source": what() if callable(what) else None, "script": () if callable(what) else what}
            rigs[room] = Rig(room=room, turns=turns, inference=inference, **given)
        return await hold_rooms({room: (rig.meeting, rig.sink) for room, rig in rigs.items()})

    return run_virtual(main()), rigs


def test_each_room_has_a_meeting_and_a_journal_of_its_own() -> None:
    outcomes, rigs = hold({"a": SENTENCE, "b": SENTENCE * 2})

    assert [outcome.room for outcome in outcomes] == ["a", "b"]
    assert [outcome.report.started.room for outcome in outcomes if outcome.report] == ["a", "b"]
    assert [len(rig.sink.finals()) for rig in rigs.values()] == [1, 2]
    assert [len(rig.journal.pcm) // 32_000 for rig in rigs.values()] == [4, 8]


def test_a_room_whose_source_cannot_be_opened_does_not_stop_the_others() -> None:
    outcomes, rigs = hold({"gone": lambda: AbsentSource(AudioFileError("no such file")), "here": SENTENCE})

    assert outcomes[0].report is None
    assert str(outcomes[0].failure) == "no such file"
    assert rigs["gone"].sink.of(Notice) == [Notice("room", Severity.ERROR, "no such file")]
    assert len(rigs["here"].sink.finals()) == 1


def test_why_a_room_has_no_meeting_is_told_in_the_language_of_the_others() -> None:
    rig = Rig(source=AbsentSource(AudioFileError("/a/b.wav: there is no sound in it")), room="gone")

    async def main() -> None:
        other = Rig(SENTENCE, room="here")
        await hold_rooms({"gone": (rig.meeting, rig.sink), "here": (other.meeting, other.sink)}, CHINESE)

    run_virtual(main())

    assert rig.sink.of(Notice) == [Notice("room", Severity.ERROR, "/a/b.wav：其中没有声音")]


class RefusingSink(RecordingSink):
    """Cannot be written to, or is not read."""

    def __init__(self, error: Exception | None) -> None:
        super().__init__()
        self._error = error

    async def handle(self, event: MeetingEvent) -> None:
        if self._error is not None:
            raise self._error
        await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (OSError(errno.ENOSPC, "No space left on device"), "No space left on device"),
        (SinkError("it is gone"), "it is gone"),
        (ZeroDivisionError("defect"), "defect"),
        (None, "nobody reads it"),
    ],
)
@pytest.mark.parametrize("failure", [AudioFileError("no such file"), SourceClosedError("closed")])
def test_a_room_whose_failure_cannot_be_shown_does_not_stop_the_others(
    failure: AudioError, error: Exception | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The disk is full that standard output is written to, say."""

    async def main() -> tuple[tuple[RoomOutcome, ...], Rig]:
        here, gone = Rig(SENTENCE, room="here"), Rig(source=AbsentSource(failure), room="gone")
        rooms = {"gone": (gone.meeting, RefusingSink(error)), "here": (here.meeting, here.sink)}
        return await hold_rooms(rooms), here

    (gone, _), here = run_virtual(main())

    assert gone == RoomOutcome("gone", None, failure if isinstance(failure, AudioFileError) else None)
    assert len(here.sink.finals()) == 1
    assert caplog.messages == [f"why a room has no meeting was not shown: {reason}"]


def test_a_defect_in_one_room_does_not_stop_the_others(caplog: pytest.LogCaptureFixture) -> None:
    outcomes, rigs = hold({"broken": lambda: AbsentSource(ZeroDivisionError("defect")), "here": SENTENCE})

    assert isinstance(outcomes[0].failure, ZeroDivisionError)
    assert "the meeting of broken failed" in caplog.text
    assert len(rigs["here"].sink.finals()) == 1


def test_a_source_that_breaks_off_ends_only_its_own_meeting() -> None:
    outcomes, rigs = hold({"torn": (speech(2.0), AudioError("unplugged")), "here": SENTENCE * 3})

    assert outcomes[0].report is not None
    assert str(outcomes[0].report.failure) == "unplugged"
    assert rigs["torn"].sink.times[-1] < rigs["here"].sink.times[-1] - 5
    assert len(rigs["here"].sink.finals()) == 3


def test_finals_of_all_rooms_come_although_the_recogniser_is_too_slow_for_their_partials() -> None:
    """Four rooms of unbroken speech, 0.2 s a call: partials every 0.3 s would take nearly three times what there is."""
    scripts = {name: (speech(30.0), silence(2.0)) for name in "abcd"}
    outcomes, rigs = hold(scripts, inference_seconds=0.2)
    alone, lonely = hold({"a": scripts["a"]}, inference_seconds=0.001)

    assert all(outcome.report and outcome.report.lost_utterances == 0 for outcome in outcomes)
    assert [rig.sink.finals() for rig in rigs.values()] == [lonely["a"].sink.finals()] * 4
    assert alone[0].report is not None


def test_a_noisy_room_costs_a_quiet_one_no_final_and_little_time() -> None:
    """Six rooms that never stop talking beside one sentence: its final waits for a few calls, not for their backlog."""
    noisy = {f"noisy-{number}": (speech(25.0),) for number in range(6)}
    _, rigs = hold({**noisy, "quiet": SENTENCE}, inference_seconds=0.15)
    sink: RecordingSink = rigs["quiet"].sink
    final_at = next(
        time
        for time, event in zip(sink.times, sink.events, strict=True)
        if not isinstance(event, Notice) and type(event).__name__ == "SegmentFinalized"
    )

    # Speech ends at 2.5 s and the end silence at 3.0 s.
    assert final_at < 3.0 + 0.6
    assert sink.of(MeetingEnded)


def test_partials_are_shed_in_the_rooms_that_lag_and_each_room_counts_its_own() -> None:
    _, rigs = hold({"busy": (speech(20.0), silence(1.0)), "silent": (silence(21.0),)}, inference_seconds=0.5)
    shed = {
        room: max(status.partials_shed for status in rig.sink.events if hasattr(status, "partials_shed"))
        for room, rig in rigs.items()
    }

    assert shed["busy"] > 0
    assert shed["silent"] == 0


def test_the_settings_of_a_room_may_differ() -> None:
    settings = load_settings(overrides={"room": [{"name": "a", "sinks": ["minutes"]}, {"name": "b"}]})

    assert [room.sinks for room in settings.room] == [("minutes",), None]


def test_one_recogniser_per_room_hears_only_its_own_utterances() -> None:
    _, rigs = hold({"a": SENTENCE, "b": (silence(1.0), *SENTENCE)})
    heard = {room: rig.recognizer for room, rig in rigs.items()}

    assert isinstance(heard["a"], ScriptedRecognizer)
    assert isinstance(heard["b"], ScriptedRecognizer)
    assert {utterance.start_sample for utterance in heard["a"].heard} != {
        utterance.start_sample for utterance in heard["b"].heard
    }


def test_a_room_that_is_ended_while_its_source_is_opened_has_no_meeting_and_no_failure_and_is_told_so() -> None:
    outcomes, rigs = hold({"late": lambda: AbsentSource(SourceClosedError("closed")), "here": SENTENCE})

    assert outcomes[0] == RoomOutcome("late", None, None)
    assert [type(event) for event in rigs["late"].sink.events] == [MeetingCalledOff]
    assert len(rigs["here"].sink.finals()) == 1


def test_a_room_for_which_there_is_no_memory_is_told_of_as_no_defect(caplog: pytest.LogCaptureFixture) -> None:
    error = MemoryError("Unable to allocate 3.58 MiB for an array")
    outcomes, rigs = hold({"large": lambda: AbsentSource(error), "here": SENTENCE})

    assert str(outcomes[0].failure) == (
        "the system gives no more memory (Unable to allocate 3.58 MiB for an array); end other programs, or raise this "
        "one's limit (ulimit -v)"
    )
    assert isinstance(outcomes[0].failure, MemoryShortageError)
    assert caplog.text == ""
    assert len(rigs["here"].sink.finals()) == 1
