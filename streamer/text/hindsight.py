"""Marks in hindsight: what was final is punctuated once more when the words after it are known.

A caption cannot wait for what is said next, so its marks are chosen from what was said before, and at its end from a
silence alone. Minutes and transcripts can wait: the model is shown each character between its neighbours on both sides,
and the silences between utterances as long as they were. Only marks change, and a number at a forced cut is written in
digits where it does not go on; what was said stays.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from streamer.errors import RecognizerError, StreamerError
from streamer.settings.text import TextSettings
from streamer.text.finisher import LEAST_PAUSE_S, pauses_after, usual_gap
from streamer.text.names import NamesAt
from streamer.text.parted import normalise_parted
from streamer.text.punctuation import CONTEXT, Punctuator, punctuate
from streamer.types import SAMPLE_RATE, EndReason, Segment, Token

JUDGED: Final = 80
"""Characters that are judged together, at least: a window a sentence would cost the context of each."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class _Row:
    """A final that waits for what follows."""

    segment: Segment
    written: list[Token]
    pauses: list[float]
    """Seconds of silence after each written token; that after the last one is known when the next final comes."""


class Hindsight:
    """Judges a meeting's finals, given in order, when enough characters after them are known.

    What it gives depends on the sequence of finals only: the same whether they come while a meeting runs or later, out
    of the store. It never fails: where the model does, finals keep their texts.
    """

    def __init__(self, punctuator: Punctuator, settings: TextSettings, names_at: NamesAt = lambda _: None) -> None:
        """``settings``: whether numbers are written in digits. ``names_at``: whose numerals stay as they are."""
        self._names_at = names_at
        self._punctuator = punctuator
        self._settings = settings
        # Bounded by JUDGED and CONTEXT: what is due is judged before more comes.
        self._rows: list[_Row] = []
        self._before: list[tuple[str, float]] = []
        """The last ``CONTEXT`` characters that were judged, with the silence after each."""
        self._text_before = ""
        """The last text that was written."""

    def push(self, segment: Segment) -> bool:
        """Take a final; whether :meth:`judge` has something to do now."""
        row = _Row(segment, written := [token for token in segment.tokens if token.text], pauses_after(written))
        spoken = [each for each in self._rows if each.written]
        if spoken and row.written:
            spoken[-1].pauses[-1] = _silence(spoken[-1], row)
        self._rows.append(row)
        return sum(len(each.written) for each in self._rows) >= JUDGED + CONTEXT

    def judge(self) -> list[tuple[Segment, Segment]]:
        """The oldest finals, each as it was and in hindsight: all after which enough is known.

        Where the text stays, both are the same object; else the second has another text and the next revision. Called
        in the inference thread.
        """
        known, count = 0, len(self._rows)
        while count and known < CONTEXT:
            count -= 1
            known += len(self._rows[count].written)
        return self._judged(count)

    def finish(self) -> list[tuple[Segment, Segment]]:
        """As :meth:`judge`, the finals that are left: nothing comes after them."""
        return self._judged(len(self._rows))

    def _judged(self, count: int) -> list[tuple[Segment, Segment]]:
        told = [pair for row in self._rows for pair in zip([t.text for t in row.written], row.pauses, strict=True)]
        judged, self._rows = self._rows[:count], self._rows[count:]
        size = sum(len(row.written) for row in judged)
        shown, first = [*self._before, *told], len(self._before)
        self._before = shown[: first + size][-CONTEXT:]
        try:
            marks = self._punctuator.marks_between(shown, first, first + size)
        except RecognizerError as error:
            logger.warning("lines whose marks stay as they were: %d (%s)", len(judged), error)
            kept = (row.segment.text for row in reversed(judged) if row.segment.text)
            self._text_before = next(kept, self._text_before)
            return [(row.segment, row.segment) for row in judged]
        pairs: list[tuple[Segment, Segment]] = []
        for place, row in enumerate(judged, start=1):
            own, marks = marks[: len(row.written)], marks[len(row.written) :]
            pairs.append((row.segment, self._revised(row, own, [*judged[place:], *self._rows])))
        return pairs

    def _revised(self, row: _Row, marks: list[str], later: list[_Row]) -> Segment:
        text = punctuate([token.text for token in row.written], marks)
        if self._settings.numbers:
            is_cut = row.segment.end_reason is EndReason.FORCED
            after = next((each.written for each in later if each.written), []) if is_cut else []
            names = self._names_at(row.segment.start_sample)
            text = normalise_parted(text, self._text_before, "".join(token.text for token in after), names)
        self._text_before = text or self._text_before
        segment = row.segment
        return segment if text == segment.text else replace(segment, text=text, revision=segment.revision + 1)


def in_hindsight(segments: Iterable[Segment], hindsight: Hindsight) -> Iterator[tuple[Segment, Segment]]:
    """Finals in order, each as it was and in hindsight; a few are read ahead.

    An error of ``segments`` is raised after what came before it.
    """
    failure: StreamerError | None = None
    try:
        for segment in segments:
            if hindsight.push(segment):
                yield from hindsight.judge()
    except StreamerError as error:
        failure = error
    yield from hindsight.finish()
    if failure is not None:
        raise failure


def _silence(left: _Row, right: _Row) -> float:
    """Seconds between the last token of a final and the first one of the next, without what is usual between tokens.

    By the wall clock: positions do not count what was not recorded.
    """
    apart = (right.segment.started_at - left.segment.started_at).total_seconds()
    until_first = right.written[0].start_sample - right.segment.start_sample
    until_last = left.written[-1].end_sample - left.segment.start_sample
    # Clocks count microseconds: two meetings of the same sound must not differ by where a second begins.
    silence = round(apart + (until_first - until_last - usual_gap(left.written)) / SAMPLE_RATE, 3)
    return silence if silence >= LEAST_PAUSE_S else 0.0
