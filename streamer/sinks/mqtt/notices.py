"""What a publisher tells people of its broker, each thing once."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import msgspec

from streamer.sinks.mqtt.link_errors import RefusedForNowError
from streamer.sinks.mqtt.outage import Outage
from streamer.sinks.mqtt.reasons import reason_of
from streamer.types import Notice, Severity

LINK_KEY = "mqtt.link"
PARKED_KEY = "mqtt.parked"
REFUSED_KEY = "mqtt.refused"
LEFT_OUT_KEY = "mqtt.left-out"
RIVAL_KEY = "mqtt.rival"
COMMANDS_KEY = "mqtt.commands"
TOKENS_KEY = "mqtt.tokens"
_REMEMBERED = 32


class LinkNotices:
    """Notices about one broker: that it is away, that it is back, what it does not take."""

    def __init__(self, shown: str, notify: Callable[[Notice], None]) -> None:
        """``shown``: the broker's address, for a person to read. ``notify``: shows a notice."""
        self._shown = shown
        self._notify = notify
        self._outage = Outage()
        self._parked = 0
        # The oldest goes first, here and below: a room has fewer topics, but whoever asks names one for the answer.
        self._refused: deque[str] = deque(maxlen=_REMEMBERED)
        self._left_out = 0
        self._no_commands = ""
        # What is sent on each new connection is told of once.
        self._told: deque[tuple[str, bytes]] = deque(maxlen=_REMEMBERED)

    @property
    def is_down(self) -> bool:
        """Whether finals were said to wait, and nothing since."""
        return self._outage.goes_on

    def down(self, error: BaseException) -> None:
        """Finals cannot be sent. Once for each outage, and again where there is another reason that stays."""
        # What matters first: a narrow terminal shows the beginning.
        text = f"MQTT: finals are kept and sent later, no link to {self._shown} ({reason_of(error)})"
        if isinstance(error, RefusedForNowError):
            text = f"MQTT: finals are kept and sent later, {self._shown} does not take them ({error.reason})"
        if self._outage.is_news(text, error):
            self._notify(Notice(LINK_KEY, Severity.WARNING, text))

    def back(self, waiting: int) -> None:
        """Finals are sent again. ``waiting``: how many had to wait."""
        self._outage.end()
        waited = f"; sent now of what waited: {waiting}" if waiting else ""
        self._notify(Notice(LINK_KEY, Severity.INFO, f"MQTT: the link to {self._shown} is back{waited}"))

    def settled(self) -> None:
        """Nobody needs to be told any longer that the link is back."""
        if not self._outage.goes_on:
            self._notify(Notice(LINK_KEY, Severity.INFO, ""))

    def refused(self, topic: str, reason: str) -> None:
        """The broker does not take what is published on a topic other than the finals'; that is left out."""
        if topic in self._refused:
            return
        self._refused.append(topic)
        topics = ", ".join(sorted(self._refused))
        self._notify(
            Notice(REFUSED_KEY, Severity.WARNING, f"MQTT: {self._shown} does not take messages on {topics} ({reason})")
        )

    def left_out(self, topic: str, payload: bytes, reason: str) -> None:
        """The broker does not take one message, which is no final; others of its topic it may."""
        if (topic, payload) in self._told:
            return
        self._told.append((topic, payload))
        self._left_out += 1
        text = f"MQTT: {self._left_out} message(s) left out that {self._shown} does not take"
        self._notify(
            Notice(LEFT_OUT_KEY, Severity.WARNING, f"{text}, at last {_what(topic, payload)} on {topic} ({reason})")
        )

    def parked(self, reason: str) -> None:
        """A final was set aside."""
        self._parked += 1
        text = f"MQTT: {self._parked} final(s) set aside that {self._shown} does not take ({reason})"
        self._notify(Notice(PARKED_KEY, Severity.WARNING, text))

    def without_tokens(self, size: int) -> None:
        """Finals of so many bytes and more are shortened from now on."""
        text = (
            f"MQTT: finals of {size} bytes and more go without tokens, {self._shown} closes the connection over them; "
            "set mqtt.max_message_bytes to what it takes"
        )
        self._notify(Notice(TOKENS_KEY, Severity.WARNING, text))

    def commands(self, refusal: str) -> None:
        """Whether commands come. ``refusal``: why they do not; empty where they do."""
        if refusal != self._no_commands:
            self._no_commands = refusal
            text = f"MQTT: no commands come from {self._shown} ({refusal})" if refusal else ""
            self._notify(Notice(COMMANDS_KEY, Severity.WARNING if refusal else Severity.INFO, text))

    def rival(self, room: str, meeting: str) -> None:
        """Another meeting is held in the same room."""
        text = f"MQTT: another meeting is held in room {room}, {meeting}: --room NAME parts them"
        self._notify(Notice(RIVAL_KEY, Severity.WARNING, text))

    def no_rival(self) -> None:
        """The other meeting has ended."""
        self._notify(Notice(RIVAL_KEY, Severity.INFO, ""))


class _Place(msgspec.Struct, frozen=True):
    """Where captions, marks and gaps belong."""

    segment: int | None = None
    position: float | None = None


def _what(topic: str, payload: bytes) -> str:
    """A message, named so that a person finds it in the meeting."""
    leaf = topic.rpartition("/")[2]
    # An answer to a command may go to a topic with such an end, too: it has no place.
    place = msgspec.json.decode(payload, type=_Place) if leaf in ("revised", "mark", "gap") else _Place()
    if place.segment is not None:
        return f"segment {place.segment}"
    return "a message" if place.position is None else f"the {leaf} at {place.position:g} s"
