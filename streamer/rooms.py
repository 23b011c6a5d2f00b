"""The meetings of several rooms at the same time, each with an outcome of its own."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime

from streamer.errors import LOADING_FAILURES, SourceClosedError, StreamerError, shortage
from streamer.interfaces import Sink
from streamer.pipeline import Meeting, MeetingReport
from streamer.sinks.messages import ENGLISH, Messages
from streamer.types import ROOM_FAILED, MeetingCalledOff, MeetingEvent, Notice, Severity

logger = logging.getLogger(__name__)

_SHOW_SECONDS = 10.0
"""How long a reader may take who is told that a room has no meeting."""

ROOM: ContextVar[str] = ContextVar("room", default="")
"""Which of several rooms a task is of, for the log; empty where there is one room, and outside of its meeting."""


@dataclass(frozen=True, slots=True)
class RoomOutcome:
    """What became of one room's meeting."""

    room: str
    report: MeetingReport | None
    """How it went; None where it could not be held, or was ended before its microphone was open."""
    failure: Exception | None
    """Why it could not be held; defects are in the log. None also where somebody ended it before it began."""


async def hold_rooms(
    meetings: Mapping[str, tuple[Meeting, Sink]], messages: Messages = ENGLISH
) -> tuple[RoomOutcome, ...]:
    """Hold meetings at the same time, each to its own end.

    Args:
        meetings: by room, each with the sink that is told when it cannot be held.
        messages: the language in which it is told that.
    """
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(
                _outcome_of(room, meeting, sink, messages, is_one_of_many=len(meetings) > 1), name=f"streamer.{room}"
            )
            for room, (meeting, sink) in meetings.items()
        ]
    return tuple(task.result() for task in tasks)


async def _outcome_of(
    room: str, meeting: Meeting, output: Sink, messages: Messages, *, is_one_of_many: bool
) -> RoomOutcome:
    """Hold one meeting; its failure is part of the outcome, and shown while others go on."""
    if is_one_of_many:
        ROOM.set(room)  # of this task and those that it makes
    try:
        return RoomOutcome(room, await meeting.run(), None)
    except SourceClosedError:
        if not meeting.is_announced:  # else its sinks have said so
            await _show(MeetingCalledOff(datetime.now(UTC)), output)
        return RoomOutcome(room, None, None)
    except StreamerError as error:
        failure: Exception = error
    except MemoryError as error:
        failure = shortage(error)
    except Exception as error:  # isolation: a defect in one room must not end the meetings of the others
        logger.exception("the meeting of %s failed", room)
        failure = error
    if is_one_of_many:
        from streamer.sinks.failures.failure import told_failure  # noqa: PLC0415 - many patterns, seldom needed

        await _show(Notice(ROOM_FAILED, Severity.ERROR, told_failure(str(failure), messages)), output)
    return RoomOutcome(room, None, failure)


async def _show(event: MeetingEvent, output: Sink) -> None:
    """Show why there is no meeting. Where that cannot be, the others go on; whoever holds them says it at the end."""
    try:
        async with asyncio.timeout(_SHOW_SECONDS):
            await output.handle(event)
    except TimeoutError:
        logger.warning("why a room has no meeting was not shown: nobody reads it")
    except Exception as error:  # noqa: BLE001 - isolation, as above: a full disk, or a defect
        reason = error.strerror if isinstance(error, OSError) else error
        logger.warning("why a room has no meeting was not shown: %s", reason)


def give_up_waiting(meetings: Sequence[Meeting], loading: asyncio.Future[None]) -> None:
    """Where the models cannot be loaded, nobody need wait for a microphone to find that out."""
    failure = None if loading.cancelled() else loading.exception()
    if isinstance(failure, LOADING_FAILURES):
        for meeting in meetings:
            meeting.give_up(failure)
