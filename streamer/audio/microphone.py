"""A microphone as the source of a meeting: it may go away and come back, and the meeting stays open."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import Self

from streamer.audio.capturing.capture_wire import HeardSource, Lost
from streamer.audio.capturing.device_stream import DeviceStream
from streamer.audio.capturing.pulse_source import name_of_input
from streamer.audio.capturing.source_changes import SourceChanges
from streamer.audio.framing import Framer
from streamer.clock import Clock, SystemClock, running_seconds
from streamer.errors import NOTICED, AudioDeviceError, DeviceChoiceError, MissingDependencyError, SourceClosedError
from streamer.interfaces import one_frame
from streamer.settings.audio import AudioSettings
from streamer.types import MICROPHONE_LOST, DeviceAwaited, Frame, FrameRun, Gap, Notice, Severity

logger = logging.getLogger(__name__)

_BACKOFF_SECONDS = (0.0, 0.1, 0.2, 0.4)
"""Waits before attempts to open the device again; the last one repeats."""


@dataclass(frozen=True, slots=True)
class _Outage:
    """The device is away."""

    since: datetime
    """When its last sound came …"""
    silent_since: float
    """… by :func:`~streamer.clock.running_seconds`."""
    reason: str
    """Why, for a person."""


class Microphone:
    """Listens to an input device; implements :class:`~streamer.interfaces.AudioSource`.

    ``notify`` is called when the device is lost and when it is back; the gap itself is known only when it is over.
    It is also told where a sound server gives another microphone than before.
    Where the settings say ``always``, one that is absent at first is waited for, and ``notify`` is told why.
    """

    def __init__(
        self,
        settings: AudioSettings | None = None,
        *,
        notify: Callable[[Notice | DeviceAwaited], None] | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._settings = settings or AudioSettings()
        self._notify = notify or _ignore
        self._clock = clock or SystemClock()
        self._stream = DeviceStream(self._settings, self._clock, follow=self._follow)
        self._changes = SourceChanges()
        self._closing = asyncio.Event()
        self._attempt = 0

    async def __aenter__(self) -> Self:
        """Open the device, where it is waited for as soon as it is there.

        Raises:
            MissingDependencyError: PortAudio is not installed.
            DeviceChoiceError: the settings name no device, or several.
            AudioDeviceError: there is no such device, or it cannot be opened.
            SourceClosedError: :meth:`close` was called before the device was open.
        """
        try:
            await (self._await_device() if self._settings.wait_for_device == "always" else self._open())
        except BaseException:
            self._stream.kill()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.kill()

    @property
    def name(self) -> str:
        """The device's name; while it is away, that of the device wanted."""
        try:
            return name_of_input(self._stream.device.device)
        except AudioDeviceError:
            return self._settings.device or "microphone"

    async def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[Frame | FrameRun | Gap]:
        """What the device hears; a gap where it was away or sound was lost. Ends after :meth:`close` only."""
        framer = Framer()
        outage: _Outage | None = None
        while True:
            try:
                async for heard in self._stream.sounds(at_once):
                    if outage is not None and heard and not isinstance(heard, Lost):
                        gap, outage = self._end(outage, framer.position), None
                        logger.warning("microphone is back after %.1f s", gap.seconds, extra=NOTICED)
                        yield gap
                    # What is lost before the first sound is part of the outage.
                    for item in self._items(framer, heard) if outage is None else ():
                        yield item
                break
            except AudioDeviceError as error:
                for frame in framer.flush():
                    yield frame
                if self._closing.is_set():
                    break
                outage = outage or self._begin(str(error))
                await self._reopen()
        for frame in framer.flush():
            yield frame
        if outage is not None:
            yield self._end(outage, framer.position)

    def close(self) -> None:
        """End the sound after what the device has heard so far."""
        self._closing.set()
        self._stream.close()

    def _items(self, framer: Framer, heard: bytes | Lost) -> Iterator[FrameRun | Gap]:
        if isinstance(heard, Lost):
            ago = 0.0 if heard.goes_on_at is None else self._stream.silent_since - heard.goes_on_at
            since = self._stream.heard_at - timedelta(seconds=heard.seconds + ago)
            yield Gap(framer.position, since, heard.seconds, heard.reason)
        else:
            self._attempt = 0
            run = framer.take(heard)
            if run is not None:
                yield run

    def _follow(self, heard: HeardSource) -> None:
        logger.info("the sound server gives %s (%s)", heard.name, heard.description)
        notice = self._changes.follow(heard)
        if notice is None:
            return
        if notice.text:
            logger.warning("%s", notice.text, extra=NOTICED)
        self._notify(notice)

    def _begin(self, reason: str) -> _Outage:
        logger.warning("microphone lost: %s", reason, extra=NOTICED)
        self._notify(Notice(MICROPHONE_LOST, Severity.WARNING, reason))
        return _Outage(self._stream.heard_at, self._stream.silent_since, reason)

    def _end(self, outage: _Outage, position: int) -> Gap:
        seconds = running_seconds(self._clock) - outage.silent_since
        self._notify(Notice(MICROPHONE_LOST, Severity.INFO, ""))
        return Gap(position, outage.since, seconds, outage.reason)

    async def _open(self) -> None:
        """Open the device now, unless that is not wanted any more."""
        try:
            if not self._closing.is_set():
                await self._stream.open()
        except AudioDeviceError:
            if not self._closing.is_set():
                raise
        if self._closing.is_set():
            raise SourceClosedError(f"{self.name} was being opened, and then not wanted any more")

    async def _await_device(self) -> None:
        """Open the device as soon as it is there, however long that takes."""
        since, told = self._clock.now(), ""

        def tell(reason: str) -> None:
            nonlocal told
            if reason != told and not self._closing.is_set():
                told = reason
                logger.warning("waiting for %s: %s", self.name, reason, extra=NOTICED)
                self._notify(DeviceAwaited(self._settings.device, since, reason))

        try:
            return await self._open()
        except DeviceChoiceError:  # only now: what is plugged in later must not end an unattended room
            raise
        except AudioDeviceError as error:
            tell(str(error))
        while await self._renew():
            try:
                await self._stream.open(tell)
            except AudioDeviceError as error:
                tell(str(error))
            else:
                if not self._closing.is_set():
                    return None
        raise SourceClosedError(f"{self.name} was waited for, and then not wanted any more")

    async def _reopen(self) -> None:
        """Open the device again, however long it takes; returns early where the sound is to end."""
        while await self._renew():
            try:
                await self._stream.open()
            except (AudioDeviceError, MissingDependencyError) as error:
                logger.debug("microphone still away: %s", error)
            else:
                return

    async def _renew(self) -> bool:
        """A new stream for the next attempt, after a while; False where the sound is to end."""
        await self._wait(_BACKOFF_SECONDS[min(self._attempt, len(_BACKOFF_SECONDS) - 1)])
        if self._closing.is_set():
            return False
        self._attempt += 1
        self._stream.kill()
        # Starting a process takes longer than the device may be back: it looks again and again by itself.
        known_as = self._stream.known_as
        self._stream = DeviceStream(
            self._settings, self._clock, is_patient=True, known_as=known_as, follow=self._follow
        )
        return True

    async def _wait(self, seconds: float) -> None:
        """Wait, but no longer than until :meth:`close`."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()


def _ignore(_: Notice | DeviceAwaited) -> None:
    """Where nobody wants to know."""
