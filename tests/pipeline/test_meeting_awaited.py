"""A meeting whose source is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from streamer.errors import AudioDeviceError, DeviceChoiceError, SourceClosedError, StoreError
from streamer.pipeline import Meeting
from streamer.sinks.messages import ENGLISH
from streamer.types import (
    PAUSE_AWAITED,
    MarkAdded,
    MeetingCalledOff,
    MeetingEnded,
    MeetingPaused,
    MeetingStarted,
    Notice,
    Severity,
    TitleChanged,
)
from tests.fakes import MemoryJournal
from tests.pipeline.late_source import ABSENT, LateSource, kinds, rig_of
from tests.pipeline.rig import Rig, text
from tests.virtual_time import EPOCH, run_virtual


def held(source_seconds: float, act: Callable[[Meeting], None] = lambda meeting: None) -> Rig:
    """A meeting of which somebody asks something after a second, while it is waited for."""

    async def main() -> Rig:
        rig = rig_of(LateSource(source_seconds))

        async def ask(meeting: Meeting) -> None:
            await asyncio.sleep(1.0)
            act(meeting)

        await rig.run_with(ask)
        return rig

    return run_virtual(main())


def test_its_sinks_are_told_and_it_begins_when_the_source_is_there() -> None:
    rig = held(3600.0)

    assert rig.sink.events[0] == ABSENT
    started = rig.sink.events[1]
    assert isinstance(started, MeetingStarted)
    assert started.started_at == EPOCH + timedelta(hours=1)
    assert started.meeting_id.startswith(f"{EPOCH + timedelta(hours=1):%Y%m%dT%H%M%SZ}-")
    assert [rig.sink.times[0], rig.sink.times[1]] == [0.0, 3600.0]
    assert rig.sink.finals() == [text(0, 1)]
    assert isinstance(rig.sink.events[-1], MeetingEnded)


def test_what_is_waited_for_is_no_part_of_the_journal() -> None:
    assert "DeviceAwaited" not in kinds(held(60.0).journal.events)


def test_stopped_before_it_never_begins_and_nothing_is_stored() -> None:
    async def main() -> Rig:
        rig = rig_of(LateSource(60.0))

        async def stop(meeting: Meeting) -> None:
            await asyncio.sleep(10)
            meeting.stop()
            meeting.stop()

        with pytest.raises(ExceptionGroup) as raised:
            await rig.run_with(stop)
        assert raised.group_contains(SourceClosedError)
        return rig

    rig = run_virtual(main())

    assert rig.sink.events == [ABSENT, MeetingCalledOff(EPOCH + timedelta(seconds=10))]
    assert rig.journal.events == []
    assert not rig.meeting.load().is_running


@pytest.mark.parametrize(
    "error", [DeviceChoiceError("two are named so"), AudioDeviceError("gone"), ZeroDivisionError()]
)
def test_a_source_that_cannot_be_waited_for_any_more_is_the_failure_and_its_sinks_are_told(error: Exception) -> None:
    async def main() -> Rig:
        rig = rig_of(LateSource(10.0, error))
        with pytest.raises(type(error)):
            await rig.run()
        return rig

    assert kinds(run_virtual(main()).sink.events) == ["DeviceAwaited", "MeetingCalledOff"]


def test_a_journal_that_cannot_be_opened_is_told_to_sinks_that_waited() -> None:
    async def main() -> Rig:
        rig = rig_of(LateSource(10.0))

        def refuse() -> MemoryJournal:
            raise StoreError("disk full")

        rig.meeting._plan = replace(rig.meeting._plan, open_journal=lambda _: refuse())
        with pytest.raises(StoreError, match="disk full"):
            await rig.run()
        assert not rig.source.is_open
        return rig

    assert kinds(run_virtual(main()).sink.events) == ["DeviceAwaited", "MeetingCalledOff"]


def test_a_companion_of_a_sink_runs_while_the_source_is_waited_for_and_its_notices_are_shown() -> None:
    away = Notice("mqtt.link", Severity.WARNING, "no link")

    async def main() -> Rig:
        rig = rig_of(LateSource(60.0))

        async def complain() -> None:
            await asyncio.sleep(5.0)
            rig.meeting.notify(away)

        rig.meeting.attach("mqtt", type(rig.sink)(), complain)
        await rig.run()
        return rig

    rig = run_virtual(main())

    assert rig.sink.events[1] == away
    assert rig.sink.times[1] == 5.0
    assert isinstance(rig.sink.events[2], MeetingStarted)


def test_a_pause_and_a_title_take_effect_with_the_beginning_and_there_is_nothing_to_mark() -> None:
    def ask(meeting: Meeting) -> None:
        meeting.set_title("周会一")
        meeting.set_title("周会二")
        meeting.pause()
        meeting.mark("决定")

    rig = held(60.0, ask)

    assert rig.sink.of(TitleChanged) == [TitleChanged("周会二")]
    assert rig.sink.of(MeetingPaused) == [MeetingPaused(0, EPOCH + timedelta(seconds=60))]
    assert rig.sink.of(MarkAdded) == []
    assert rig.sink.finals() == []


def pause_notices(rig: Rig) -> list[str]:
    return [notice.text for notice in rig.sink.of(Notice) if notice.key == PAUSE_AWAITED]


def test_that_it_will_begin_with_a_pause_is_shown_until_it_begins() -> None:
    rig = held(60.0, Meeting.pause)

    assert pause_notices(rig) == [ENGLISH.begins_paused, ""]
    assert kinds(rig.sink.events)[:3] == ["DeviceAwaited", "Notice", "MeetingStarted"]


def test_a_pause_that_is_taken_back_before_it_begins_is_not_shown_any_more() -> None:
    def ask(meeting: Meeting) -> None:
        meeting.pause()
        meeting.resume()

    assert pause_notices(held(60.0, ask)) == [""]


def test_that_it_will_begin_with_a_pause_is_not_shown_any_more_where_it_never_begins() -> None:
    async def main() -> Rig:
        rig = rig_of(LateSource(60.0))

        async def pause_and_stop(meeting: Meeting) -> None:
            await asyncio.sleep(10)
            meeting.pause()
            await asyncio.sleep(1)
            meeting.stop()

        with pytest.raises(ExceptionGroup):
            await rig.run_with(pause_and_stop)
        return rig

    rig = run_virtual(main())

    assert kinds(rig.sink.events) == ["DeviceAwaited", "Notice", "Notice", "MeetingCalledOff"]
    assert pause_notices(rig) == [ENGLISH.begins_paused, ""]
