"""Whether the MQTT broker takes this machine: connection, certificates, login."""

from __future__ import annotations

import asyncio
import stat
from pathlib import Path

import msgspec

from streamer.doctor.finding import Finding, bad, doubtful, good
from streamer.errors import StreamerError
from streamer.places import is_there, named
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, check_address, check_levels
from streamer.sinks.mqtt.client_ids import passing_client_id
from streamer.sinks.mqtt.credentials import read_password

_PATIENCE = 5.0
"""Seconds that a broker may take to answer."""


def check_broker(settings: MqttSettings) -> Finding:
    """Log in at the configured broker and leave; nothing is published, and no running streamer is thrown out."""
    if not settings.url:
        return good("MQTT", "not configured")
    import aiomqtt  # noqa: PLC0415 - only where a broker is configured

    try:
        address = check_address(settings.url)
        if settings.homeassistant:
            check_levels("mqtt.homeassistant_prefix", settings.homeassistant_prefix)
        asyncio.run(_log_in(address, settings))
    except StreamerError as error:
        return bad("MQTT", str(error), "correct what [mqtt] says")
    except (aiomqtt.MqttError, OSError) as error:
        from streamer.sinks.mqtt.reasons import reason_of  # noqa: PLC0415 - aiomqtt, as above

        reason = reason_of(error)
        usual = "start the broker, or correct host, port and firewall"
        return bad("MQTT", f"{address.shown}: {reason.what}", reason.advice or usual)
    told = f"{address.shown} takes the login"
    # The key may lie in the file of the certificate.
    for secret in filter(None, (settings.password_file, settings.key_file or settings.cert_file)):
        if _may_everybody_read(named(secret)):
            return doubtful("MQTT", f"{told}; everybody on this machine may read {secret}", f"chmod o= {secret}")
    return good("MQTT", told)


def _may_everybody_read(file: Path) -> bool:
    """Whether they may; not of one that is not there, as that of a password that the environment holds."""
    return is_there(file) and bool(file.stat().st_mode & stat.S_IROTH)


async def _log_in(address: BrokerAddress, settings: MqttSettings) -> None:
    from streamer.sinks.mqtt.link import Link, connected  # noqa: PLC0415 - aiomqtt, as above

    link = Link(
        address,
        msgspec.structs.replace(settings, timeout_s=_PATIENCE),
        username=address.user,
        password=read_password(settings),
        identifier=passing_client_id(settings, "doctor"),
    )
    async with connected(link):
        pass
