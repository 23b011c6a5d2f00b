"""What may be wrong with a link, or with what is sent over it.

aiomqtt.MqttError
└─ LinkError                      the connection is of no use
   ├─ UnansweredError             the broker answered other messages, but not this one
   ├─ RefusedForNowError          the broker does not take a message, but may later
   └─ SubscriptionRefusedError    the broker does not pass a topic on
SinkError
└─ PublishRefusedError            the broker will never take a message
"""

from __future__ import annotations

import aiomqtt
from paho.mqtt.reasoncodes import ReasonCode

from streamer.errors import SinkError

_PACKET_TOO_LARGE = 0x95
_NEVER = frozenset({_PACKET_TOO_LARGE, 0x90, 0x99})
"""Reason codes that no retry changes (MQTT 5, 2.4): packet too large, topic name invalid, payload format invalid."""


class PublishRefusedError(SinkError):
    """The broker will never take this message; the connection is fine."""

    def __init__(self, reason: str, *, too_large: bool) -> None:
        super().__init__(f"the broker refused a message: {reason}")
        self.reason = reason
        self.too_large = too_large


class LinkError(aiomqtt.MqttError):
    """The connection is of no use; the message is for people."""


class UnansweredError(LinkError):
    """No receipt in time, over a connection on which other messages got theirs."""


class RefusedForNowError(LinkError):
    """The broker does not take this message, but may later: rights, a quota. The connection is fine."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the broker refused a message: {reason}")
        self.reason = reason


class SubscriptionRefusedError(LinkError):
    """The broker does not pass on what is published on a topic. The connection is fine."""

    def __init__(self, topic: str, reason: str) -> None:
        """``reason``: the broker's; empty where it gives none."""
        super().__init__(f"it does not pass on {topic}" + (f": {reason}" if reason else ""))


def publish_refusal(code: ReasonCode) -> PublishRefusedError | RefusedForNowError:
    """What the broker means by the code in its receipt of a message."""
    if code.value in _NEVER:
        return PublishRefusedError(str(code), too_large=code.value == _PACKET_TOO_LARGE)
    return RefusedForNowError(str(code))
