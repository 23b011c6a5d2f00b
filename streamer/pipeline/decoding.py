"""The stage that decodes: from what waits at the desk to segments."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from streamer.errors import NOTICED, RecognizerError, StoreError
from streamer.interfaces import Recognizer, TextFinisher
from streamer.meeting.clock import MeetingClock
from streamer.pipeline.desk import Desk, Job
from streamer.pipeline.finishing import UnfailingFinisher
from streamer.pipeline.storage import Storage
from streamer.pipeline.turns import InferenceTurns, Urgency
from streamer.sinks.messages import Messages
from streamer.stitcher import Stitcher
from streamer.types import (
    SAMPLE_RATE,
    Hypothesis,
    MeetingEvent,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    Severity,
)

if TYPE_CHECKING:
    from streamer.text.hindsight import Hindsight

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recognition:
    """What makes text of one room's sound; used in the inference thread only."""

    recognizer: Recognizer
    finisher: TextFinisher | None = None
    """Gives text its written form; None: the characters in a row."""
    new_hindsight: Callable[[], Hindsight] | None = None
    """What gives a meeting's finals, in order, their marks once what follows is known; None: they stay as they are."""
    tidy_up: Callable[[], None] | None = None
    """Called in the inference thread whenever a pause was decoded ahead or a final has gone out, hindsight's too."""


@dataclass(frozen=True, slots=True)
class DecoderParts:
    """What a decoder works with."""

    desk: Desk
    storage: Storage
    turns: InferenceTurns
    new_recognition: Callable[[], Recognition]
    """Called in the inference thread; may have to load the models first."""
    new_stitcher: Callable[[TextFinisher | None], Stitcher]
    meeting_clock: MeetingClock
    position: Callable[[], int]
    """How far sound has got."""
    post: Callable[[MeetingEvent], None]
    """Sends an event to everybody."""
    messages: Messages


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What came of a job."""

    hypothesis: Hypothesis
    segments: tuple[Segment, ...]
    """Those that it changed."""


class Decoder:
    """Decodes one room's utterances, one snapshot at a time."""

    def __init__(self, parts: DecoderParts, *, attempts: int) -> None:
        """``attempts``: how often a final is decoded before it is left without text."""
        self._parts = parts
        self._attempts = attempts
        self._recognizer: Recognizer
        self._stitcher: Stitcher
        self._hindsight: Hindsight | None = None
        self._tidy_up: Callable[[], None] | None = None
        self._is_hindsight_due = False
        self._is_untidy = False
        """Whether all of an utterance was decoded."""
        self._failing = False
        self._attempted = 0
        """Failed attempts at the first final."""
        self._lost = 0
        self._decoded = 0

    @property
    def lost(self) -> int:
        """Utterances left without text so far."""
        return self._lost

    @property
    def decoded(self) -> int:
        """Utterances that have their final so far, those without text too."""
        return self._decoded

    async def load(self) -> None:
        """Wait for the models; sound is recorded meanwhile.

        Raises:
            PackError, RecognizerError, MissingDependencyError: they cannot be loaded.
        """
        self._parts.post(Notice("recognizer.loading", Severity.INFO, self._parts.messages.loading))
        try:
            recognition = await self._parts.turns.run(self._parts.desk, lambda: self._parts.new_recognition)
        finally:
            self._parts.post(Notice("recognizer.loading", Severity.INFO, ""))
        finisher = None if recognition.finisher is None else UnfailingFinisher(recognition.finisher)
        self._recognizer, self._stitcher = recognition.recognizer, self._parts.new_stitcher(finisher)
        self._hindsight = None if recognition.new_hindsight is None else recognition.new_hindsight()
        self._tidy_up = recognition.tidy_up

    async def decode(self) -> None:
        """Decode until the desk is closed and empty; the models are loaded."""
        desk = self._parts.desk
        try:
            while await desk.has_work():
                await self._restore_sound()
                await self._decode_one()
                if self._hindsight is not None and self._is_hindsight_due:
                    self._is_hindsight_due = False
                    await self._look_back(self._hindsight.judge)
                if self._is_untidy and self._tidy_up is not None:
                    await self._clean(self._tidy_up)
            for segment in await self._parts.turns.run(desk, lambda: self._stitcher.finish):
                self._show(segment, segment.id)
            if self._hindsight is not None:
                await self._look_back(self._hindsight.finish)
        finally:
            self._parts.turns.leave(desk)

    async def _clean(self, tidy_up: Callable[[], None]) -> None:
        """Only now: nobody waits for the text any more, and what chose its marks is done, too."""
        self._is_untidy = False
        await self._parts.turns.run(self._parts.desk, lambda: tidy_up)

    async def _look_back(self, judge: Callable[[], list[tuple[Segment, Segment]]]) -> None:
        """Tell of the finals that hindsight writes in another way; ``judge`` is called in the inference thread."""
        for before, now in await self._parts.turns.run(self._parts.desk, lambda: judge):
            if now is not before:
                self._parts.post(SegmentRevised(now))

    async def _restore_sound(self) -> None:
        """Read the sound of the first final from the recording, if it waits without."""
        final = self._parts.desk.first_final()
        if final is None or final.pcm is not None or self._parts.desk.decoded_ahead() is not None:
            return
        try:
            pcm = await self._parts.storage.read(final.start_sample, final.end_sample)
        except StoreError as error:
            await self._give_up(Job(final, Urgency.FINAL), error)
        else:
            self._parts.desk.restore_sound(pcm)

    async def _decode_one(self) -> None:
        """Decode whatever is most urgent when the room's turn comes."""
        job: Job | None = None

        def take() -> Callable[[], _Outcome | None]:
            nonlocal job
            known = self._parts.desk.decoded_ahead()
            job = self._parts.desk.take()
            if job is None:
                return lambda: None
            if known is not None:
                return partial(self._stitch, job, known)
            # A final that came first in the last moment may still lie in the recording only: the next round has it.
            return lambda: None if job.utterance.pcm is None else self._recognize(job)

        try:
            outcome = await self._parts.turns.run(self._parts.desk, take)
        except RecognizerError as error:
            if job is not None:
                await self._note_failure(job, error)
            return
        if job is not None and outcome is not None:
            self._note_success()
            self._finish(job, outcome)
            self._is_untidy = job.urgency is not Urgency.PARTIAL

    def _recognize(self, job: Job) -> _Outcome:
        """Decode a job's snapshot; called in the inference thread."""
        return self._stitch(job, self._recognizer.recognize(job.utterance))

    def _stitch(self, job: Job, hypothesis: Hypothesis) -> _Outcome:
        """Turn a hypothesis into segments; called in the inference thread, for punctuation is a model too."""
        is_final = job.urgency is Urgency.FINAL
        utterance = replace(job.utterance, pcm=None)
        segments = self._stitcher.push(utterance, replace(hypothesis, is_final=is_final))
        return _Outcome(hypothesis, segments)

    def _finish(self, job: Job, outcome: _Outcome) -> None:
        if job.urgency is Urgency.FINAL:
            self._attempted = 0
            self._decoded += 1
        is_shown = any(segment.spoken for segment in outcome.segments)
        self._parts.desk.finish(job, outcome.hypothesis, self._parts.position(), is_shown=is_shown)
        for segment in outcome.segments:
            self._show(segment, job.utterance.id)

    def _show(self, segment: Segment, utterance_id: int) -> None:
        if segment.is_final:
            self._parts.post(SegmentFinalized(segment))
            if self._hindsight is not None:
                self._is_hindsight_due = self._hindsight.push(segment)
            return
        lag = max(0, self._parts.position() - segment.end_sample) / SAMPLE_RATE
        self._parts.post(SegmentUpdated(segment, utterance_id, lag))

    def _note_success(self) -> None:
        if self._failing:
            self._failing = False
            self._parts.post(Notice("recognizer", Severity.INFO, ""))

    async def _note_failure(self, job: Job, error: RecognizerError) -> None:
        """A partial is left out; a final is tried again, and in the end left without text."""
        if job.urgency is not Urgency.FINAL:
            self._parts.desk.finish(job, None, self._parts.position())
        else:
            self._attempted += 1
            if self._attempted >= self._attempts:
                await self._give_up(job, error)
                return
        self._failing = True
        text = self._parts.messages.recognizer_failed.format(error=error)
        logger.warning("%s", text, extra=NOTICED)
        self._parts.post(Notice("recognizer", Severity.WARNING, text))

    async def _give_up(self, job: Job, error: RecognizerError | StoreError) -> None:
        """Leave a final without text: its sound stays in the recording, and the meeting goes on."""
        utterance = job.utterance
        self._lost += 1
        time = self._parts.meeting_clock.at(utterance.start_sample).astimezone().strftime("%Y-%m-%d %H:%M:%S")
        text = self._parts.messages.recognizer_lost.format(time=time, error=error)
        logger.error("%s", text, extra=NOTICED)
        self._parts.post(Notice("recognizer.lost", Severity.ERROR, text))
        nothing = Hypothesis(utterance.id, utterance.revision, utterance.start_sample, utterance.end_sample, ())
        self._finish(job, await self._parts.turns.run(self._parts.desk, lambda: partial(self._stitch, job, nothing)))
