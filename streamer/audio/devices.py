"""The inputs of this computer."""

from __future__ import annotations

from streamer.audio.capture_process import list_inputs
from streamer.audio.capture_wire import InputDevice, Inputs, Refused
from streamer.errors import AudioDeviceError, DeviceChoiceError, MissingDependencyError, StreamerError


async def find_inputs() -> tuple[InputDevice, ...]:
    """Every device that can be listened to; none where there is none.

    Raises:
        MissingDependencyError: PortAudio is not installed.
        AudioDeviceError: the sound system does not answer.
    """
    answer = await list_inputs()
    if isinstance(answer, Refused):
        raise refusal(answer)
    if not isinstance(answer, Inputs):
        raise AudioDeviceError(f"the list of inputs was expected, {type(answer).__name__} came")
    return answer.inputs


def refusal(answer: Refused) -> StreamerError:
    """The error that a capture process's refusal is."""
    if answer.missing:
        return MissingDependencyError(
            f"the microphone needs {answer.missing}: {answer.reason}; files work without it (`--source FILE`)"
        )
    return DeviceChoiceError(answer.reason) if answer.is_lasting else AudioDeviceError(answer.reason)
