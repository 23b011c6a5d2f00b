"""Which source a sound server is asked for: ``PULSE_SOURCE``, of which PortAudio knows nothing."""

from __future__ import annotations

import os

_SERVER_DEVICES = frozenset({"default", "pulse"})
"""ALSA's devices that lead to a sound server; ``default`` may lead to a card instead."""


def name_of_input(device: str) -> str:
    """What an open device is called, with the source that the sound server was asked for behind it.

    ``default`` alone says nothing of which of several microphones is heard.
    """
    source = os.environ.get("PULSE_SOURCE")
    return f"{device} (PULSE_SOURCE={source})" if source and device in _SERVER_DEVICES else device


def source_hint() -> str:
    """What may help where a device cannot be opened; empty where no source was asked for.

    A sound server answers a mistyped source with an input/output error that names nothing.
    """
    if not (source := os.environ.get("PULSE_SOURCE")):
        return ""
    return f"; PULSE_SOURCE asks the sound server for {source!r}, `pactl list short sources` names what it has"


def is_certain_source(device: str, wanted: str) -> bool:
    """Whether somebody has named the source that is to be heard, so that no other may take its place.

    Args:
        device: what is open.
        wanted: what was asked for; empty for the system's default.
    """
    return bool(os.environ.get("PULSE_SOURCE")) or bool(wanted and device not in _SERVER_DEVICES)
