from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from streamer.sinks.mqtt.payloads import LastCaption, MeetingPayload
from streamer.sinks.mqtt.segments import last_segment
from streamer.types import Segment

STARTED = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(("seconds", "position"), [(90.5, 1_448_000), (-2.0, 0)])
def test_of_the_last_caption_that_a_state_names_the_text_and_the_time_are_known(seconds: float, position: int) -> None:
    said = STARTED + timedelta(seconds=seconds)
    meeting = MeetingPayload("room", "m", "周会", "running", STARTED, "zh 1")

    assert last_segment(meeting, LastCaption(7, 3, "大家好。", said)) == Segment(
        id=7,
        revision=3,
        start_sample=position,
        end_sample=position,
        started_at=said,
        text="大家好。",
        spoken="大家好。",
        stable_length=4,
        is_final=True,
    )
