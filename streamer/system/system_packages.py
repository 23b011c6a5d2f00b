"""What installs a library or program of the system on the machine at hand: each distribution has names of its own.

This module must stay light: the capture process imports it before the microphone can be opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, Literal

Wanted = Literal["PortAudio", "ALSA's PulseAudio plug-in", "ffmpeg", "espeak-ng"]
"""Names by which they are known everywhere."""

_DEBIAN: Final = ("apt-get install", {"PortAudio": "libportaudio2", "ALSA's PulseAudio plug-in": "libasound2-plugins"})
_FEDORA: Final = (
    "dnf install",
    {"PortAudio": "portaudio", "ALSA's PulseAudio plug-in": "alsa-plugins-pulseaudio"},
)
_ALPINE: Final = ("apk add", {"PortAudio": "portaudio", "ALSA's PulseAudio plug-in": "alsa-plugins-pulse"})
_ARCH: Final = ("pacman -S", {"PortAudio": "portaudio", "ALSA's PulseAudio plug-in": "alsa-plugins"})
_FAMILIES: Final = {
    "debian": _DEBIAN, "ubuntu": _DEBIAN,
    "fedora": _FEDORA, "rhel": _FEDORA, "centos": _FEDORA, "openeuler": _FEDORA,
    "alpine": _ALPINE,
    "arch": _ARCH,
}  # fmt: skip
"""Command, and packages that are called otherwise than what they hold, by the names that distributions have."""


def how_to_install(wanted: Wanted) -> str:
    """The command that installs it, such as ``dnf install portaudio``; on an unknown system its name alone."""
    for system in _systems():
        if system in _FAMILIES:
            command, packages = _FAMILIES[system]
            return f"{command} {packages.get(wanted, wanted)}"
    return wanted


def needed(wanted: Wanted) -> str:
    """Its name, and behind it the command that installs it where that is known."""
    how = how_to_install(wanted)
    return wanted if how == wanted else f"{wanted} ({how})"


def _systems() -> Iterator[str]:
    """The name of this distribution, and those that it is like, the next one first."""
    import platform  # noqa: PLC0415 - imported where something is missing only

    try:
        said = platform.freedesktop_os_release()
    except (OSError, UnicodeDecodeError):
        return
    for key in ("ID", "ID_LIKE"):
        yield from said.get(key, "").lower().split()
