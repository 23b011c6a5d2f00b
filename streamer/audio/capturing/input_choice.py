"""Which of the computer's inputs is meant. Light: the capture process needs it before the microphone can be opened."""

from __future__ import annotations

import shlex
from typing import Any

from streamer.audio.capturing.capture_wire import InputDevice, Refused
from streamer.audio.capturing.pulse_source import SERVERS
from streamer.system.system_packages import how_to_install


class RefusalError(Exception):
    """The device cannot be opened."""

    def __init__(self, reason: str, missing: str = "", *, is_lasting: bool = False) -> None:
        """As of :class:`~streamer.audio.capturing.capture_wire.Refused`."""
        super().__init__(reason)
        self.refusal = Refused(reason, missing, is_lasting)


def no_input() -> str:
    """What a person is told who has no input at all."""
    plug_in = how_to_install("ALSA's PulseAudio plug-in")
    return (
        "no microphone was found; plug one in, and where PulseAudio or PipeWire is used, see that it runs and has its "
        f"ALSA plug-in ({plug_in}, or pipewire-alsa)"
    )


def list_inputs(portaudio: Any) -> list[InputDevice]:
    """Every input, as PortAudio saw them when it started."""
    default = portaudio.default.device[0]
    apis = portaudio.query_hostapis()
    return [
        InputDevice(
            index=index,
            name=device["name"],
            host_api=apis[device["hostapi"]]["name"],
            channels=device["max_input_channels"],
            rate=round(device["default_samplerate"]),
            is_default=index == default,
        )
        for index, device in enumerate(portaudio.query_devices())
        if device["max_input_channels"] > 0
    ]


def lacking_channel(device: InputDevice, channel: int) -> str:
    """That an input does not have the channel that is asked for; empty where it has."""
    if channel <= device.channels:
        return ""
    return f"channel {channel} was asked for, but {device.name} has {device.channels}"


def choose_input(inputs: list[InputDevice], wanted: str, known_as: str = "") -> InputDevice:
    """The input of this index or name, of which a part is enough; the default for an empty name.

    Args:
        inputs: what there is.
        wanted: index, name or part of a name.
        known_as: the name of the input that was meant by that before; it is meant still, whatever has come since.

    Raises:
        RefusalError: there is none, or several are meant. An input of that name may come later, but none of that
            number: numbers change when devices come and go.
    """
    if not inputs:
        raise RefusalError(no_input(), is_lasting=wanted.isdecimal() and not known_as)
    if not wanted:
        return next((device for device in inputs if device.is_default), inputs[0])
    if known_as and (same := _same(inputs, known_as)):
        return same
    if known_as and wanted.isdecimal():
        raise RefusalError(f"input {wanted} was {known_as}, which is away")
    found = [device for device in inputs if wanted in {str(device.index), device.name}]
    found = found or [device for device in inputs if wanted.casefold() in device.name.casefold()]
    if len(found) == 1:
        return found[0]
    problem = f"several inputs are named like {wanted!r}" if found else f"no input is named {wanted!r}"
    listed = ", ".join(f"{device.index} {device.name}" for device in found or inputs)
    if not (found or known_as or wanted.isdecimal()) and any(device.name in SERVERS for device in inputs):
        how = f"PULSE_SOURCE={shlex.quote(wanted)} streamer run"
        listed += f"; a source of the sound server is chosen with `{how}`"
    raise RefusalError(f"{problem}; choose one of: {listed}", is_lasting=bool(found) or wanted.isdecimal())


def _same(inputs: list[InputDevice], known_as: str) -> InputDevice | None:
    """The input that was called so, perhaps as another card; None where it is away, or there are two of its kind."""
    found = [device for device in inputs if device.name == known_as]
    found = found or [device for device in inputs if _without_card(device.name) == _without_card(known_as)]
    return found[0] if len(found) == 1 else None


def _without_card(name: str) -> str:
    """A name without ALSA's number of the card, which changes when devices come and go: ``USB Mic: Audio (hw:1,0)``."""
    return name.rpartition(" (hw:")[0] or name
