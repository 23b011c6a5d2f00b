"""Where sound comes from: the source that a command line or a configuration names."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, Protocol, runtime_checkable

from streamer.clock import Clock, SystemClock
from streamer.errors import SettingsError
from streamer.interfaces import AudioSource
from streamer.places import named
from streamer.settings import Settings
from streamer.types import DeviceAwaited, Notice

MICROPHONE: Final = "mic"
DEMO: Final = "demo"
STANDARD_INPUT: Final = "-"


def open_source(
    name: str,
    settings: Settings,
    notify: Callable[[Notice | DeviceAwaited], None],
    *,
    is_fast: bool = False,
    clock: Clock | None = None,
) -> AudioSource:
    """The source of that name. Each kind is imported only where it is wanted: a microphone may be missing.

    Args:
        name: ``mic``, ``demo``, ``-`` (raw PCM on standard input), or the path of a sound file.
        settings: those of audio are used.
        notify: is told what microphone and pipe have to say, that one is waited for, and what was odd about a file.
        is_fast: read a file as fast as it is decoded, instead of at the speed of speech.
        clock: by which files and pipes sound; None: the computer's.

    Raises:
        SettingsError: ``--fast`` for something that has its own speed.
    """
    if is_fast and name in {MICROPHONE, STANDARD_INPUT}:
        raise SettingsError(f"--fast is for files and the demo; the source is {name!r}")
    clock = clock or SystemClock()
    if name == MICROPHONE:
        from streamer.audio.microphone import Microphone  # noqa: PLC0415

        return Microphone(settings.audio, notify=notify)
    if name == STANDARD_INPUT:
        from streamer.audio.stdin import PcmFormat, StdinSource  # noqa: PLC0415

        pcm = PcmFormat(settings.audio.pcm_rate, settings.audio.pcm_channels, settings.audio.channel)
        return StdinSource(pcm, notify=notify, clock=clock)
    from streamer.audio.file_source import FileSource  # noqa: PLC0415

    pace = None if is_fast else clock
    if name == DEMO:
        from streamer.audio.demo import DEMO_SOUND  # noqa: PLC0415

        return FileSource(DEMO_SOUND, clock=pace)
    return FileSource(named(name), channel=settings.audio.channel, clock=pace, notify=notify)


@runtime_checkable
class _Measured(Protocol):
    """A source whose length is known once it is open."""

    @property
    def seconds(self) -> float:
        """0 where it is not known after all."""


def seconds_before(name: str, source: AudioSource, *, is_fast: bool) -> float:
    """How much of an opened source's sound is there already, not to come at its own speed.

    Args:
        name: as for :func:`open_source`.
        source: what that gave.
        is_fast: likewise.

    Returns:
        Seconds; 0 where it is not known, as of a pipe that gives sound faster than it sounded: a meeting's beginning
        is told before the pipe has ended.
    """
    is_there = is_fast or name == STANDARD_INPUT
    return seconds_in_all(source) if is_there else 0.0


def seconds_in_all(source: AudioSource) -> float:
    """How long an opened source's sound is; 0 where that is not known."""
    return source.seconds if isinstance(source, _Measured) else 0.0
