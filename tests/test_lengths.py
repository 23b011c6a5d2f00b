from __future__ import annotations

import pytest

from streamer.lengths import duration, length_of
from streamer.sinks.minutes.subtitles import timestamp
from streamer.types import SAMPLE_RATE


@pytest.mark.parametrize(
    ("seconds", "told"), [(0.9, "0:00:00"), (3723, "1:02:03"), (93_784.2, "26:03:04"), (3_600_001, "1000:00:01")]
)
def test_days_are_told_in_hours(seconds: float, told: str) -> None:
    assert length_of(seconds) == told


@pytest.mark.parametrize(("hours", "told"), [(0, "00:00:01"), (26, "26:00:01"), (100, "100:00:01")])
def test_hours_have_two_digits_where_lengths_stand_in_a_row(hours: int, told: str) -> None:
    assert duration((hours * 3600 + 2) * SAMPLE_RATE - 1) == told
    assert timestamp(hours * 3_600_000 + 1004, ",") == f"{told},004"
