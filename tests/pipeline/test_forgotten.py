"""Meetings that end by themselves though no sound comes: a forgotten one whose device went away."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from streamer.pipeline import Meeting
from streamer.settings import load_settings
from streamer.sinks.messages import ENGLISH
from streamer.types import ENDED_BY_SILENCE, MICROPHONE_LOST, Gap, MeetingEnded, Notice, Severity
from tests.fakes import silence, speech
from tests.pipeline.rig import Rig
from tests.virtual_time import EPOCH, run_virtual


async def _hold(back_after_s: float, act: Callable[[Meeting], Awaitable[None]]) -> Rig:
    """A meeting that ends after half a minute of silence. Its device goes away at 2 s, which is told at 3 s."""
    settings = load_settings(overrides={"pipeline": {"stop_after_silence_min": 0.5}})
    away = Gap(0, EPOCH + timedelta(seconds=2), back_after_s, "device was away")
    rig = Rig([speech(2), away, silence(600)], settings=settings)

    async def lose(meeting: Meeting) -> None:
        await asyncio.sleep(3)
        meeting.notify(Notice(MICROPHONE_LOST, Severity.WARNING, "away"))
        await act(meeting)

    await rig.run_with(lose)
    return rig


def ended_at(*, back_after_s: float, act: Callable[[Meeting], Awaitable[None]]) -> float:
    """Seconds from the meeting's beginning to its end."""
    (ended,) = run_virtual(_hold(back_after_s, act)).sink.of(MeetingEnded)
    return (ended.ended_at - EPOCH).total_seconds()


async def nothing(_: Meeting) -> None:
    """Nobody is there."""


async def pause(meeting: Meeting) -> None:
    meeting.pause()


async def pause_for_a_minute(meeting: Meeting) -> None:
    meeting.pause()
    await asyncio.sleep(60)
    meeting.resume()


def test_it_ends_after_the_minutes_of_silence() -> None:
    assert ended_at(back_after_s=600, act=nothing) == pytest.approx(33, abs=0.1)


def test_it_says_why_it_ended() -> None:
    rig = run_virtual(_hold(600, nothing))

    assert Notice(ENDED_BY_SILENCE, Severity.WARNING, ENGLISH.silence_stop.format(minutes="0.5")) in rig.sink.events


def test_a_device_that_is_back_is_heard_and_its_silence_counts() -> None:
    assert ended_at(back_after_s=20, act=nothing) == pytest.approx(22 + 30, abs=0.5)


def test_a_pause_is_no_silence() -> None:
    assert ended_at(back_after_s=200, act=pause) == pytest.approx(802, abs=0.5)


def test_after_a_pause_silence_is_counted_anew() -> None:
    assert ended_at(back_after_s=600, act=pause_for_a_minute) == pytest.approx(63 + 30, abs=0.1)
