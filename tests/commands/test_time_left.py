from __future__ import annotations

import pytest
from rich.progress import Progress

from streamer.commands.time_left import TimeLeftColumn
from tests.virtual_clock import VirtualClock


@pytest.mark.parametrize(("locale", "shown"), [("zh_CN.UTF-8", "还需 0:00:06"), ("en_US.UTF-8", "0:00:06 left")])
def test_an_estimate_says_that_it_is_of_what_is_left(monkeypatch: pytest.MonkeyPatch, locale: str, shown: str) -> None:
    monkeypatch.setenv("LC_ALL", locale)
    clock = VirtualClock()
    bar = Progress(TimeLeftColumn(), get_time=clock.monotonic, disable=True)
    task = bar.add_task("", total=8.0)
    for clock.seconds in (2.0, 3.0):
        bar.advance(task, 1.0)

    assert str(bar.columns[0](bar.tasks[0])) == shown
