"""What the capture process and its parent tell each other, as bytes.

A message is a header (kind, payload size) and a payload: PCM for sound, JSON for the rest. This module must stay light:
the capture process imports it before the microphone can be opened.
"""

from __future__ import annotations

import json
import struct
from dataclasses import asdict, dataclass
from enum import IntEnum

HEADER = struct.Struct("<BI")
"""Kind, payload bytes."""


class Kind(IntEnum):
    """What a message's payload is."""

    SOUND = 1
    OPENED = 2
    LOST = 3
    REFUSED = 4
    INPUTS = 5
    AWAY = 6
    SOURCE = 7


@dataclass(frozen=True, slots=True)
class CaptureRequest:
    """What the parent wants."""

    device: str = ""
    """Index, name or part of a name; empty for the system's default."""
    channel: int = 0
    """The channel that must be among those captured; 0 for any."""
    latency_ms: int = 60
    """How much sound the device may hold back."""
    is_patient: bool = False
    """Wait for the device instead of refusing where it is away, and say so after every look."""
    known_as: str = ""
    """What the device wanted was called when it was open before: numbers change when devices come and go."""
    list_only: bool = False
    """Send the inputs and end."""

    def encode(self) -> str:
        """As an argument of the command line."""
        return json.dumps(asdict(self))


@dataclass(frozen=True, slots=True)
class Sound:
    """What the device heard."""

    pcm: bytes
    """Interleaved s16le at the rate and with the channels of :class:`Opened`."""


@dataclass(frozen=True, slots=True)
class Opened:
    """The device delivers from now on."""

    device: str
    """Its name, as in :class:`InputDevice`."""
    rate: int
    """Hertz: 16000 where the device allows, its own rate otherwise."""
    channels: int
    """Interleaved channels."""


@dataclass(frozen=True, slots=True)
class Lost:
    """Sound is missing between the message before and the one after."""

    seconds: float
    """How much, estimated where the device does not say."""
    reason: str
    """What happened, for a person."""
    goes_on_at: float | None = None
    """When the sound after it began: seconds of the monotonic clock and those asleep; None: now. It may have waited."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The device cannot be opened, or ended."""

    reason: str
    """Why, for a person."""
    missing: str = ""
    """What must be installed, where that is the reason: the words after "install"."""
    is_lasting: bool = False
    """Whether no waiting helps: a person has to name the device otherwise."""


@dataclass(frozen=True, slots=True)
class Away:
    """The device is not there yet; it is looked for again."""

    reason: str
    """Why it cannot be opened now, for a person."""


@dataclass(frozen=True, slots=True)
class HeardSource:
    """Which source of a sound server the device gives from now on; only where there is a server that says so."""

    name: str
    """As ``pactl list short sources`` has it."""
    description: str
    """For a person."""
    is_chosen: bool = False
    """Whether a person took it, or the server a better one, while the one before was still there."""
    instead_of: str = ""
    """What the server was asked for and does not have; empty where it gives that, or was asked for none."""


@dataclass(frozen=True, slots=True)
class InputDevice:
    """A device that can be listened to."""

    index: int
    """PortAudio's number; changes when devices come and go."""
    name: str
    host_api: str
    """The system behind it: ALSA, JACK, Core Audio."""
    channels: int
    """At most."""
    rate: int
    """Hertz it prefers."""
    is_default: bool
    """Whether the system takes it when none is named."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Every device that can be listened to."""

    inputs: tuple[InputDevice, ...]


Message = Sound | Opened | Lost | Refused | Away | HeardSource | Inputs
"""What the capture process sends."""

_KINDS = {
    Sound: Kind.SOUND,
    Opened: Kind.OPENED,
    Lost: Kind.LOST,
    Refused: Kind.REFUSED,
    Inputs: Kind.INPUTS,
    Away: Kind.AWAY,
    HeardSource: Kind.SOURCE,
}
_TOLD = {kind: told for told, kind in _KINDS.items()}


def encode(message: Message) -> bytes:
    """A message with its header."""
    payload = message.pcm if isinstance(message, Sound) else json.dumps(asdict(message)).encode()
    return HEADER.pack(_KINDS[type(message)], len(payload)) + payload


def unpack(received: bytearray) -> list[Message]:
    """Take all complete messages off the beginning of what was received.

    Raises:
        ValueError: it is not what :func:`encode` made.
    """
    messages: list[Message] = []
    at = 0
    while len(received) - at >= HEADER.size:
        kind, size = HEADER.unpack_from(received, at)
        end = at + HEADER.size + size
        if len(received) < end:
            break
        messages.append(decode(kind, bytes(received[at + HEADER.size : end])))
        at = end
    del received[:at]
    return messages


def decode(kind: int, payload: bytes) -> Message:
    """The message of a header's kind and the payload after it.

    Raises:
        ValueError: they are not what :func:`encode` made.
    """
    if kind == Kind.SOUND:
        return Sound(payload)
    fields = json.loads(payload)
    if kind == Kind.INPUTS:
        return Inputs(tuple(InputDevice(**one) for one in fields["inputs"]))
    message: Message = _TOLD[Kind(kind)](**fields)
    return message
