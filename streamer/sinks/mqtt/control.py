"""Commands that arrive over MQTT: what they must look like, who may send them, and what was answered."""

from __future__ import annotations

import hashlib
import hmac
from collections import OrderedDict
from collections.abc import Callable
from typing import Literal

import msgspec

from streamer.interfaces import MeetingControl
from streamer.sinks.mqtt.payloads import ReplyPayload
from streamer.sinks.printable import is_blank

MAX_COMMAND_BYTES = 4096
"""A longer command is refused unread."""
MAX_ARGUMENT_CHARACTERS = 200
"""Longest title or note."""
FRESH_SECONDS = 60.0
"""How far the time of a signed command may be from this machine's clock."""
_REMEMBERED = 1000
_ID_CHARACTERS = 64
_EXPECTED = "expected id and command (stop, pause, resume, mark or set-title)"

CommandName = Literal["stop", "pause", "resume", "mark", "set-title"]


class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A request. ``id`` makes a repeat harmless; ``time`` and ``signature`` are needed where a secret is set."""

    id: str
    command: CommandName
    argument: str = ""
    """The title of ``set-title``, the note of ``mark``."""
    time: int = 0
    """Seconds since 1970, UTC, when the command was signed."""
    signature: str = ""
    """Hexadecimal HMAC-SHA256 of :func:`signed_text` under the shared secret."""


def signed_text(room: str, command: Command) -> bytes:
    """What a signature covers: room, id, time, command and argument, joined by newlines."""
    return "\n".join((room, command.id, str(command.time), command.command, command.argument)).encode()


def sign(secret: str, room: str, command: Command) -> str:
    """The signature that a sender adds."""
    return hmac.new(secret.encode(), signed_text(room, command), hashlib.sha256).hexdigest()


class CommandDesk:
    """Checks commands, has them carried out once, and answers each; repeats get the first answer again."""

    def __init__(
        self, room: str, control: MeetingControl, secret: str | None, has_meeting: Callable[[], bool] = lambda: True
    ) -> None:
        """Begin without a command.

        Args:
            room: what commands are about.
            control: carries them out.
            secret: signs them; None: nobody has to.
            has_meeting: whether one has begun: there is nothing to mark while its microphone is waited for.
        """
        self._has_meeting = has_meeting
        self._room = room
        self._control = control
        self._secret = secret
        # The oldest of 1,000 answers goes first: a repeat that late is refused by its time where a secret is set.
        self._answers: OrderedDict[str, ReplyPayload] = OrderedDict()

    def handle(self, payload: bytes, now: float) -> ReplyPayload:
        """Carry out one command (``now``: seconds since 1970). Never raises for what is in ``payload``."""
        if len(payload) > MAX_COMMAND_BYTES:
            return self._refusal(None, f"command of {len(payload)} bytes is longer than {MAX_COMMAND_BYTES}")
        try:
            command = msgspec.json.decode(payload, type=Command)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            return self._refusal(_readable_id(payload), f"not a command: {error}; {_EXPECTED}")
        if not 1 <= len(command.id) <= _ID_CHARACTERS:
            return self._refusal(None, f"id must have 1 to {_ID_CHARACTERS} characters")
        if error_text := self._objection(command, now):
            return self._refusal(command.id, error_text)
        if (answer := self._answers.get(command.id)) is not None:
            return answer
        self._carry_out(command)
        answer = ReplyPayload(room=self._room, id=command.id, ok=True)
        self._answers[command.id] = answer
        if len(self._answers) > _REMEMBERED:
            self._answers.popitem(last=False)
        return answer

    def _objection(self, command: Command, now: float) -> str | None:
        if self._secret is not None:
            if not hmac.compare_digest(
                sign(self._secret, self._room, command).encode(), command.signature.lower().encode()
            ):
                return "signature is missing or wrong"
            if abs(now - command.time) > FRESH_SECONDS:
                return f"time is more than {FRESH_SECONDS:.0f} s off; check both clocks"
        if len(command.argument) > MAX_ARGUMENT_CHARACTERS:
            return f"argument is longer than {MAX_ARGUMENT_CHARACTERS} characters"
        if command.command == "set-title" and is_blank(command.argument):
            return "set-title needs the title as argument"
        if command.command == "mark" and not self._has_meeting():
            return "there is no meeting to mark yet: its microphone is waited for"
        return None

    def _carry_out(self, command: Command) -> None:
        match command.command:
            case "stop":
                self._control.stop()
            case "pause":
                self._control.pause()
            case "resume":
                self._control.resume()
            case "mark":
                self._control.mark(command.argument)
            case "set-title":
                self._control.set_title(command.argument.strip())

    def _refusal(self, request_id: str | None, error: str) -> ReplyPayload:
        return ReplyPayload(room=self._room, id=request_id, ok=False, error=error)


class _Identified(msgspec.Struct, frozen=True):
    """Of a request that is no command: whose sender it is answered to."""

    id: str


def _readable_id(payload: bytes) -> str | None:
    try:
        request_id = msgspec.json.decode(payload, type=_Identified).id
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return request_id if 1 <= len(request_id) <= _ID_CHARACTERS else None
