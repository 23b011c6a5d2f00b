"""Which source a sound server is asked for: ``PULSE_SOURCE``, of which PortAudio knows nothing."""

from __future__ import annotations

import json
import os
from collections.abc import Collection

SERVERS = ("pipewire", "pulse")
"""ALSA's devices that lead to a sound server, each to PipeWire where that runs."""
_SERVER_DEVICES = frozenset({"default", *SERVERS})
"""Those, and one that may lead to a card instead."""
_BUSY = "PaErrorCode -9985"
_CARD = " (hw:"
"""In the name of a card, which is heard without a server."""


def name_of_input(device: str) -> str:
    """What an open device is called, with the source that the sound server was asked for behind it.

    ``default`` alone says nothing of which of several microphones is heard.
    """
    source = os.environ.get("PULSE_SOURCE")
    return f"{device} (PULSE_SOURCE={source})" if source and device in _SERVER_DEVICES else device


def ask_pipewire_too() -> None:
    """Let PipeWire's ALSA plug-in, which knows nothing of ``PULSE_SOURCE``, listen to that source, too."""
    source = os.environ.get("PULSE_SOURCE", "")
    # ``@DEFAULT_SOURCE@`` and the like are words of PulseAudio's.
    if not source or source.startswith("@") or "PIPEWIRE_NODE" in os.environ:
        return
    name = source.removesuffix(".monitor")
    wanted = {"target.object": name} | ({"stream.capture.sink": True} if name != source else {})
    os.environ.setdefault("PIPEWIRE_ALSA", json.dumps(wanted))


def source_hint() -> str:
    """What may help where a device cannot be opened; empty where no source was asked for.

    PulseAudio answers a mistyped source with an input/output error that names nothing.
    """
    if not (source := os.environ.get("PULSE_SOURCE")):
        return ""
    return f"; PULSE_SOURCE asks the sound server for {source!r}, `pactl list short sources` names what it has"


def busy_hint(error: str, device: str, inputs: Collection[str]) -> str:
    """What may help where a device cannot be opened because another program has it; else empty.

    ``default`` is a card where only ALSA's plug-in for PulseAudio is there, and the sound server has that card.

    Args:
        error: PortAudio's.
        device: what was to be opened.
        inputs: the names of all there are.
    """
    server = next((name for name in reversed(SERVERS) if name in inputs and name != device), "")
    if _BUSY not in error or not server:
        return ""
    return f"; another program has it, `--device {server}` listens to it through the sound server"


def is_certain_source(device: str, wanted: str) -> bool:
    """Whether somebody has named the source that is to be heard, so that no other may take its place.

    Args:
        device: what is open.
        wanted: what was asked for; empty for the system's default.
    """
    if _CARD in device:
        return False
    return bool(os.environ.get("PULSE_SOURCE")) or bool(wanted and device not in _SERVER_DEVICES)
