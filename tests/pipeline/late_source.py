"""A source that is waited for, and a meeting that has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Self

from streamer.errors import SourceClosedError
from streamer.types import DeviceAwaited, MeetingEvent
from tests.fakes import ScriptedSource, silence, speech
from tests.pipeline.rig import Rig
from tests.virtual_time import EPOCH

ABSENT = DeviceAwaited("USB", EPOCH, "no input is named 'USB'")


class LateSource(ScriptedSource):
    """Says that it is waited for, and is there, or never will be, after so many seconds; or it is closed before."""

    def __init__(self, seconds: float, error: Exception | None = None) -> None:
        super().__init__((speech(1.0), silence(1.0)))
        self._seconds = seconds
        self._error = error
        self.notify: Callable[[DeviceAwaited], None] = lambda _: None

    async def __aenter__(self) -> Self:
        self.notify(ABSENT)
        try:
            async with asyncio.timeout(self._seconds):
                await self._closed.wait()
        except TimeoutError:
            if self._error is not None:
                raise self._error from None
            return self
        raise SourceClosedError("closed")


def rig_of(source: LateSource, **options: object) -> Rig:
    rig = Rig(source=source, **options)
    source.notify = rig.meeting.notify
    return rig


def kinds(events: list[MeetingEvent]) -> list[str]:
    return [type(event).__name__ for event in events]
