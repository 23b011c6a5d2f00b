"""What is left out where the broker does not take it, so that finals never wait for it."""

from __future__ import annotations

from paho.mqtt.properties import Properties

from streamer.sinks.mqtt.breaks import Breaks
from streamer.sinks.mqtt.in_flight import subscription_of
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.link_errors import (
    PublishRefusedError,
    RefusedForNowError,
    SubscriptionRefusedError,
    UnansweredError,
)
from streamer.sinks.mqtt.notices import LinkNotices

_NO_RECEIPT = "it closes the connection, or does not answer"


class BestEffort:
    """Publishes what is no final, over one connection after another, and says what was left out."""

    def __init__(self, breaks: Breaks, notices: LinkNotices) -> None:
        """``breaks``: where whoever holds the connections notes what they broke over."""
        self._breaks = breaks
        self._notices = notices

    async def publish(
        self,
        link: Link,
        topic: str,
        payload: bytes,
        *,
        qos: int = 1,
        retain: bool = False,
        properties: Properties | None = None,
    ) -> bool:
        """Publish and wait for the receipt; whether the broker takes it. What it does not is told to people.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        if self._breaks.is_shunned(topic):
            self._notices.refused(topic, _NO_RECEIPT)
            return False
        if self._breaks.is_left_out(topic, payload):
            self._notices.left_out(topic, payload, _NO_RECEIPT)
            return False
        try:
            await link.deliver(topic, payload, qos=qos, retain=retain, properties=properties)
        except PublishRefusedError as error:
            self._notices.left_out(topic, payload, error.reason)
        except RefusedForNowError as error:
            self._notices.refused(topic, error.reason)
        except UnansweredError:
            self._breaks.note(topic, payload)
            raise
        else:
            self._breaks.note_taken(topic)
            return True
        return False

    async def pass_on(self, link: Link, topic: str, payload: bytes) -> None:
        """Publish with QoS 0. All of the topic is left out where the broker closes the connection over it.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        if self._breaks.is_left_out(topic, b""):
            self._notices.refused(topic, _NO_RECEIPT)
            return
        for taken in await link.pass_on(topic, payload):
            self._breaks.note_taken(taken)

    async def subscribe(self, link: Link, topic: str) -> str:
        """Subscribe with QoS 1; why the broker does not pass the topic on, empty where it does.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        subscription = subscription_of(topic)
        if self._breaks.is_left_out(subscription, b""):
            return _NO_RECEIPT
        try:
            await link.hear(topic)
        except SubscriptionRefusedError as error:
            return str(error)
        except UnansweredError:
            self._breaks.note(subscription, b"")
            raise
        self._breaks.note_taken(subscription)
        return ""
