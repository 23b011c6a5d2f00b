from __future__ import annotations

from dataclasses import replace
from datetime import UTC

from streamer.sinks.headings import Headings
from streamer.sinks.messages import CHINESE, ENGLISH
from streamer.types import MeetingEvent
from tests.sinks.events import STARTED, finalized, updated

OTHER = replace(STARTED, meeting_id="20261120T150000Z-77aa", title="二号")


def shown(headings: Headings, *events: MeetingEvent) -> list[str]:
    return [passage.text for event in events for passage in headings.follow(event)]


def test_a_meeting_that_is_returned_to_is_named_above_its_next_line_and_not_before() -> None:
    headings = Headings(CHINESE, has_pack=False, timezone=UTC)
    assert shown(headings, STARTED, OTHER) == ["周会 · USB 麦克风", "二号 · USB 麦克风"]

    assert shown(headings, STARTED, updated(1, 0, "你"), OTHER, updated(1, 0, "好"), STARTED) == []
    assert shown(headings, finalized(1, 0, "你好。"), finalized(2, 1, "再见。")) == ["周会 · USB 麦克风"]


def test_a_meeting_that_is_delivered_late_is_dated() -> None:
    headings = Headings(ENGLISH, has_pack=True, timezone=UTC)
    began = f"{STARTED.started_at:%Y-%m-%d %H:%M}"

    assert shown(headings, replace(STARTED, is_late=True)) == [f"delivered late, of {began} · 周会 · USB 麦克风"]


def test_a_meeting_whose_title_comes_later_is_named_again() -> None:
    headings = Headings(CHINESE, has_pack=True, timezone=UTC)

    assert shown(headings, replace(STARTED, title="", pack=""), STARTED) == ["USB 麦克风", "周会 · USB 麦克风 · zh 0.1"]
