"""What is being said, as a terminal shows it. Pure."""

from __future__ import annotations

from streamer.sinks.layout import Span, Style
from streamer.sinks.printable import printable
from streamer.types import Segment


def provisional_spans(segment: Segment) -> list[Span]:
    """The text of a segment that grows: what is stable plain, what is provisional dim."""
    stable = _stable_part(segment)
    spans = (Span(printable(segment.text[:stable])), Span(printable(segment.text[stable:]), Style.DIM))
    return [span for span in spans if span.text]


def _stable_part(segment: Segment) -> int:
    """How much of the written text stands for the stable part of what was spoken; marks go with what precedes."""
    spoken = 0
    for at, char in enumerate(segment.text):
        if spoken < len(segment.spoken) and char == segment.spoken[spoken]:
            if spoken == segment.stable_length:
                return at
            spoken += 1
    return len(segment.text)
