"""Why a broker cannot be used, in words for whoever can do something about it."""

from __future__ import annotations

import os
import socket
import ssl
from dataclasses import dataclass

import aiomqtt
from paho.mqtt.client import error_string
from paho.mqtt.enums import MQTTErrorCode
from paho.mqtt.reasoncodes import ReasonCode

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.link_errors import LinkError


@dataclass(frozen=True, slots=True)
class Reason:
    """What went wrong, and what helps."""

    what: str
    advice: str = ""
    """Empty where nothing is known to help."""

    def __str__(self) -> str:
        return f"{self.what}; {self.advice}" if self.advice else self.what


_LOST = Reason("the connection was lost")
_UNREACHABLE = "look at the network and the firewall"
_LOGIN = "correct the user (mqtt://USER@HOST) and the password (STREAMER_MQTT_PASSWORD or mqtt.password_file)"
_EITHER_TLS = "its port may expect TLS (mqtts://), or none (mqtt://)"
_OTHER_ID = "set another mqtt.client_id"
_CODES = {
    0x80: _LOST,
    0x84: Reason("it does not speak this version of MQTT", 'set mqtt.protocol, "5" or "3.1.1"'),
    0x85: Reason("it refuses the client id", _OTHER_ID),
    0x86: Reason("it refuses the login", _LOGIN),
    0x87: Reason("it refuses the login", _LOGIN),
    0x88: Reason("it is not available"),
    0x8B: Reason("it shuts down"),
    0x8D: Reason("it does not answer any more"),
    0x8E: Reason("another program has the same client id", _OTHER_ID),
}
"""Reason codes of MQTT 5 (2.4); those of 3.1.1 are given as these."""


def reason_of(error: BaseException) -> Reason:
    """What aiomqtt, paho or the system made of it, told as it is for people."""
    match error:
        case aiomqtt.MqttCodeError(rc=ReasonCode() as code):
            reason = _CODES.get(code.value, Reason(f"it says: {code}"))
        case aiomqtt.MqttCodeError(rc=int(), __cause__=BaseException() as cause):
            reason = reason_of(cause)
        case aiomqtt.MqttCodeError(rc=MQTTErrorCode.MQTT_ERR_NO_CONN | MQTTErrorCode.MQTT_ERR_CONN_LOST):
            reason = _LOST
        case aiomqtt.MqttCodeError(rc=int(number)):
            reason = Reason(error_string(number).rstrip(".").lower())
        case OSError() | UnicodeError():
            reason = _of_system(error)
        case LinkError():
            reason = Reason(str(error))
        case aiomqtt.MqttError(__cause__=BaseException() as cause):
            reason = reason_of(cause)
        case aiomqtt.MqttError(__context__=OSError() as cause):
            reason = _of_system(cause)
        case aiomqtt.MqttError() if str(error).startswith("Disconnected during"):
            reason = _LOST
        case _:
            reason = Reason(str(error))
    return reason


def hint_for_silence(settings: MqttSettings, *, tls: bool) -> str:
    """Why somebody may not answer who takes connections; put behind that."""
    expected = [] if tls else ["TLS (mqtts://)"]
    expected += ['MQTT 3.1.1 (mqtt.protocol = "3.1.1")'] if settings.protocol == "5" else []
    return f"; perhaps it expects {' or '.join(expected)}" if expected else ""


def _of_system(error: OSError | UnicodeError) -> Reason:
    match error:
        case ConnectionRefusedError():
            reason = Reason("the connection was refused", "start the broker, or correct host and port")
        case socket.gaierror() | UnicodeError():  # as what can be no host is said to have no IDNA form
            reason = Reason("there is no host of this name", "correct it, or look at the network")
        case ssl.SSLCertVerificationError(verify_message=told):
            advice = "name its authority in mqtt.ca_file, and the host as the certificate does"
            reason = Reason(f"its certificate is not trusted: {told}", advice)
        case ssl.SSLError(reason=str(told)):
            reason = Reason(f"no TLS: {told.replace('_', ' ').lower()}", _EITHER_TLS)
        case ConnectionError():
            reason = Reason("it closed the connection", _EITHER_TLS)
        case TimeoutError():
            reason = Reason("no answer", _UNREACHABLE)
        case OSError(errno=int(number)) if number > 0:
            reason = Reason(os.strerror(number).lower(), _UNREACHABLE)
        case _:
            reason = Reason(str(error), _UNREACHABLE)
    return reason
