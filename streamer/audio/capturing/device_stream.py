"""One input device while it is open: its sound as 16 kHz mono, until it ends or goes away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from streamer.audio.capturing.capture_process import CaptureProcess
from streamer.audio.capturing.capture_wire import (
    HEADER,
    Away,
    CaptureRequest,
    HeardSource,
    Lost,
    Message,
    Opened,
    Refused,
    Sound,
)
from streamer.audio.devices import refusal
from streamer.audio.resampler import Resampler
from streamer.clock import Clock, running_seconds
from streamer.errors import AudioDeviceError
from streamer.interfaces import one_frame
from streamer.settings.audio import AudioSettings
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE

_OPEN_SECONDS = 10.0
"""A Bluetooth headset takes seconds to open; waiting for a hung server is as good as asking it again."""
_FIRST_SOUND_SECONDS = 5.0
"""The monitor of an idle PulseAudio sink gives its first sound after two seconds."""
_GRACE_SECONDS = 0.3
"""After a time-out, for what is there and waits because this program itself was stopped (Ctrl-Z)."""
_LATE_GRACE_SECONDS = 2.0
"""The same where the time-out itself came late: the capture process was perhaps stopped, too, and finds out what is
missing before it gives any sound."""


def _nobody(_: str | HeardSource) -> None:
    """Where nobody waits, or cares which source it is."""


class DeviceStream:
    """A capture process with its watchdog and resampler; opened once, never again."""

    def __init__(
        self,
        settings: AudioSettings,
        clock: Clock,
        *,
        is_patient: bool = False,
        known_as: str = "",
        follow: Callable[[HeardSource], None] = _nobody,
    ) -> None:
        """Prepare; nothing is opened.

        Args:
            settings: which device, and how it is watched.
            clock: tells when it was heard.
            is_patient: wait for a device that is away; after a quarter of an hour another stream has to.
            known_as: what the device was called when it was open before.
            follow: told, while :meth:`sounds` are taken, which source a sound server gives, and each other one.
        """
        self._settings = settings
        self._clock = clock
        self._known_as = known_as
        self._follow = follow
        self._note_heard()
        self._process = CaptureProcess(
            CaptureRequest(
                device=settings.device,
                known_as=known_as,
                channel=settings.channel,
                latency_ms=settings.latency_ms,
                is_patient=is_patient,
            )
        )
        self._opened: Opened | None = None
        self._closed = False
        self._has_heard = False
        self._was_left = False
        """Whether what comes may have waited, because it was too little to wake up for."""

    @property
    def device(self) -> Opened:
        """Name, rate and channels of the device.

        Raises:
            AudioDeviceError: it is not open.
        """
        if self._opened is None:
            raise AudioDeviceError("the microphone is not open")
        return self._opened

    @property
    def known_as(self) -> str:
        """The device's name, also before it is open, where it was open before; else empty."""
        return self._known_as if self._opened is None else self._opened.device

    @property
    def heard_at(self) -> datetime:
        """When the device gave its last sound; before its first one, when it was opened."""
        return self._heard_at

    @property
    def silent_since(self) -> float:
        """The same, by :func:`~streamer.clock.running_seconds`."""
        return self._silent_since

    async def open(self, tell: Callable[[str], None] = _nobody) -> None:
        """Open the device; it has not given a sound yet.

        Args:
            tell: told, where the device is waited for, why it cannot be opened yet; after every look for it.

        Raises:
            MissingDependencyError: PortAudio is not installed.
            DeviceChoiceError: the settings name no device, or several.
            AudioDeviceError: there is no such device, it cannot be opened, or its server does not answer.
        """
        await self._process.start()
        while isinstance(answer := await self._answer(), Away):
            tell(answer.reason)
        match answer:
            case Opened():
                self._opened = answer
                self._note_heard()
            case Refused():
                raise refusal(answer)
            case _:
                raise AudioDeviceError(f"the microphone could not be opened: {self._process.last_words()}")

    async def _answer(self) -> Message | None:
        """What the process says while the device is opened; None at its end."""
        return await self._next(
            _OPEN_SECONDS, f"the microphone did not open within {_OPEN_SECONDS:.0f} s: its sound server hangs"
        )

    async def sounds(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[bytes | Lost]:
        """PCM (s16le, mono, 16 kHz) as it comes, and where some is missing; ends after :meth:`close`.

        Args:
            at_once: as of :meth:`streamer.interfaces.AudioSource.frames`.

        Raises:
            AudioDeviceError: the device went away or hangs; what it had given was given.
        """
        channel = self._settings.channel
        resampler = Resampler(self.device.rate, self.device.channels, channel)
        seconds = _FIRST_SOUND_SECONDS
        try:
            while (message := await self._receive(seconds, at_once)) is not None:
                seconds = self._settings.watchdog_ms / 1000
                yield message if isinstance(message, Lost) else resampler.push_pcm(message.pcm)
        except AudioDeviceError:
            yield resampler.flush()
            raise
        yield resampler.flush()

    def close(self) -> None:
        """Ask for the end; an open device still gives what it has heard. Safe to call twice."""
        self._closed = True
        if self._opened is not None:
            self._process.finish()
        else:
            self._process.kill()

    def kill(self) -> None:
        """End at once. Safe to call twice."""
        self._closed = True
        self._process.kill()

    def _note_heard(self) -> None:
        self._heard_at, self._silent_since = self._clock.now(), running_seconds(self._clock)

    def _note_left(self, sound: Sound) -> None:
        """It followed what came before it, however late it was taken."""
        lasts = len(sound.pcm) / (2 * self.device.channels * self.device.rate)
        self._heard_at = min(self._clock.now(), self._heard_at + timedelta(seconds=lasts))
        self._silent_since = min(running_seconds(self._clock), self._silent_since + lasts)

    async def _receive(self, seconds: float, at_once: Callable[[], int]) -> Sound | Lost | None:
        """What comes next; None once closed."""
        while isinstance(message := self._process.take() or await self._wait(seconds, at_once()), HeardSource):
            self._follow(message)
        if isinstance(message, Sound | Lost):
            if isinstance(message, Sound) and self._was_left and self._has_heard:
                self._note_left(message)
            else:
                self._note_heard()
            self._has_heard = True
            return message
        if self._closed:
            return None
        raise AudioDeviceError(message.reason if isinstance(message, Refused) else self._process.last_words())

    async def _wait(self, seconds: float, frames: int) -> Message | None:
        """What comes next, within so many seconds, once so many frames have come; None at the end of the process."""
        lasting = frames * FRAME_SAMPLES / SAMPLE_RATE
        # Each comes in a message of its own: the device is asked for blocks of 20 ms.
        size = HEADER.size + round(self.device.rate * FRAME_SAMPLES / SAMPLE_RATE) * 2 * self.device.channels
        problem = f"no sound for {seconds:.1f} s: the device or its server hangs"
        return await self._next(seconds, problem, frames * size, lasting)

    async def _next(self, seconds: float, problem: str, least: int = 1, lasting: float = 0.0) -> Message | None:
        """The next message, as of :meth:`CaptureProcess.receive`.

        Raises:
            AudioDeviceError: the ``problem``: there is none within so many seconds.
        """
        now = asyncio.get_running_loop().time
        due = now() + seconds
        self._was_left = False
        try:
            async with asyncio.timeout(seconds):
                return await self._process.receive(least, lasting)
        except TimeoutError:
            self._was_left = True
        try:
            async with asyncio.timeout(_GRACE_SECONDS if now() < due + _GRACE_SECONDS else _LATE_GRACE_SECONDS):
                return await self._process.receive()
        except TimeoutError as error:
            raise AudioDeviceError(problem) from error
