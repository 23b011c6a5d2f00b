"""What the desk wants decoded, and what it does not want any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from streamer.pipeline.desk import Desk, Job
from streamer.pipeline.partials import PartialCadence
from streamer.pipeline.turns import Urgency
from streamer.settings.captions import CaptionSettings
from streamer.types import EndReason, Hypothesis, Utterance
from streamer.vad.events import SegmenterEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded

OPEN = Utterance(1, 2, 0, 16_000, bytes(32_000))
ENDED = UtteranceEnded(replace(OPEN, end_reason=EndReason.SILENCE))
HEARD = Hypothesis(1, 2, 0, 16_000, ())


def desk(*events: SegmenterEvent, cadence: PartialCadence | None = None) -> Desk:
    """A desk that has noticed these events."""
    waiting = Desk(lambda: OPEN, cadence or PartialCadence(CaptionSettings()), capacity=9)
    for event in events:
        waiting.notice(event)
    return waiting


def finish(waiting: Desk) -> Urgency:
    """Do the most urgent job; which it was."""
    job = waiting.take()
    assert job is not None
    of = job.utterance
    waiting.finish(job, Hypothesis(of.id, of.revision, of.start_sample, of.end_sample, ()), 16_000)
    return job.urgency


async def wants(waiting: Desk) -> bool:
    """Whether something is to be decoded now."""
    try:
        async with asyncio.timeout(0):
            return await waiting.has_work()
    except TimeoutError:
        return False


def test_the_most_urgent_job_is_known_before_it_is_taken() -> None:
    waiting = desk(SpeechStarted(0))
    assert waiting.urgency is Urgency.PARTIAL
    waiting.notice(SpeechPaused(OPEN))
    assert waiting.urgency is Urgency.AHEAD
    waiting.notice(ENDED)

    assert waiting.urgency is Urgency.FINAL


@pytest.mark.parametrize(
    "events",
    [(), (SpeechStarted(0), SpeechPaused(OPEN)), (SpeechStarted(0), ENDED)],
    ids=["never", "pause", "end"],
)
async def test_no_partial_is_due_where_nobody_speaks(events: tuple[SegmenterEvent, ...]) -> None:
    waiting = desk(*events)
    while await wants(waiting):
        finish(waiting)
    waiting.grow(160_000)

    assert not await wants(waiting)


@pytest.mark.parametrize(("event", "urgency"), [(SpeechPaused(OPEN), Urgency.AHEAD), (ENDED, Urgency.FINAL)])
async def test_a_partial_that_was_due_is_not_wanted_any_more_where_speech_stops(
    event: SegmenterEvent, urgency: Urgency
) -> None:
    waiting = desk(SpeechStarted(0))
    waiting.grow(16_000)
    assert await wants(waiting)
    waiting.notice(event)

    assert finish(waiting) is urgency
    assert not await wants(waiting)


async def test_a_pause_that_waits_for_its_turn_is_not_decoded_where_it_ends_the_utterance() -> None:
    waiting = desk(SpeechStarted(0), SpeechPaused(OPEN), ENDED)

    assert finish(waiting) is Urgency.FINAL
    assert not await wants(waiting)


async def test_where_speech_goes_on_after_a_pause_a_partial_is_wanted_at_once_and_again() -> None:
    waiting = desk(SpeechStarted(0), SpeechPaused(OPEN), SpeechResumed(20_000))
    assert await wants(waiting)
    assert waiting.take() == Job(OPEN, Urgency.PARTIAL, wished_at=20_000)

    assert not await wants(waiting)
    waiting.grow(160_000)
    assert await wants(waiting)


async def test_the_utterance_after_one_that_paused_has_its_partials() -> None:
    waiting = desk(SpeechStarted(0), SpeechPaused(OPEN), ENDED)
    finish(waiting)
    waiting.notice(SpeechStarted(16_000))
    waiting.grow(160_000)

    assert await wants(waiting)


@pytest.mark.parametrize(
    ("happen", "is_work"),
    [(lambda waiting: waiting.notice(ENDED), True), (lambda waiting: waiting.grow(16_000), True), (Desk.close, False)],
    ids=["event", "sound", "end"],
)
async def test_whoever_waits_for_work_is_woken(happen: Callable[[Desk], None], is_work: bool) -> None:
    waiting = desk(SpeechStarted(0))
    task = asyncio.ensure_future(waiting.has_work())
    await asyncio.sleep(0)
    assert not task.done()
    happen(waiting)

    async with asyncio.timeout(10):
        assert await task is is_work


def test_a_partial_counts_as_left_out_once_a_whole_interval_has_come_in_meanwhile() -> None:
    waiting = desk(SpeechStarted(0))
    waiting.grow(16_000)
    counts = []
    for position in (16_000 + 4799, 16_000 + 4800, 16_000 + 9599, 16_000 + 9600):
        waiting.grow(position)
        counts.append(waiting.shed)

    assert counts == [0, 1, 1, 2]


def test_nothing_lags_once_a_pause_was_decoded_ahead() -> None:
    waiting = desk(SpeechStarted(0), SpeechPaused(OPEN))
    assert waiting.lag_samples(18_000) == 18_000
    finish(waiting)
    assert waiting.lag_samples(18_000) == 0
    assert waiting.decoded_ahead() is None  # there is no final yet

    waiting.notice(ENDED)
    finish(waiting)
    waiting.notice(SpeechStarted(20_000))
    assert waiting.lag_samples(24_000) == 4000


def test_what_was_decoded_of_a_pause_that_was_over_by_then_counts_for_nothing() -> None:
    waiting = desk(SpeechStarted(0), SpeechPaused(OPEN))
    job = waiting.take()
    assert job is not None
    waiting.notice(SpeechResumed(20_000))
    waiting.finish(job, HEARD, 20_000)

    assert waiting.lag_samples(20_000) == 4000


def test_what_was_decoded_ahead_serves_no_final_of_other_sound() -> None:
    waiting = desk(SpeechStarted(0), SpeechPaused(OPEN))
    finish(waiting)
    waiting.notice(UtteranceEnded(replace(ENDED.utterance, revision=3)))

    assert waiting.decoded_ahead() is None


def test_a_job_that_is_done_late_makes_nothing_undecoded() -> None:
    waiting = desk(SpeechStarted(0))
    for end in (16_000, 12_000):
        waiting.finish(Job(replace(OPEN, end_sample=end), Urgency.PARTIAL), None, 20_000)

    assert waiting.lag_samples(20_000) == 4000


def test_a_partial_that_is_done_in_a_pause_serves_no_final() -> None:
    waiting = desk(SpeechStarted(0))
    waiting.grow(16_000)
    job = waiting.take()
    assert job is not None
    waiting.notice(SpeechPaused(OPEN))
    waiting.finish(job, HEARD, 16_000)
    waiting.notice(ENDED)

    assert waiting.decoded_ahead() is None


async def test_a_pause_is_work() -> None:
    assert await wants(desk(SpeechStarted(0), SpeechPaused(OPEN)))


async def test_the_next_partial_is_due_after_the_sound_of_the_one_that_was_taken() -> None:
    waiting = desk(SpeechStarted(0))
    waiting.grow(16_000)
    assert finish(waiting) is Urgency.PARTIAL
    waiting.grow(16_320)

    assert not await wants(waiting)


@pytest.mark.parametrize(("position", "interval"), [(16_000 + 4800, 4800), (16_000 + 4801, 7200)])
def test_how_late_a_partial_comes_and_what_it_shows_is_told_to_the_cadence(position: int, interval: int) -> None:
    cadence = PartialCadence(CaptionSettings())
    waiting = desk(SpeechStarted(0), cadence=cadence)
    waiting.grow(16_000)
    job = waiting.take()
    assert job is not None
    waiting.finish(job, HEARD, position)

    assert (cadence.interval_samples, cadence.has_text) == (interval, True)


def test_a_final_that_waits_without_sound_gets_it_back() -> None:
    waiting = desk(*[UtteranceEnded(replace(ENDED.utterance, id=number)) for number in range(1, 6)])
    for _ in range(4):
        finish(waiting)
    assert waiting.first_final() == replace(ENDED.utterance, id=5, pcm=None)
    waiting.restore_sound(bytes(32_000))

    assert waiting.first_final() == replace(ENDED.utterance, id=5)


def test_silence_before_a_final_is_no_lag() -> None:
    waiting = desk(UtteranceEnded(replace(OPEN, start_sample=40_000, end_sample=56_000)))

    assert waiting.lag_samples(60_000) == 20_000
