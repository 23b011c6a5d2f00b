"""What is said of a soak that is not over."""

from __future__ import annotations

from benchmarks.measured_day import Day, told_so_far


def day_of(minutes: int) -> Day:
    """One that grows by 0.6 MB an hour, sampled once a minute."""
    day = Day()
    for minute in range(1, minutes + 1):
        day.hours.append(minute / 60)
        day.rest_mb.append(200 + minute / 100)
        day.rss_mb.append(250)
        day.files.append(31)
        day.threads.append(12)
        day.tasks.append(14)
    return day


def test_figures_and_growth_so_far_are_told_in_a_line() -> None:
    assert told_so_far(day_of(480)) == (
        "after 8.00 h: at rest 204.8 MB, growth +0.600 MB an hour (+0.600 … +0.600); resident 250.0 MB; "
        "open files 31; threads 12; tasks of the event loop 14"
    )


def test_growth_is_not_made_up_from_a_few_samples() -> None:
    assert "at rest 200.0 MB, growth not known yet; " in told_so_far(day_of(1))
