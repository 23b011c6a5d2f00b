from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.sinks.minutes.material import RECORD

BERLIN = "CET-1CEST,M3.5.0,M10.5.0/3"
"""Summer time begins on 2026-03-29, when 02:00 becomes 03:00, and ends on 2026-10-25, when 03:00 becomes 02:00."""
AUTUMN = replace(RECORD, started_at=datetime(2026, 10, 25, 0, 50, tzinfo=UTC), utc_offset_s=7200)
SPRING = replace(RECORD, started_at=datetime(2026, 3, 29, 0, 50, tzinfo=UTC), utc_offset_s=3600)


@pytest.fixture(autouse=True)
def zone(monkeypatch):
    """The computer's zone; a rule, for not every computer knows the names of zones."""
    with monkeypatch.context() as changed:
        changed.setenv("TZ", BERLIN)
        time.tzset()
        yield
    time.tzset()


@pytest.mark.parametrize(
    ("record", "minute", "shown"),
    [(AUTUMN, 55, "02:55"), (AUTUMN, 65, "02:05"), (SPRING, 55, "01:55"), (SPRING, 65, "03:05")],
)
def test_times_follow_a_change_of_the_clock(record, minute, shown):
    at = record.started_at.replace(hour=minute // 60, minute=minute % 60)

    assert f"{record.local(at):%H:%M}" == shown


def test_a_meeting_of_another_zone_keeps_its_own_time():
    shanghai = replace(AUTUMN, utc_offset_s=8 * 3600)

    assert f"{shanghai.local(datetime(2026, 10, 25, 1, 5, tzinfo=UTC)):%H:%M}" == "09:05"
    assert shanghai.moment(datetime.fromisoformat("2026-10-25 09:05")) == datetime(2026, 10, 25, 1, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wall", "at"),
    [
        ("2026-10-25 02:55", datetime(2026, 10, 25, 0, 55, tzinfo=UTC)),
        ("2026-10-25 02:05", datetime(2026, 10, 25, 1, 5, tzinfo=UTC)),
        ("2026-10-25 03:05", datetime(2026, 10, 25, 2, 5, tzinfo=UTC)),
    ],
)
def test_the_moment_of_a_time_that_came_twice_is_the_first_one_in_the_meeting(wall, at):
    assert AUTUMN.moment(datetime.fromisoformat(wall)) == at


def test_a_time_on_its_own_has_its_date_from_the_second_day_on():
    assert SPRING.told_time(SPRING.started_at) == "01:50:00"
    assert SPRING.told_time(SPRING.started_at + timedelta(minutes=15)) == "03:05:00"
    assert SPRING.told_time(SPRING.started_at + timedelta(hours=22)) == "2026-03-30 00:50:00"


def test_a_time_of_an_hour_that_came_twice_has_its_zone_the_second_time():
    begun = replace(AUTUMN, started_at=AUTUMN.started_at - timedelta(hours=1))
    first = datetime(2026, 10, 25, 0, 15, 0, 250_000, tzinfo=UTC)

    assert [begun.told_time(first + timedelta(hours=hours)) for hours in range(3)] == [
        "02:15:00", "02:15:00 UTC+01:00", "03:15:00",
    ]  # fmt: skip
    assert AUTUMN.told_time(first + timedelta(hours=1)) == "02:15:00", "the only one in the meeting"
