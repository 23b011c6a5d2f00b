"""The stage that publishes: every event into the journal, then to the sinks, each in its own time."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence

from streamer.errors import NOTICED, SinkError
from streamer.interfaces import Sink
from streamer.pipeline.keeping import Keeping
from streamer.pipeline.lane import Lane
from streamer.pipeline.load import SinkLoad
from streamer.pipeline.storage import Storage
from streamer.settings.pipeline import PipelineSettings
from streamer.sinks.disk_reasons import told_disk
from streamer.sinks.messages import Messages
from streamer.types import DeviceAwaited, MeetingEvent, Notice, SegmentUpdated, Severity, StatusUpdated

logger = logging.getLogger(__name__)

_LOOK_SECONDS = 2.0
"""Pause between two looks at what other programs change; statuses serve as the beat."""
_FIRST_BACKOFF = 0.5
_LONGEST_BACKOFF = 30.0
_PASSING = SegmentUpdated | StatusUpdated | Notice | DeviceAwaited
"""Events whose successors say all: no journal keeps them, and one that a sink refuses is not offered again."""
_DEFECT_ATTEMPTS = 3
"""How often an event is offered that a sink fails on for a reason that it does not name itself: its own defect."""


class _RefusedAtTheEndError(Exception):
    """A sink does not take what it is offered when nothing more comes."""


class SinkLane:
    """One sink with the events that wait for it. Its failures and its slowness are its own."""

    def __init__(self, name: str, sink: Sink, settings: PipelineSettings) -> None:
        """``name``: for a person to read."""
        self.name = name
        self._sink = sink
        # Policy: of partials and status the newest, everything else kept; a sink that lets it fill up is given up.
        self._lane = Lane(settings.sink_events)
        self._drain_seconds = settings.sink_drain_s
        self._deadline: asyncio.Timeout | None = None
        self._ending = asyncio.Event()
        """Nothing more comes."""
        self._is_given_up = False
        self._refusal = ""
        self._refused: type[object] = object
        """The kind of what was refused last and left out: others of those that pass, many of which a sink has no use
        for, do not show that it is well again."""
        self._refused_at = float("-inf")
        self._failures = 0

    @property
    def refusal(self) -> str:
        """Why the sink does not take the event that it was offered last; empty where it did."""
        return self._refusal

    @property
    def is_ending(self) -> bool:
        """Whether nothing more comes; what waits may still be handed over."""
        return self._ending.is_set()

    @property
    def load(self) -> SinkLoad:
        """What waits, and what failed."""
        return SinkLoad(len(self._lane), self._failures)

    def put(self, event: MeetingEvent) -> bool:
        """Take an event for the sink, without waiting; False where the sink has just been given up."""
        if self._is_given_up:
            return True
        self._is_given_up = not self._lane.put(event)
        if self._is_given_up:
            self._lane.close()
        return not self._is_given_up

    def close(self) -> None:
        """Nothing more comes; what waits gets the drain time of the settings, unless the sink refuses it now."""
        self._lane.close()
        self._ending.set()
        if self._deadline is not None:
            self._deadline.reschedule(asyncio.get_running_loop().time() + self._drain_seconds)

    async def run(self, tell: Callable[[Notice], None], messages: Messages) -> None:
        """Hand over events in order until closed. ``tell``: shows a notice in the other sinks."""
        try:
            async with asyncio.timeout(None) as self._deadline:
                async for event in self._lane:
                    # Not the event itself: what was said belongs into the store, and not into a log that others read.
                    if not await self._hand_over(event, tell, messages) and not isinstance(event, _PASSING):
                        logger.error("%s could not take %s: left out", self.name, type(event).__name__)
        except _RefusedAtTheEndError:
            logger.error("events that %s did not take: %d (%s)", self.name, len(self._lane) + 1, self._refusal)  # noqa: TRY400
        except TimeoutError:
            logger.error("events that %s did not take in time: %d", self.name, len(self._lane) + 1)  # noqa: TRY400

    async def _hand_over(self, event: MeetingEvent, tell: Callable[[Notice], None], messages: Messages) -> bool:
        """Offer an event until it is taken; False where it is left out.

        Raises:
            _RefusedAtTheEndError: nothing more comes, and it was refused once more; waiting would only hold up the end.
        """
        backoff, defects = _FIRST_BACKOFF, 0
        since = asyncio.get_running_loop().time() - self._refused_at
        if self._refusal and since < _FIRST_BACKOFF and isinstance(event, StatusUpdated):
            return False
        while True:
            is_last_offer = self._ending.is_set()
            try:
                await self._sink.handle(event)
            except (SinkError, OSError) as error:
                self._tell_failure(error, event, tell, messages)
            except Exception as error:  # isolation: a sink's defect must not end the meeting
                logger.exception("%s failed", self.name)
                self._tell_failure(error, event, tell, messages)
                defects += 1
            else:
                if self._refusal and (isinstance(event, self._refused) or not isinstance(event, _PASSING)):
                    self._refusal = ""
                    tell(Notice(f"sink.{self.name}", Severity.INFO, ""))
                return True
            if defects >= _DEFECT_ATTEMPTS or isinstance(event, _PASSING):
                return False
            if is_last_offer:
                raise _RefusedAtTheEndError
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(backoff):
                    await self._ending.wait()
            backoff = min(_LONGEST_BACKOFF, 2 * backoff)

    def _tell_failure(
        self, error: Exception, event: MeetingEvent, tell: Callable[[Notice], None], messages: Messages
    ) -> None:
        self._failures += 1
        self._refused = type(event) if isinstance(event, _PASSING) else object
        self._refused_at = asyncio.get_running_loop().time()
        is_news = not self._refusal
        reason = error.strerror if isinstance(error, OSError) else str(error)
        self._refusal = reason or type(error).__name__
        if not is_news:
            return
        text = messages.sink_failed.format(name=self.name, error=told_disk(self._refusal, messages))
        logger.error("%s", text, extra=NOTICED)
        tell(Notice(f"sink.{self.name}", Severity.WARNING, text))


class Publisher:
    """Takes the meeting's events from its stages and brings each to the journal first, then to every sink.

    While the journal's disk hangs, sinks are told what it has not: screens go on, and what reads from the store (the
    outbox, the minutes) has it once the disk answers.
    """

    def __init__(self, storage: Storage, lanes: tuple[SinkLane, ...], settings: PipelineSettings) -> None:
        self._storage = storage
        self._lanes = lanes
        # Policy: of partials and status the newest, everything else kept. Only a disk that hangs for hours fills it;
        # then the meeting ends with an error rather than without its minutes.
        self._outbox = Lane(settings.sink_events)
        self._keeping = Keeping(storage, settings.sink_events)
        self._changes: asyncio.Future[Sequence[MeetingEvent]] | None = None
        self._looked_at = float("-inf")

    def post(self, event: MeetingEvent) -> None:
        """Publish an event, without waiting. After :meth:`close`, when sinks still drain, it is left out.

        Raises:
            SinkError: too many events wait for the journal.
        """
        if not self._outbox.put(event) and not self._outbox.closed:
            raise SinkError(
                f"{len(self._outbox)} events wait for the meeting store, which does not answer: disk hangs?"
            )

    def close(self) -> None:
        """Publish what waits, then close the sinks."""
        self._outbox.close()

    async def publish(self, messages: Messages) -> None:
        """Publish until closed."""
        async for event in self._outbox:
            if not isinstance(event, _PASSING):
                await self._keeping.keep(event)
            elif isinstance(event, StatusUpdated):
                self._look_for_changes()
            hand_out(event, self._lanes, messages)
        await self._keeping.finish()
        for lane in self._lanes:
            lane.close()

    def _look_for_changes(self) -> None:
        """Have sinks told, without waiting, of what other programs change in the meeting."""
        now = asyncio.get_running_loop().time()
        if now - self._looked_at < _LOOK_SECONDS or (self._changes is not None and not self._changes.done()):
            return
        self._looked_at, self._changes = now, self._storage.changes()
        self._changes.add_done_callback(self._post_changes)

    def _post_changes(self, changes: asyncio.Future[Sequence[MeetingEvent]]) -> None:
        if not changes.cancelled():
            for event in changes.result():
                self.post(event)


def hand_out(event: MeetingEvent, lanes: Sequence[SinkLane], messages: Messages) -> None:
    """Give an event to every sink, without waiting; one that is too far behind is given up, which the others show."""
    for lane in lanes:
        if not lane.put(event):
            text = messages.sink_gave_up.format(name=lane.name)
            logger.error("%s", text, extra=NOTICED)
            for other in lanes:
                other.put(Notice(f"sink.{lane.name}", Severity.ERROR, text))
