"""Finals as passages for a terminal, with what the recogniser doubts in them underlined. Pure."""

from __future__ import annotations

from streamer.sinks.layout import Span, Style
from streamer.sinks.messages import Messages
from streamer.sinks.minutes.alignment import parted, spans_in_doubt
from streamer.sinks.passages import Passage
from streamer.sinks.printable import printable
from streamer.types import Segment


class Doubts:
    """Makes passages of finals; above the first with a doubtful character stands what the line below it means."""

    def __init__(self, messages: Messages, below: float) -> None:
        """``below``: characters less likely to be right than this are doubtful, 0 to 1; 0: none."""
        self._messages = messages
        self._below = below
        self._is_explained = False

    def passages(self, segment: Segment) -> list[Passage]:
        """What is to be read of a final; nothing where it has no text."""
        if not segment.text:
            return []
        at, spans = segment.started_at, self._spans(segment)
        final = Passage(at, "".join(span.text for span in spans), spans=spans)
        if self._is_explained or not any(span.style is Style.DOUBT for span in spans):
            return [final]
        self._is_explained = True
        legend = self._messages.doubt_line.format(doubted=self._messages.doubted)
        return [Passage(at, legend, Style.DIM, is_timed=False), final]

    def _spans(self, segment: Segment) -> tuple[Span, ...]:
        doubts = spans_in_doubt(segment.text, segment.tokens, self._below)
        spans = (
            Span(printable(part), Style.DOUBT if is_doubtful else Style.PLAIN)
            for part, is_doubtful in parted(segment.text, doubts)
        )
        return tuple(span for span in spans if span.text)
