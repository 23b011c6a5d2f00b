"""Where each written character was heard: written text against the tokens it was made of."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher

from streamer.minutes import Line, Moment
from streamer.types import Token


@dataclass(frozen=True, slots=True)
class Span:
    """A passage of a text, in code points."""

    start: int
    end: int
    """After its last character."""


def tokens_by_character(text: str, tokens: tuple[Token, ...]) -> list[Token | None]:
    """For each character of a written text the token it came from; None for punctuation and what nobody said.

    Characters that stand in the text as they were spoken are matched; of what was rewritten (二十 as 20) each written
    character is given a token of the same passage, in proportion.
    """
    spoken = [(token.text, token) for token in tokens if token.text]
    heard = [one for text_of, token in spoken for one in [(part, token) for part in text_of]]
    found: list[Token | None] = [None] * len(text)
    matcher = SequenceMatcher(None, [part for part, _ in heard], list(text), autojunk=False)
    for kind, i1, i2, j1, j2 in matcher.get_opcodes():
        if kind == "equal":
            found[j1:j2] = [token for _, token in heard[i1:i2]]
        elif kind == "replace":
            places = [place for place in range(j1, j2) if text[place].isalnum()]
            for rank, place in enumerate(places):
                found[place] = heard[i1 + rank * (i2 - i1) // len(places)][1]
    return found


def doubtful_spans(line: Line, below: float) -> tuple[Span, ...]:
    """The passages of a line whose tokens are less likely right than ``below``; none where a person wrote the line.

    Punctuation between two doubtful characters belongs to the passage.
    """
    return () if line.edited else spans_in_doubt(line.text, line.tokens, below)


def spans_in_doubt(text: str, tokens: tuple[Token, ...], below: float) -> tuple[Span, ...]:
    """The passages of a written text whose tokens are less likely right than ``below``."""
    if not any(_doubtful(token, below) for token in tokens):
        return ()
    spans: list[Span] = []
    is_doubtful_so_far = False
    for place, token in enumerate(tokens_by_character(text, tokens)):
        if token is None:
            continue
        if _doubtful(token, below):
            if is_doubtful_so_far:
                spans[-1] = Span(spans[-1].start, place + 1)
            else:
                spans.append(Span(place, place + 1))
        is_doubtful_so_far = _doubtful(token, below)
    return tuple(spans)


def parted(text: str, spans: Iterable[Span]) -> Iterator[tuple[str, bool]]:
    """A text in parts that follow each other, each with whether it is one of these passages; none is empty."""
    reached = 0
    for span in spans:
        if span.start > reached:
            yield text[reached : span.start], False
        yield text[span.start : span.end], True
        reached = span.end
    if reached < len(text):
        yield text[reached:], False


class FirstDoubt:
    """Knows which line of a file is the first with a doubtful passage: above it stands what its marks mean."""

    def __init__(self, below: float) -> None:
        """``below``: as of :func:`doubtful_spans`."""
        self._below = below
        self._is_found = False

    def begin(self) -> None:
        """The file is written anew."""
        self._is_found = False

    def is_in(self, entry: Line | Moment) -> bool:
        """Whether this is that line; entries come in order, each once."""
        if self._is_found or not isinstance(entry, Line) or not doubtful_spans(entry, self._below):
            return False
        self._is_found = True
        return True


def character_times(line: Line) -> list[tuple[int, int]]:
    """Begin and end of each written character in the recording, in samples; never running backwards.

    Characters without a token lie where the one before them ended; a line without tokens is spread evenly.
    """
    found = tokens_by_character(line.text, line.tokens)
    if not any(found):
        step = (line.end_sample - line.start_sample) / max(1, len(line.text))
        edges = [round(line.start_sample + index * step) for index in range(len(line.text) + 1)]
        return list(itertools.pairwise(edges))
    times: list[tuple[int, int]] = []
    reached = line.start_sample
    for token in found:
        start = max(reached, token.start_sample) if token is not None else reached
        end = max(start, token.end_sample) if token is not None else start
        times.append((start, end))
        reached = end
    return times


def _doubtful(token: Token, below: float) -> bool:
    return token.confidence is not None and token.confidence < below
