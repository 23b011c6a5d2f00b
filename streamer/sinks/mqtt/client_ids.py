"""Client ids: a broker closes the connection of whoever has the same one."""

from __future__ import annotations

import secrets

from streamer.settings.mqtt import MqttSettings


def client_id(settings: MqttSettings, room: str) -> str:
    """Of a room's publisher: the configured client id, or one that is unique to this process."""
    return settings.client_id or f"streamer-{room}-{secrets.token_hex(4)}"


def passing_client_id(settings: MqttSettings, purpose: str) -> str:
    """Of another client: unique, because a publisher with the same settings would be thrown out by an equal one."""
    return f"{settings.client_id or 'streamer'}-{purpose}-{secrets.token_hex(4)}"
