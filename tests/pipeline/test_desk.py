import asyncio
from dataclasses import replace

import pytest

from streamer.pipeline.desk import Desk, Job
from streamer.pipeline.partials import PartialCadence
from streamer.pipeline.turns import Urgency
from streamer.settings.captions import CaptionSettings
from streamer.types import SAMPLE_RATE, EndReason, Hypothesis, Token, Utterance
from streamer.vad.events import SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded
from tests.virtual_time import run_virtual

INTERVAL = 4800
"""300 ms in samples."""


def utterance(number: int = 1, revision: int = 0, end: int = 16_000, reason: EndReason | None = None) -> Utterance:
    return Utterance(number, revision, 0, end, bytes(2 * end), reason)


def ended(number: int = 1, revision: int = 0, end: int = 16_000) -> UtteranceEnded:
    return UtteranceEnded(utterance(number, revision, end, EndReason.SILENCE))


def hypothesis(of: Utterance, text: str = "好") -> Hypothesis:
    tokens = tuple(Token(char, "hao3", 0, 100) for char in text)
    return Hypothesis(of.id, of.revision, of.start_sample, of.end_sample, tokens)


def desk(open_utterance: Utterance | None = None, capacity: int = 3) -> Desk:
    return Desk(lambda: open_utterance, PartialCadence(CaptionSettings()), capacity=capacity)


def test_a_partial_is_about_the_newest_sound_when_its_turn_comes() -> None:
    growing = [utterance(revision=0), utterance(revision=3, end=20_000)]
    waiting = Desk(lambda: growing[-1], PartialCadence(CaptionSettings()), capacity=3)
    waiting.notice(SpeechStarted(0))
    waiting.grow(16_000)

    assert waiting.take() == Job(growing[-1], Urgency.PARTIAL, wished_at=16_000)


def test_finals_come_in_order_and_before_anything_else() -> None:
    waiting = desk(utterance(3))
    waiting.notice(ended(1))
    waiting.notice(ended(2))
    waiting.notice(SpeechStarted(0))
    waiting.grow(16_000)
    taken = []
    while waiting.waiting_finals:
        job = waiting.take()
        assert job is not None
        taken.append((job.utterance.id, job.urgency))
        waiting.finish(job, hypothesis(job.utterance), 16_000)

    assert taken == [(1, Urgency.FINAL), (2, Urgency.FINAL)]
    assert waiting.urgency is Urgency.PARTIAL


def test_a_final_stays_until_it_is_finished() -> None:
    waiting = desk()
    waiting.notice(ended())

    assert waiting.take() == waiting.take()


def test_what_was_decoded_ahead_serves_the_final_of_the_same_revision() -> None:
    waiting = desk()
    waiting.notice(SpeechStarted(0))
    waiting.notice(SpeechPaused(utterance(revision=2)))
    job = waiting.take()
    assert job is not None
    assert (job.urgency, job.utterance.end_reason) == (Urgency.AHEAD, EndReason.SILENCE)
    waiting.finish(job, hypothesis(job.utterance), 16_000)
    waiting.notice(ended(revision=2))

    assert waiting.decoded_ahead() == hypothesis(job.utterance)


def test_what_was_decoded_ahead_while_the_utterance_ended_serves_too() -> None:
    waiting = desk()
    waiting.notice(SpeechStarted(0))
    waiting.notice(SpeechPaused(utterance(revision=2)))
    job = waiting.take()
    assert job is not None
    waiting.notice(ended(revision=2))
    waiting.finish(job, hypothesis(job.utterance), 16_000)

    assert waiting.decoded_ahead() is not None
    assert waiting.waiting_finals == 1


def test_speech_that_resumes_makes_what_was_decoded_ahead_worthless() -> None:
    waiting = desk(utterance(revision=3))
    waiting.notice(SpeechStarted(0))
    waiting.notice(SpeechPaused(utterance(revision=2)))
    job = waiting.take()
    assert job is not None
    waiting.notice(SpeechResumed(20_000))
    waiting.finish(job, hypothesis(job.utterance), 20_000)
    waiting.notice(ended(revision=5))

    assert waiting.decoded_ahead() is None


def test_a_pause_that_is_over_before_its_turn_is_not_decoded_but_a_partial_is() -> None:
    waiting = desk(utterance(revision=3))
    waiting.notice(SpeechStarted(0))
    waiting.notice(SpeechPaused(utterance(revision=2)))
    waiting.notice(SpeechResumed(20_000))
    job = waiting.take()

    assert job is not None
    assert (job.urgency, job.utterance.revision) == (Urgency.PARTIAL, 3)


def test_a_partial_that_is_due_while_speech_fades_waits_until_it_goes_on() -> None:
    fading = [True]
    cadence = PartialCadence(CaptionSettings())
    waiting = Desk(utterance, cadence, capacity=3, is_fading=lambda: fading[0])
    waiting.notice(SpeechStarted(0))
    cadence.decoded(hypothesis(utterance()), is_shown=True)
    waiting.grow(16_000)
    work = waiting.has_work()
    with pytest.raises(asyncio.TimeoutError):
        run_virtual(asyncio.wait_for(work, 1.0))
    fading[0] = False
    waiting.grow(16_320)

    assert run_virtual(waiting.has_work())


def test_the_first_text_does_not_wait_where_speech_fades() -> None:
    waiting = Desk(utterance, PartialCadence(CaptionSettings()), capacity=3, is_fading=lambda: True)
    waiting.notice(SpeechStarted(0))
    waiting.grow(16_000)

    assert run_virtual(waiting.has_work())


def test_partials_left_out_are_counted() -> None:
    waiting = desk(utterance())
    waiting.notice(SpeechStarted(0))
    first = CaptionSettings().first_partial_ms * SAMPLE_RATE // 1000
    for position in range(0, first + 5 * INTERVAL, 320):
        waiting.grow(position)

    assert waiting.shed == 4


def test_sound_of_finals_that_wait_long_is_left_to_the_recording() -> None:
    waiting = desk(capacity=10)
    for number in range(1, 7):
        waiting.notice(ended(number))
    kept = []
    while (final := waiting.first_final()) is not None:
        kept.append(final.pcm is not None)
        waiting.finish(Job(final, Urgency.FINAL), None, 0)

    assert kept == [True] * 4 + [False] * 2


def test_sound_is_kept_where_the_recording_fails() -> None:
    waiting = desk(capacity=10)
    for number in range(1, 7):
        waiting.notice(ended(number), keep_sound=True)
    for _ in range(5):
        final = waiting.first_final()
        assert final is not None
        waiting.finish(Job(final, Urgency.FINAL), None, 0)

    last = waiting.first_final()
    assert last is not None
    assert last.pcm is not None


def test_lag_is_the_speech_that_is_not_decoded() -> None:
    waiting = desk(utterance(2, end=50_000))
    assert waiting.lag_samples(99_000) == 0
    waiting.notice(SpeechStarted(40_000))
    assert waiting.lag_samples(48_000) == 8_000
    waiting.finish(Job(utterance(2, end=46_000), Urgency.PARTIAL, 46_000), None, 48_000)
    assert waiting.lag_samples(48_000) == 2_000
    waiting.notice(UtteranceEnded(replace(utterance(2, end=50_000), start_sample=40_000)))
    assert waiting.lag_samples(60_000) == 14_000


def test_room_comes_back_when_a_final_is_finished() -> None:
    async def main() -> bool:
        waiting = desk(capacity=1)
        waiting.notice(ended())
        room = asyncio.ensure_future(waiting.has_room())
        await asyncio.sleep(1)
        assert not room.done()
        job = waiting.take()
        assert job is not None
        waiting.finish(job, hypothesis(job.utterance), 0)
        await room
        return True

    assert run_virtual(main())


def test_a_closed_desk_without_work_ends_decoding() -> None:
    async def main() -> tuple[bool, bool]:
        waiting = desk()
        waiting.notice(ended())
        waiting.close()
        before = await waiting.has_work()
        waiting.finish(Job(utterance(), Urgency.FINAL), None, 0)
        return before, await waiting.has_work()

    assert run_virtual(main()) == (True, False)


def test_nothing_is_due_between_utterances_and_in_a_pause() -> None:
    waiting = desk(utterance())
    assert waiting.until_due(0) is None
    waiting.notice(SpeechStarted(3200))
    assert waiting.until_due(6400) == 3200 + 10_240 - 6400
    waiting.notice(SpeechPaused(utterance()))

    assert waiting.until_due(16_000) is None


def test_after_a_partial_that_waits_for_its_turn_the_next_one_is_due_after_it() -> None:
    waiting = desk(utterance())
    waiting.notice(SpeechStarted(0))
    waiting.grow(16_000)

    assert waiting.until_due(16_000) == 640
