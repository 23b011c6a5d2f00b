"""What installs a library or program of the system on the machine at hand: each distribution has names of its own.

This module must stay light: the capture process imports it before the microphone can be opened.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

Wanted = Literal["PortAudio", "ALSA's PulseAudio plug-in", "ffmpeg", "espeak-ng"]
"""Names by which they are known everywhere."""

OS_RELEASE: Final = (Path("/etc/os-release"), Path("/usr/lib/os-release"))
"""Where a distribution says what it is; the first that is there counts."""

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
    for path in OS_RELEASE:
        try:
            lines = path.read_text(encoding="utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        said = dict(line.partition("=")[::2] for line in lines)
        for key in ("ID", "ID_LIKE"):
            yield from said.get(key, "").strip("\"' ").lower().split()
        return
