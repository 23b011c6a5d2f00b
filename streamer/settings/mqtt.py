"""Settings of MQTT."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec


class MqttSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[mqtt]``: where captions are published, and what may be asked over it."""

    url: str = ""
    """``mqtt://user@host:1883/prefix`` or ``mqtts://…``; empty: no MQTT. A password never stands here."""
    password_env: str = "STREAMER_MQTT_PASSWORD"  # noqa: S105 - the name of a variable
    """Environment variable that holds the password."""
    password_file: str = ""
    """File whose first line is the password; used where the variable is not set."""
    ca_file: str = ""
    """PEM certificates to trust for ``mqtts``; empty: the system's."""
    cert_file: str = ""
    """PEM certificate that the client shows; empty: none."""
    key_file: str = ""
    """PEM key of ``cert_file``; empty: in the same file."""
    protocol: Literal["5", "3.1.1"] = "5"
    """Protocol version."""
    client_id: str = ""
    """Client id of a run; empty: ``streamer-ROOM`` with a random ending. Other commands add an ending of their own."""
    keepalive_s: Annotated[int, msgspec.Meta(ge=5, le=3600)] = 30
    """Seconds without traffic after which the link is tested."""
    timeout_s: Annotated[float, msgspec.Meta(ge=0.5, le=60)] = 10.0
    """Seconds a broker may take to answer before the link counts as dead."""
    final_qos: Annotated[int, msgspec.Meta(ge=0, le=2)] = 1
    """Quality of service of finals, those in hindsight too. 0 gives up the promise that each arrives."""
    partials: bool = True
    """Publish provisional text (QoS 0)."""
    revisions: bool = True
    """Publish finals once more whose marks are chosen otherwise in hindsight (topic ``revised``, as finals are)."""
    metrics_interval_s: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 10.0
    """Seconds between two messages on ``metrics``."""
    max_message_bytes: Annotated[int, msgspec.Meta(ge=512, le=268_435_455)] = 262_144
    """Largest payload, where the broker names no smaller one; longer finals lose tokens, or are parked."""
    backoff_max_s: Annotated[float, msgspec.Meta(ge=1, le=600)] = 10.0
    """Longest wait between two attempts to connect."""
    drain_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 5.0
    """Seconds that a meeting's end waits for the broker; the next run sends the rest."""
    watch_session_s: Annotated[int, msgspec.Meta(ge=0, le=604_800)] = 3600
    """Seconds for which the broker keeps captions for ``streamer watch`` while its link is lost (MQTT 5). 0: none."""
    control: bool = False
    """Accept commands on ``{prefix}/{room}/command``."""
    control_secret_env: str = "STREAMER_MQTT_SECRET"  # noqa: S105 - the name of a variable
    """Environment variable with the secret that signs commands; unset: whoever the broker lets publish may."""
    homeassistant: bool = False
    """Announce "last caption" and "meeting on" to Home Assistant."""
    homeassistant_prefix: str = "homeassistant"
    """Home Assistant's discovery prefix."""
