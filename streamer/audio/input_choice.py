"""Which of the computer's inputs is meant. Light: the capture process needs it before the microphone can be opened."""

from __future__ import annotations

from typing import Any

from streamer.audio.capture_wire import NO_INPUT, InputDevice, Refused


class RefusalError(Exception):
    """The device cannot be opened."""

    def __init__(self, reason: str, missing: str = "", *, is_lasting: bool = False) -> None:
        """As of :class:`~streamer.audio.capture_wire.Refused`."""
        super().__init__(reason)
        self.refusal = Refused(reason, missing, is_lasting)


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


def choose_input(inputs: list[InputDevice], wanted: str) -> InputDevice:
    """The input of this index or name, of which a part is enough; the default for an empty name.

    Raises:
        RefusalError: there is none, or several are meant. An input of that name may come later, but none of that
            number: numbers change when devices come and go.
    """
    if not inputs:
        raise RefusalError(NO_INPUT, is_lasting=wanted.isdecimal())
    if not wanted:
        return next((device for device in inputs if device.is_default), inputs[0])
    found = [device for device in inputs if wanted in {str(device.index), device.name}]
    found = found or [device for device in inputs if wanted.casefold() in device.name.casefold()]
    if len(found) == 1:
        return found[0]
    problem = f"several inputs are named like {wanted!r}" if found else f"no input is named {wanted!r}"
    listed = ", ".join(f"{device.index} {device.name}" for device in found or inputs)
    raise RefusalError(f"{problem}; choose one of: {listed}", is_lasting=bool(found) or wanted.isdecimal())
