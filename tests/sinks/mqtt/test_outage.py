"""Of an outage the newest reason is told that stays."""

from __future__ import annotations

import ssl

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from streamer.sinks.mqtt.outage import Outage

LOST = aiomqtt.MqttError("Disconnected during message iteration")
REFUSED = ConnectionRefusedError()
LOGIN = aiomqtt.MqttCodeError(ReasonCode(PacketTypes.CONNACK, "Not authorized"))
CERTIFICATE = ssl.SSLCertVerificationError()


def told(outage: Outage, *errors: BaseException) -> list[BaseException]:
    """Those of the errors that are news."""
    return [error for error in errors if outage.is_news(repr(error), error)]


def test_the_first_reason_is_told_and_another_where_it_is_found_twice_in_a_row() -> None:
    outage = Outage()

    assert told(outage, LOST, REFUSED, LOST, REFUSED, REFUSED, REFUSED) == [LOST, REFUSED]
    assert told(outage, CERTIFICATE, CERTIFICATE, REFUSED, CERTIFICATE) == [CERTIFICATE]


def test_what_the_broker_answers_is_told_at_once() -> None:
    assert told(Outage(), LOST, LOGIN, LOGIN) == [LOST, LOGIN]


def test_an_outage_after_another_is_told_anew() -> None:
    outage = Outage()
    before = told(outage, LOST)
    outage.end()

    assert (before, outage.goes_on, told(outage, LOST)) == ([LOST], False, [LOST])
