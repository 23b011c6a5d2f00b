from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from streamer.sinks.days import Days

NIGHT = datetime(2026, 11, 20, 23, 59, 58, tzinfo=UTC)


def dates(days: Days, *seconds: float) -> list[str]:
    return [days.date_above(NIGHT + timedelta(seconds=passed)) for passed in seconds]


def test_a_date_stands_where_a_new_day_begins() -> None:
    assert dates(Days(lambda at: at), 0, 1, 2, 3, 86_400, 86_402) == ["", "", "2026-11-21", "", "", "2026-11-22"]


def test_it_stands_above_the_first_time_where_the_date_before_is_another() -> None:
    days = Days(lambda at: at)
    days.begin(NIGHT)

    assert dates(days, 60, 0) == ["2026-11-21", "2026-11-20"]


def test_a_day_is_one_of_the_clock_that_is_shown() -> None:
    shanghai = timezone(timedelta(hours=8))

    assert dates(Days(lambda at: at.astimezone(shanghai)), 0, 2, 16 * 3600 + 2) == ["", "", "2026-11-22"]


def test_a_clock_that_is_changed_tells_its_zone() -> None:
    def berlin(at: datetime) -> datetime:
        return at.astimezone(timezone(timedelta(hours=2 if at < NIGHT + timedelta(seconds=60) else 1)))

    assert dates(Days(berlin), 0, 59, 60, 61) == ["", "", "2026-11-21 UTC+01:00", ""]
