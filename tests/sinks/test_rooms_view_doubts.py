"""Several rooms on one terminal: what is doubtful in their finals."""

from __future__ import annotations

from datetime import UTC

from streamer.sinks.layout import Size, Span, Style
from streamer.sinks.messages import CHINESE
from streamer.sinks.rooms_view import RoomsView
from tests.sinks.events import doubted


def test_doubtful_characters_are_underlined_and_explained_once_for_all_rooms() -> None:
    view = RoomsView(("a", "hall"), CHINESE, timezone=UTC, doubt_below=0.5)
    view.follow("a", doubted(1, 1, "今天。", "天"))
    view.follow("hall", doubted(1, 2, "明天。", "天"))
    picture = view.picture(Size(60, 24))

    assert [row for passage in picture.finished for row in view.rows(passage, picture.size)] == [
        (Span("（下划线：机器没有把握的文字）", Style.DIM),),
        (Span("14:30:01  ", Style.DIM), Span("[a] 今"), Span("天", Style.DOUBT), Span("。")),
        (Span("14:30:02  ", Style.DIM), Span("[hall] 明"), Span("天", Style.DOUBT), Span("。")),
    ]
