"""What people are told of what aiomqtt, paho and the system say."""

from __future__ import annotations

import errno
import socket
import ssl

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from streamer.sinks.mqtt.link_errors import LinkError, RefusedForNowError
from streamer.sinks.mqtt.reasons import reason_of
from tests.brokers import free_port

LOGIN = "correct the user (mqtt://USER@HOST) and the password (STREAMER_MQTT_PASSWORD or mqtt.password_file)"
TLS = "its port may expect TLS (mqtts://), or none (mqtt://)"
NETWORK = "look at the network and the firewall"


def lost_while_listening(cause: BaseException | None = None) -> BaseException:
    """As aiomqtt raises it."""
    error = aiomqtt.MqttError("Disconnected during message iteration")
    error.__cause__ = cause
    return error


def unsent(cause: BaseException) -> BaseException:
    """As aiomqtt raises it where the connection was lost before something was published."""
    error = aiomqtt.MqttCodeError(4, "Could not publish message")
    error.__cause__ = cause
    return error


def code(packet: int, name: str) -> aiomqtt.MqttCodeError:
    return aiomqtt.MqttCodeError(ReasonCode(packet, name), "Unexpected disconnection")


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (lost_while_listening(), "the connection was lost"),
        (lost_while_listening(code(PacketTypes.DISCONNECT, "Unspecified error")), "the connection was lost"),
        (
            lost_while_listening(code(PacketTypes.DISCONNECT, "Session taken over")),
            "another program has the same client id; set another mqtt.client_id",
        ),
        (lost_while_listening(ConnectionResetError()), f"it closed the connection; {TLS}"),
        (code(PacketTypes.DISCONNECT, "Keep alive timeout"), "it does not answer any more"),
        (code(PacketTypes.CONNACK, "Not authorized"), f"it refuses the login; {LOGIN}"),
        (code(PacketTypes.CONNACK, "Bad user name or password"), f"it refuses the login; {LOGIN}"),
        (code(PacketTypes.CONNACK, "Banned"), "it says: Banned"),
        (aiomqtt.MqttCodeError(4, "Could not publish message"), "the connection was lost"),
        (unsent(code(PacketTypes.DISCONNECT, "Server shutting down")), "it shuts down"),
        (aiomqtt.MqttCodeError(15, "Could not publish message"), "message queue full"),
        (LinkError("no answer within 10 s"), "no answer within 10 s"),
        (RefusedForNowError("Quota exceeded"), "the broker refused a message: Quota exceeded"),
        (
            UnicodeError("encoding with 'idna' codec failed"),
            "there is no host of this name; correct it, or look at the network",
        ),
        (
            socket.gaierror(-2, "Name or service not known"),
            "there is no host of this name; correct it, or look at the network",
        ),
        (TimeoutError(), f"no answer; {NETWORK}"),
        (OSError(errno.EHOSTUNREACH, "No route to host"), f"no route to host; {NETWORK}"),
    ],
)
def test_what_went_wrong_and_what_helps(error: BaseException, told: str) -> None:
    assert str(reason_of(error)) == told


async def test_a_port_where_nobody_listens() -> None:
    with pytest.raises(aiomqtt.MqttError) as caught:
        await aiomqtt.Client("127.0.0.1", free_port()).__aenter__()

    told = "the connection was refused; start the broker, or correct host and port"
    assert str(reason_of(caught.value)) == told


def test_a_port_without_tls() -> None:
    received = ssl.MemoryBIO()
    handshake = ssl.create_default_context().wrap_bio(received, ssl.MemoryBIO(), server_hostname="broker")
    received.write(b"HTTP/1.0 400 Bad Request\r\n\r\n")
    with pytest.raises(ssl.SSLError) as caught:
        handshake.do_handshake()

    reason = reason_of(caught.value)
    assert reason.what.startswith("no TLS: ")
    assert reason.advice == TLS
