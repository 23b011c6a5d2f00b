"""How large a message may be on its way to a broker. Pure."""

from __future__ import annotations

from paho.mqtt.properties import Properties

from streamer.sinks.mqtt.link_errors import PublishRefusedError

_FRAME_BYTES = 16
"""Kind, lengths and number of a packet, which take 10 at most."""


def check_size(
    topic: str, payload: bytes, properties: Properties | None, largest_payload: int, largest_packet: int | None
) -> None:
    """Refuse what the broker would close the connection over.

    Args:
        topic: the message's.
        payload: likewise.
        properties: likewise; such as the correlation data of whoever asked.
        largest_payload: bytes that the settings allow.
        largest_packet: bytes that the broker takes; None where it names no limit.

    Raises:
        PublishRefusedError: it is larger.
    """
    if len(payload) > largest_payload:
        text = f"{len(payload)} bytes are more than mqtt.max_message_bytes = {largest_payload}"
        raise PublishRefusedError(text, too_large=True)
    told = len(properties.pack()) if properties is not None else 0  # type: ignore[no-untyped-call]
    if largest_packet is not None and len(payload) + len(topic.encode()) + told + _FRAME_BYTES > largest_packet:
        raise PublishRefusedError(f"larger than its limit of {largest_packet} bytes", too_large=True)
