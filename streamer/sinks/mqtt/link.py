"""One connection to a broker: aiomqtt's client, plus what the broker said about limits and deliveries."""

from __future__ import annotations

import asyncio
import math
import socket
from collections.abc import AsyncIterator, Awaitable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext, suppress
from typing import Any, TypeVar

import aiomqtt
from paho.mqtt.client import Client as PahoClient
from paho.mqtt.client import ConnectFlags, DisconnectFlags
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress
from streamer.sinks.mqtt.credentials import tls_context
from streamer.sinks.mqtt.in_flight import SUBSCRIPTION, InFlight, subscription_of
from streamer.sinks.mqtt.link_errors import (
    LinkError,
    SubscriptionRefusedError,
    UnansweredError,
    publish_refusal,
)
from streamer.sinks.mqtt.reasons import hint_for_silence
from streamer.sinks.mqtt.sizes import check_size
from streamer.sinks.mqtt.watched import WatchedClient

T = TypeVar("T")

_INCOMING = 64
"""Commands or captions that wait to be taken; aiomqtt drops what comes beyond, and says so in its log."""

_AT_ONCE = ((socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),)
"""Else a message may wait until the other side has confirmed the one before, for which it may take 40 ms (Nagle)."""

_UNSPECIFIED = 0x80
"""The only reason that MQTT 3.1.1 gives for a subscription that is refused."""


class Link(WatchedClient):
    """A client that lives for one connection.

    aiomqtt 2.5 keeps neither the limits in CONNACK nor the code in PUBACK, so that its callbacks are extended here;
    the dependency is pinned below 3 and tests against mosquitto guard both.
    """

    largest_packet: int | None = None
    """Bytes of the largest packet that the broker takes (MQTT 5); None where it names no limit."""
    closed_over: tuple[str, bytes] | None = None
    """Topic and payload of the one message that was not answered when the other side closed the connection, without
    payload where it had QoS 0; None: that was none, or several."""

    def __init__(
        self, address: BrokerAddress, settings: MqttSettings, *, one_at_a_time: bool = False, **options: Any
    ) -> None:
        """Prepare.

        Args:
            address: the broker's.
            settings: protocol, time-outs, largest payload.
            one_at_a_time: whether a publication waits until the one before has its receipt, so that it is known over
                which the other side closes the connection. Takes up to one round trip more.
            **options: aiomqtt's.

        Raises:
            SettingsError: a certificate or key cannot be read.
        """
        super().__init__(
            address.host,
            address.port,
            protocol=aiomqtt.ProtocolVersion.V5 if settings.protocol == "5" else aiomqtt.ProtocolVersion.V311,
            tls_context=tls_context(settings) if address.tls else None,
            keepalive=settings.keepalive_s,
            timeout=settings.timeout_s,
            socket_options=_AT_ONCE,
            **{"max_queued_incoming_messages": _INCOMING} | options,
        )
        # What goes wrong is raised; paho's own log would say so again, at each attempt.
        self._client.disable_logger()
        self._hint = hint_for_silence(settings, tls=address.tls)
        self._largest_payload = settings.max_message_bytes
        # By number of the message; each is taken out by the call that sent it.
        self._refusals: dict[int, ReasonCode] = {}
        self._turn: AbstractAsyncContextManager[None] = asyncio.Lock() if one_at_a_time else nullcontext()
        self._in_flight = InFlight()
        self._has_answered = False
        # What fails while nobody waits for it (the link is given up or being left, a publication failed first) is told
        # by the call that failed, or to nobody; unretrieved, asyncio would log it as an error of the program.
        self._connected.add_done_callback(_retrieve)
        self._disconnected.add_done_callback(self._end_waits)

    async def deliver(
        self, topic: str, payload: bytes, *, qos: int, retain: bool = False, properties: Properties | None = None
    ) -> None:
        """Publish and wait for the broker's receipt.

        Raises:
            PublishRefusedError: the broker will never take this message; the connection is fine.
            RefusedForNowError: the broker does not take it now; the connection is fine.
            UnansweredError: no receipt within ``timeout_s``, where others got theirs.
            aiomqtt.MqttError: no receipt in time, or the connection is gone.
        """
        check_size(topic, payload, properties, self._largest_payload, self.largest_packet)
        async with self._turn:
            # As aiomqtt's publish, which does not tell the number under which a refusal comes.
            sent = self._client.publish(topic, payload, qos, retain, properties)
            if sent.rc != MQTTErrorCode.MQTT_ERR_SUCCESS:
                loss = self._disconnected.exception() if self.is_lost else None
                raise aiomqtt.MqttCodeError(sent.rc, "Could not publish message") from loss
            if not sent.is_published():
                self._in_flight.send(sent.mid, topic, payload)
                await self._receipt(sent.mid)
                self._in_flight.confirm(sent.mid)
                self._has_answered = True
        code = self._refusals.pop(sent.mid, None)
        if code is not None:
            raise publish_refusal(code)

    async def pass_on(self, topic: str, payload: bytes) -> set[str]:
        """Publish with QoS 0; topics of what was passed on before and has arrived since.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        async with self._turn:
            self._in_flight.pass_on(topic)
            await self.publish(topic, payload, qos=0)
        return self._in_flight.take_taken()

    async def hear(self, topic: str) -> None:
        """Subscribe with QoS 1.

        Raises:
            SubscriptionRefusedError: the broker does not pass this on; the connection is fine.
            UnansweredError: no receipt within ``timeout_s``, where others got theirs.
            aiomqtt.MqttError: no receipt in time, or the connection is gone.
        """
        async with self._turn:
            self._in_flight.send(SUBSCRIPTION, subscription_of(topic), b"")
            (code,) = await self.subscribe(topic, qos=1)
            self._in_flight.confirm(SUBSCRIPTION)
        if isinstance(code, ReasonCode) and code.is_failure:
            raise SubscriptionRefusedError(topic, "" if code.value == _UNSPECIFIED else str(code))

    async def _receipt(self, number: int) -> None:
        receipt = asyncio.Event()
        with self._pending_call(number, receipt, self._pending_publishes):
            await self._wait_for(receipt.wait(), None)
            if number in self._pending_publishes:
                raise aiomqtt.MqttError("Disconnected during publishing") from self._disconnected.exception()

    async def _wait_for(self, fut: Awaitable[T], timeout: float | None) -> T:  # noqa: ASYNC109 - aiomqtt's signature
        """As aiomqtt's, without ``asyncio.wait_for``: that loses a cancellation that comes with the answer (3.11)."""
        limit = self.timeout if timeout is None else timeout
        try:
            async with asyncio.timeout(None if limit == math.inf else limit):
                return await fut
        except TimeoutError:
            hint = self._hint if fut is self._connected else ""
            # A broker that answers nothing hangs; one that answers other messages may not stand this one.
            kind = UnansweredError if self._has_answered else LinkError
            raise kind(f"no answer within {limit:g} s{hint}") from None

    async def leave_for_good(self) -> None:
        """Disconnect and have the broker forget the session (MQTT 5).

        Raises:
            aiomqtt.MqttError: the goodbye could not be sent.
        """
        goodbye = Properties(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
        goodbye.SessionExpiryInterval = 0
        self._client.disconnect(properties=goodbye)
        await self._wait_for(self._disconnected, None)

    @property
    def is_lost(self) -> bool:
        """Whether the other side has closed the connection."""
        return self._disconnected.done()

    def _end_waits(self, disconnected: asyncio.Future[None]) -> None:
        """No receipt comes any more."""
        if not disconnected.cancelled() and disconnected.exception() is not None:
            self.closed_over = self._in_flight.suspect
        for receipt in self._pending_publishes.values():
            receipt.set()
        for answer in self._pending_subscribes.values():
            if not answer.done():
                answer.set_exception(aiomqtt.MqttError("Disconnected during subscribing"))

    def _on_connect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: ConnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        self.largest_packet = getattr(properties, "MaximumPacketSize", None)
        super()._on_connect(client, userdata, flags, reason_code, properties)

    def _on_disconnect(
        self,
        client: PahoClient,
        userdata: Any,
        flags: DisconnectFlags,
        reason_code: ReasonCode,
        properties: Properties | None = None,
    ) -> None:
        if not self._connected.done():
            # aiomqtt would wait for an answer that cannot come. Nobody waits any more where the link was given up.
            self._connected.add_done_callback(_retrieve)
            text = f"it closed the connection without an answer{self._hint}"
            self._connected.set_exception(LinkError(text))
        # Given up before the broker answered: aiomqtt asks for the outcome, and what is cancelled has none.
        elif not self._connected.cancelled():
            super()._on_disconnect(client, userdata, flags, reason_code, properties)

    def _on_publish(
        self, client: PahoClient, userdata: Any, mid: int, reason_code: ReasonCode, properties: Properties
    ) -> None:
        if isinstance(reason_code, ReasonCode) and reason_code.is_failure:
            self._refusals[mid] = reason_code
        super()._on_publish(client, userdata, mid, reason_code, properties)


def _retrieve(outcome: asyncio.Future[None]) -> None:
    if not outcome.cancelled():
        outcome.exception()


@asynccontextmanager
async def connected(link: Link) -> AsyncIterator[Link]:
    """Hold a connection; leaving never waits for a broker that has stopped answering."""
    await link.__aenter__()
    try:
        yield link
    finally:
        # The link is given up in any case: a broker that does not confirm a goodbye keeps nothing of ours waiting.
        with suppress(aiomqtt.MqttError):
            await link.__aexit__(None, None, None)
