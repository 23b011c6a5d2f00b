"""The sink that writes minutes while the meeting runs."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Protocol

from streamer.errors import MissingDependencyError, SinkError, StoreError
from streamer.minutes import Line, Moment, line_of, moment_of
from streamer.sinks.minutes.book import MinutesBook
from streamer.types import (
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    SegmentFinalized,
    SegmentRevised,
    StatusUpdated,
    TitleChanged,
)

UPDATE_SECONDS = 0.5
"""Pause between two updates: files follow a final within a second, and a reader has time for a whole version."""


_DONE = object()

logger = logging.getLogger(__name__)


class StorageCalls(Protocol):
    """Runs blocking calls on the storage thread, in order."""

    def run(self, call: Callable[[], None]) -> Awaitable[None]:
        """Have a call run after all calls before it."""

    def post_steps(self, steps: Iterator[None]) -> None:
        """Have steps run that must not fail and that nobody waits for: between other calls, which go first."""


@dataclass(frozen=True, slots=True)
class OpenBook:
    """The minutes of a running meeting."""

    book: MinutesBook
    release: Callable[[], None]
    """Gives back what the book reads from."""


class MinutesSink:
    """Gives a meeting's finals and moments to its book. Statuses serve as its clock beat; nothing waits in it."""

    def __init__(
        self,
        calls: StorageCalls,
        open_book: Callable[[str], OpenBook],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take the way to the storage thread.

        Args:
            calls: runs everything that touches the disk.
            open_book: opens the book of a meeting by its id; called in the storage thread.
            clock: seconds, monotonic; the book's too.
        """
        self._calls = calls
        self._open_book = open_book
        self._clock = clock
        self._opened: OpenBook | None = None
        self._meeting_id = ""
        self._entries: list[Line | Moment] = []  # bounded by what is said in UPDATE_SECONDS
        self._updated_at = float("-inf")
        self._refusal = ""
        """Why the last update failed; empty where it did not."""

    async def handle(self, event: MeetingEvent) -> None:
        """Take one event.

        Raises:
            SinkError: the files cannot be written; the next update writes them anew, so nothing is lost.
        """
        match event:
            case MeetingStarted(meeting_id=meeting_id):
                self._meeting_id = meeting_id
                await self._run(self._open)
            case SegmentFinalized(segment=segment):
                self._entries.append(line_of(segment))
                await self._update_if_due()
            case MarkAdded() | GapFound() | MeetingPaused() | MeetingResumed():
                self._entries.append(moment_of(event))
                await self._update_if_due()
            case TitleChanged():
                await self._run_in_steps(self._retitling)
            case StatusUpdated() | SegmentRevised():
                await self._update_if_due()
            case MeetingEnded():
                await self._run_in_steps(self._ending)
            case _:
                pass

    async def _update_if_due(self) -> None:
        now = self._clock()
        if self._opened is None:
            return
        if now - self._updated_at < UPDATE_SECONDS:
            if self._refusal:  # what is only put off is not taken: the disk would seem to be well again
                raise SinkError(self._refusal)
            return
        if self._entries or now >= self._opened.book.next_due:
            self._updated_at = now
            await self._run_in_steps(self._updating)

    async def _run(self, call: Callable[[], None]) -> None:
        try:
            await self._calls.run(lambda: self._try(call))
        except OSError as error:
            raise SinkError(f"minutes cannot be written: {error}; free some space or check the folder") from error
        except (StoreError, MissingDependencyError) as error:
            raise SinkError(f"minutes cannot be written: {error}") from error

    async def _run_in_steps(self, begin: Callable[[], Generator[None]]) -> None:
        """Have steps run one by one: captions must not wait for the storage thread until hours are written anew."""
        steps: Generator[None] | None = None
        is_done = False

        def step() -> None:
            nonlocal steps, is_done
            try:
                steps = begin() if steps is None else steps
                is_done = next(steps, _DONE) is _DONE
            except FileNotFoundError:
                steps = None  # after which everything begins anew
                raise

        def finishing() -> Generator[None]:
            if steps is not None:
                steps.close()  # in that thread, before what it wrote is written anew
            yield from self._finishing()

        try:
            while not is_done:
                await self._run(step)
            self._refusal = ""
        except SinkError as error:
            self._refusal = str(error)
            raise
        except asyncio.CancelledError:
            # Given up, as at the end of a long meeting: nobody waits for it, and no other room's captions may have to.
            self._calls.post_steps(finishing())
            raise

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except FileNotFoundError:
            # The meeting's folder was moved or deleted: its book is opened where it is now, and written anew.
            again = self._open_book(self._meeting_id)
            if self._opened is not None:
                self._opened.book.close()
            self._release()
            self._opened = again
            call()

    def _open(self) -> None:
        if self._opened is None:
            self._opened = self._open_book(self._meeting_id)
        self._opened.book.update()

    def _release(self) -> None:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            opened.release()

    def _updating(self) -> Generator[None]:
        if self._opened is not None:
            self._opened.book.add(self._entries)
            self._entries = []  # only now: what could not be added comes again
            yield from self._opened.book.updating()

    def _retitling(self) -> Generator[None]:
        if self._opened is not None:
            self._opened.book.rewrite()
        yield from self._updating()

    def _finishing(self) -> Generator[None]:
        """Write what the store has, the meeting's end perhaps."""
        try:
            yield from self._ending()
        except Exception:  # it must not end the storage thread, where others' calls wait
            logger.exception("minutes are not complete")

    def _ending(self) -> Generator[None]:
        """Write everything anew from the store: heads with the end, moments and edits in their places."""
        if self._opened is not None:
            self._entries.clear()
            self._opened.book.rewrite()
            yield from self._opened.book.updating(everything=True)
            self._opened.book.close()
            self._release()
