"""What one room wants decoded."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

from streamer.pipeline.partials import PartialCadence
from streamer.pipeline.turns import Urgency
from streamer.types import EndReason, Hypothesis, Utterance
from streamer.vad.events import SegmenterEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded

_WITH_SOUND = 4
"""Finals that may wait with their sound in memory; the recording holds that of the others."""


@dataclass(frozen=True, slots=True)
class Job:
    """One snapshot to decode."""

    utterance: Utterance
    urgency: Urgency
    wished_at: int | None = None
    """For a partial: how far sound had got when it was due."""


class Desk:
    """Finals in order, at most one pause to decode ahead, and whether a partial is due.

    Finals are never dropped. A partial is only a wish: its snapshot is taken when its turn comes, so a late one is
    about the newest sound, and of several wishes one is left.
    """

    def __init__(
        self,
        snapshot: Callable[[], Utterance | None],
        cadence: PartialCadence,
        *,
        capacity: int,
        is_fading: Callable[[], bool] = lambda: False,
    ) -> None:
        """Begin with nothing to decode.

        Args:
            snapshot: the open utterance now.
            cadence: when a partial is due.
            capacity: finals that may wait before :meth:`has_room` waits.
            is_fading: whether the newest sound of the open utterance is silence. A partial that is due then, but the
                first text, waits until speech goes on: where it does not, the pause is decoded ahead in a moment, and
                has all that was said.
        """
        self._snapshot = snapshot
        self._is_fading = is_fading
        self._cadence = cadence
        # Policy: never dropped; when full, listening waits, which the source counts as a gap or, for a file, just is.
        self._finals: deque[Utterance] = deque()
        self._capacity = capacity
        self._ahead: Utterance | None = None
        self._decoded_ahead: Hypothesis | None = None
        self._open_start: int | None = None
        self._wished_at: int | None = None
        self._due_since: int | None = None
        self._paused = False
        self._decoded_until = 0
        self._shed = 0
        self._closed = False
        self._changed = asyncio.Event()

    @property
    def urgency(self) -> Urgency:
        """Of the most urgent job."""
        if self._finals:
            return Urgency.FINAL
        return Urgency.AHEAD if self._ahead is not None else Urgency.PARTIAL

    @property
    def shed(self) -> int:
        """Partials left out so far because others came first."""
        return self._shed

    @property
    def waiting_finals(self) -> int:
        """Utterances that have ended and are not decoded yet."""
        return len(self._finals)

    def lag_samples(self, position: int) -> int:
        """Sound before ``position`` that is speech and not decoded yet."""
        if self._finals:
            return position - max(self._decoded_until, self._finals[0].start_sample)
        if self._open_start is None or self._decoded_ahead is not None:
            return 0
        return position - max(self._decoded_until, self._open_start)

    def notice(self, event: SegmenterEvent, *, keep_sound: bool = False) -> None:
        """Take what the segmenter reports. ``keep_sound``: the recording cannot be read, so the sound stays here."""
        match event:
            case SpeechStarted(start_sample=start):
                self._open_start = start
                self._cadence.start(start)
                self._wish(None)
            case SpeechPaused(utterance=utterance):
                self._wish(None)
                self._ahead, self._paused = utterance, True
            case SpeechResumed(at_sample=position):
                self._ahead, self._decoded_ahead, self._paused = None, None, False
                self._wish(position)
            case UtteranceEnded(utterance=utterance):
                self._wish(None)
                self._ahead, self._paused, self._open_start = None, False, None
                full = len(self._finals) >= _WITH_SOUND and not keep_sound
                self._finals.append(replace(utterance, pcm=None) if full else utterance)
        self._changed.set()

    def grow(self, position: int) -> None:
        """Sound up to ``position`` was heard: perhaps a partial is due."""
        if self._open_start is None or self._paused:
            return
        if self._due_since is None:
            if self._cadence.is_due(position) and not (self._cadence.has_text and self._is_fading()):
                self._wish(position)
                self._changed.set()
        elif position - self._due_since >= self._cadence.interval_samples:
            self._due_since = position
            self._shed += 1

    def until_due(self, position: int) -> int | None:
        """New sound, after ``position``, before which no partial is due; None where none will be without an event."""
        if self._open_start is None or self._paused:
            return None
        if self._due_since is not None:
            # Its snapshot is taken in a moment, and as that ends here.
            return self._cadence.shortest_interval
        return self._cadence.until_due(position)

    async def has_room(self) -> None:
        """Wait while too many finals wait."""
        while len(self._finals) >= self._capacity:
            await self._wait_for_change()

    def close(self) -> None:
        """Nothing more will come. Safe to call twice."""
        self._closed = True
        self._changed.set()

    async def has_work(self) -> bool:
        """Wait for something to decode; False when closed and everything is decoded."""
        while not (self._finals or self._ahead or self._due_since is not None):
            if self._closed:
                return False
            await self._wait_for_change()
        return True

    def first_final(self) -> Utterance | None:
        """The final that has waited longest; it stays here until :meth:`finish`."""
        return self._finals[0] if self._finals else None

    def restore_sound(self, pcm: bytes) -> None:
        """Give the first final its sound back."""
        self._finals[0] = replace(self._finals[0], pcm=pcm)

    def decoded_ahead(self) -> Hypothesis | None:
        """The first final's hypothesis, where its pause was decoded ahead; None where it must be decoded."""
        known, final = self._decoded_ahead, self.first_final()
        if known is None or final is None or (known.utterance_id, known.revision) != (final.id, final.revision):
            return None
        return known

    def take(self) -> Job | None:
        """The most urgent job, now; None where speech resumed while its pause waited to be decoded."""
        if self._finals:
            return Job(self._finals[0], Urgency.FINAL)
        if self._ahead is not None:
            ahead, self._ahead = self._ahead, None
            return Job(replace(ahead, end_reason=EndReason.SILENCE), Urgency.AHEAD)
        wished_at = self._wished_at
        self._wish(None)
        utterance = self._snapshot()
        if utterance is None:
            return None
        self._cadence.take(utterance.end_sample)
        return Job(utterance, Urgency.PARTIAL, wished_at)

    def finish(self, job: Job, hypothesis: Hypothesis | None, position: int, *, is_shown: bool = True) -> None:
        """A job is done.

        Args:
            job: as it was taken.
            hypothesis: None where a partial failed.
            position: how far sound has got.
            is_shown: whether the job brought text that a person sees.
        """
        self._decoded_until = max(self._decoded_until, job.utterance.end_sample)
        if job.wished_at is not None:
            self._cadence.observe(position - job.wished_at)
            self._cadence.decoded(hypothesis, is_shown=is_shown)
        if job.urgency is Urgency.FINAL:
            self._finals.popleft()
            self._decoded_ahead = None
        elif job.urgency is Urgency.AHEAD and (self._paused or self._finals):
            self._decoded_ahead = hypothesis
        self._changed.set()

    def _wish(self, position: int | None) -> None:
        self._wished_at = self._due_since = position

    async def _wait_for_change(self) -> None:
        # Two tasks wait here, listening and decoding, each for its own condition: a wake-up too many is harmless.
        self._changed.clear()
        await self._changed.wait()
