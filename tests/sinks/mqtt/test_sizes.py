from __future__ import annotations

from contextlib import nullcontext

import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from streamer.sinks.mqtt.link_errors import PublishRefusedError
from streamer.sinks.mqtt.sizes import check_size

TOPIC = "streamer/会议"  # 15 bytes


def correlated(size: int) -> Properties:
    """Properties whose correlation data take so many bytes; they add their length, kind and length."""
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.CorrelationData = bytes(size)
    return properties


@pytest.mark.parametrize(
    ("size", "properties", "largest_payload", "largest_packet", "reason"),
    [
        (512, None, 512, None, ""),
        (513, None, 512, None, "513 bytes are more than mqtt.max_message_bytes = 512"),
        (969, None, 1000, 1000, ""),
        (970, None, 1000, 1000, "larger than its limit of 1000 bytes"),
        (865, correlated(100), 1000, 1000, ""),
        (866, correlated(100), 1000, 1000, "larger than its limit of 1000 bytes"),
    ],
)
def test_what_the_broker_would_close_the_connection_over_is_refused(
    size: int, properties: Properties | None, largest_payload: int, largest_packet: int | None, reason: str
) -> None:
    with pytest.raises(PublishRefusedError) if reason else nullcontext() as refused:
        check_size(TOPIC, bytes(size), properties, largest_payload, largest_packet)

    if refused is not None:
        assert (refused.value.reason, refused.value.too_large) == (reason, True)
