"""What acts on a meeting from outside: people, silence, and sound that is missing."""

import asyncio

import pytest

from streamer.errors import AudioDeviceError, StoreError
from streamer.pipeline import Meeting
from streamer.settings import load_settings
from streamer.sinks.messages import ENGLISH
from streamer.types import (
    ENDED_BY_SILENCE,
    SAMPLE_RATE,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    Notice,
    Severity,
    StatusUpdated,
    TitleChanged,
)
from tests.fakes import (
    MemoryJournal,
    Sound,
    silence,
    speech,
)
from tests.pipeline.rig import Rig, run, text
from tests.virtual_time import run_virtual


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


@pytest.mark.parametrize(
    ("paused_at", "resumed_at", "told"),
    [
        (1.5, None, []),
        (5.5, None, [(ENGLISH.muted, 4), ("", 5)]),
        (1.5, 8.0, [(ENGLISH.muted, 8)]),  # it is muted when the meeting goes on
    ],
)
def test_nothing_is_said_of_the_level_while_the_meeting_is_paused(
    paused_at: float, resumed_at: float | None, told: list[tuple[str, int]]
) -> None:
    async def main() -> list[tuple[str, int]]:
        rig = Rig([silence(1), Sound(9, bytes(640))])
        began, found = asyncio.get_running_loop().time(), []

        async def handle(event: MeetingEvent) -> None:
            if isinstance(event, Notice) and event.key == "microphone.muted":
                found.append((event.text, int(asyncio.get_running_loop().time() - began)))

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(paused_at)
            meeting.pause()
            if resumed_at is not None:
                await asyncio.sleep(resumed_at - paused_at)
                meeting.resume()

        rig.sink.handle = handle
        await rig.run_with(act)
        return found

    assert run_virtual(main()) == told


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


def ends_told(seconds_in_all: float, paused_at: float, resumed_at: float) -> list[float]:
    """Where four seconds of sound, of which these are left out, were told to end: each second that is told, once."""

    async def main() -> list[float]:
        rig = Rig([silence(4)], seconds_in_all=lambda: seconds_in_all)

        async def act(meeting: Meeting) -> None:
            await asyncio.sleep(paused_at)
            meeting.pause()
            await asyncio.sleep(resumed_at - paused_at)
            meeting.resume()

        await rig.run_with(act)
        return list(dict.fromkeys(status.until / SAMPLE_RATE for status in rig.sink.of(StatusUpdated)))

    return run_virtual(main())


def test_where_a_file_ends_is_told_and_comes_nearer_in_a_pause() -> None:
    told = ends_told(4.0, 1.01, 2.01)

    assert (told[0], told[-1]) == (4.0, 3.0)
    assert told == sorted(told, reverse=True)
    assert ends_told(0.0, 1.01, 2.01) == [0.0]


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
