"""The inputs of this computer."""

from __future__ import annotations

import asyncio

from streamer.audio.capturing.capture_process import CaptureProcess
from streamer.audio.capturing.capture_wire import CaptureRequest, InputDevice, Inputs, Refused
from streamer.errors import AudioDeviceError, DeviceChoiceError, MissingDependencyError, StreamerError

_PATIENCE = 10.0
"""Seconds that a sound system has for its answer."""


async def find_inputs() -> tuple[InputDevice, ...]:
    """Every device that can be listened to; none where there is none.

    Raises:
        MissingDependencyError: PortAudio is not installed.
        AudioDeviceError: the sound system does not answer.
    """
    process = CaptureProcess(CaptureRequest(list_only=True))
    await process.start()
    try:
        async with asyncio.timeout(_PATIENCE):
            answer = await process.receive()
        if answer is None:
            raise AudioDeviceError(f"the list of inputs could not be read: {process.last_words()}")
    except TimeoutError as error:
        raise AudioDeviceError(f"the sound system gave no list of inputs within {_PATIENCE:.0f} s: it hangs") from error
    finally:
        process.kill()
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
