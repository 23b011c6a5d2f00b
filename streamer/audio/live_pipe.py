"""A pipe of live sound that may stall: what is missing then, and what comes late."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from streamer.audio.capturing.stall import CATCHING_UP, LEAST_MISSING_SECONDS, WINDOW_SECONDS
from streamer.clock import Clock, running_seconds
from streamer.errors import NOTICED, AudioError
from streamer.types import MICROPHONE_LOST, SAMPLE_RATE, Gap, Notice, Severity

logger = logging.getLogger(__name__)

_STALL_SECONDS = 3.0
"""What came so late has either waited on its way, and comes at once now, or was never recorded."""
_NOTICE_SECONDS = 10.0
"""Streams out of the net come in parts of several seconds: that is nothing to tell."""
_WINDOW_SAMPLES = round(WINDOW_SECONDS * SAMPLE_RATE)
_MOST_HELD_SECONDS = 30.0
"""Of sound that has waited; what is missing behind more of it is found out while that is heard."""


class LivePipe:
    """Reads a pipe, and tells apart sound that is late from sound that is missing.

    After a stall, sound is held back until it comes no faster than it sounds: half a second, where nothing had waited.
    Of more than is held back somebody has kept as much as he could, and dropped what came then: it is missing behind.
    """

    def __init__(
        self,
        read: Callable[[int], Awaitable[bytes]],
        seconds_of: Callable[[bytes], float],
        clock: Clock,
        notify: Callable[[Notice], None],
    ) -> None:
        """Begin now.

        Args:
            read: what has come, once so many samples at 16 kHz have; empty at the end. May be cancelled.
            seconds_of: how long sound lasts that was read.
            clock: tells how long nothing has come.
            notify: told that nothing comes, and that something comes again.
        """
        self._read = read
        self._seconds_of = seconds_of
        self._clock = clock
        self._notify = notify
        self._gap: Gap | None = None
        self._late = 0.0
        """Seconds that had not come yet when more was given than is held back."""
        self._heard_at: datetime | None = None
        """When sound came last; None until it is read: before, a recording's clock cannot tell when that was."""
        self._silent_since = running_seconds(clock)

    async def read(self, samples: int) -> bytes:
        """What has come, once so many samples have; empty at the end."""
        if self._heard_at is None:
            passed = timedelta(seconds=running_seconds(self._clock) - self._silent_since)
            self._heard_at = self._clock.now() - passed
        received = await self._awaited(samples)
        waited = running_seconds(self._clock) - self._silent_since
        was_late, self._late = self._late, 0.0
        if received and (was_late or waited >= _STALL_SECONDS):
            missing = was_late + waited - self._seconds_of(received)
            received, missing, is_over = await self._caught_up(received, missing, was_late=was_late > 0)
            if not is_over:
                self._late = missing
            elif missing >= LEAST_MISSING_SECONDS:
                since = self._heard_at
                if was_late:
                    since = self._clock.now() - timedelta(seconds=self._seconds_of(received) + missing)
                self._gap = Gap(0, since, missing, "nothing came through the pipe")
                logger.warning("%.1f s are missing: nothing came through the pipe", missing, extra=NOTICED)
        self._note_heard()
        return received

    def take_gap(self) -> Gap | None:
        """What is missing before the sound that was read last, wherever that is put; None where nothing is."""
        gap, self._gap = self._gap, None
        return gap

    async def _awaited(self, samples: int) -> bytes:
        try:
            async with asyncio.timeout(_NOTICE_SECONDS):
                return await self._read(samples)
        except TimeoutError:
            text = f"nothing has come through the pipe for {_NOTICE_SECONDS:.0f} s"
        logger.warning("%s", text, extra=NOTICED)
        self._notify(Notice(MICROPHONE_LOST, Severity.WARNING, text))
        try:
            return await self._read(samples)
        finally:
            self._notify(Notice(MICROPHONE_LOST, Severity.INFO, ""))

    async def _caught_up(self, first: bytes, missing: float, *, was_late: bool) -> tuple[bytes, float, bool]:
        """Sound with what waited behind it, how many seconds are missing, and whether all that waited has come.

        Args:
            first: sound that has come.
            missing: seconds that have not come with it.
            was_late: whether sound that waited came before it.
        """
        held = [first]
        heard, began = self._seconds_of(first), running_seconds(self._clock)
        while missing >= LEAST_MISSING_SECONDS:
            if len(held) > 1 and (was_late or heard >= _MOST_HELD_SECONDS):
                return b"".join(held), missing, False
            try:
                held.append(await self._read(_WINDOW_SAMPLES))
            except AudioError:  # raised again when what was held has been given
                return b"".join(held), missing, not was_late
            came, now = self._seconds_of(held[-1]), running_seconds(self._clock)
            lasted, began, heard = now - began, now, heard + came
            missing += lasted - came
            if not held[-1]:
                return b"".join(held), missing, not was_late
            if came < CATCHING_UP * lasted:
                break
        return b"".join(held), missing, True

    def _note_heard(self) -> None:
        self._heard_at = self._clock.now()
        self._silent_since = running_seconds(self._clock)
