"""Home Assistant's MQTT discovery: two entities a room.

Format: Home Assistant documentation, "MQTT discovery" and "MQTT sensor" / "MQTT binary sensor".
"""

from __future__ import annotations

import hashlib
import json

from streamer import __version__
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import Topics, check_levels


def discovery_messages(topics: Topics, settings: MqttSettings) -> tuple[tuple[str, bytes], ...]:
    """Retained (topic, payload) pairs that announce "last caption" and "meeting on"; none where that is not wanted.

    Raises:
        SettingsError: MQTT forbids Home Assistant's prefix.
    """
    if not settings.homeassistant:
        return ()
    prefix = settings.homeassistant_prefix
    check_levels("mqtt.homeassistant_prefix", prefix)
    # Object ids allow only [a-zA-Z0-9_-], rooms and prefixes allow more: a digest keeps them apart.
    node = "streamer_" + hashlib.sha256(f"{topics.prefix}/{topics.room}".encode()).hexdigest()[:12]
    device = {
        "identifiers": [node],
        "name": f"streamer {topics.room}",
        "manufacturer": "streamer",
        "sw_version": __version__,
    }
    common: dict[str, object] = {
        "availability_topic": topics.status,
        "availability_template": "{{ value_json.status }}",
        "device": device,
    }
    caption: dict[str, object] = {
        **common,
        "name": "Last caption",
        "unique_id": f"{node}_caption",
        "state_topic": topics.final,
        # A state has at most 255 characters; the whole text is an attribute.
        "value_template": "{{ value_json.text[:255] }}",
        "json_attributes_topic": topics.final,
        "json_attributes_template": "{{ {'text': value_json.text, 'meeting': value_json.meeting} | tojson }}",
        "icon": "mdi:closed-caption",
    }
    meeting: dict[str, object] = {
        **common,
        "name": "Meeting",
        "unique_id": f"{node}_meeting",
        "state_topic": topics.meeting,
        "value_template": "{{ 'OFF' if value_json.state == 'ended' else 'ON' }}",
        "device_class": "running",
    }
    return (
        (f"{prefix}/sensor/{node}/caption/config", _encoded(caption)),
        (f"{prefix}/binary_sensor/{node}/meeting/config", _encoded(meeting)),
    )


def _encoded(message: dict[str, object]) -> bytes:
    return json.dumps(message, ensure_ascii=False).encode()
