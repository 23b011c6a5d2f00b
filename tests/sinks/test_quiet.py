"""A room whose captions go elsewhere."""

from __future__ import annotations

from streamer.sinks.quiet import WithoutText
from tests.fake_sinks import RecordingSink
from tests.sinks.events import STARTED, ended, finalized, mark, revised, status, updated, warning
from tests.virtual_time import run_virtual


def test_everything_but_text_passes() -> None:
    async def main() -> RecordingSink:
        sink = RecordingSink()
        quiet = WithoutText(sink)
        text = updated(1, 1, "今"), finalized(1, 1, "今天。"), revised(1, 1, "今天，")
        for event in (STARTED, *text, mark(2), status(3), warning("a", "b")):
            await quiet.handle(event)
        await quiet.handle(ended(4))
        return sink

    events = run_virtual(main()).events

    assert events == [STARTED, mark(2), status(3), warning("a", "b"), ended(4)]
