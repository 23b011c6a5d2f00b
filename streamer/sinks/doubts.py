"""Finals as passages for a terminal, with what the recogniser doubts in them underlined. Pure."""

from __future__ import annotations

from streamer.sinks.layout import Span, Style
from streamer.sinks.messages import Messages
from streamer.sinks.minutes.alignment import spans_in_doubt
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
        text, reached = segment.text, 0
        spans: list[Span] = []
        for doubt in spans_in_doubt(text, segment.tokens, self._below):
            spans.append(Span(printable(text[reached : doubt.start])))
            spans.append(Span(printable(text[doubt.start : doubt.end]), Style.DOUBT))
            reached = doubt.end
        spans.append(Span(printable(text[reached:])))
        return tuple(span for span in spans if span.text)
