"""Marks as a meeting gets them: utterance by utterance, without what is said next.

Held-out meetings have no sound. Their pauses are simulated, and cut them into utterances as the segmenter's settings
would: by silence, or at the longest pause before the longest utterance. Each utterance is punctuated at its final, with
the characters before it as context. What it costs that nothing is known of the next utterance is in the scores, too,
and that no mark follows a forced cut. Minutes get the marks of hindsight instead, out of the same utterances.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.settings.segmenter import SegmenterSettings
from streamer.settings.text import TextSettings
from streamer.text.hindsight import Hindsight, in_hindsight
from streamer.text.punctuation import CONTEXT, MARKS, Ending, Punctuator
from streamer.types import SAMPLE_RATE, Segment, Token

SECONDS_A_CHARACTER: Final = 0.22
"""Of conversation: 4.5 characters a second."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LEAST_PAUSE_S: Final = 0.1
_OVERLAP_CHARACTERS: Final = 3
"""A cut where no pause is lies in the middle of the overlap of two utterances."""


@dataclass(frozen=True, slots=True)
class Cut:
    """One utterance of a text."""

    start: int
    """First character."""
    stop: int
    """Character after the last one."""
    ending: Ending
    """Why it ends."""


def utterances(pauses: npt.NDArray[np.float32], settings: SegmenterSettings) -> list[Cut]:
    """Cut a text.

    Args:
        pauses: (n,) seconds of silence after each character.
        settings: of the segmenter.
    """
    ends = np.cumsum(SECONDS_A_CHARACTER + pauses)
    cuts: list[Cut] = []
    start = 0
    while start < len(pauses):
        began = ends[start - 1] if start else 0.0
        cut = Cut(start, len(pauses), "silence")
        for place in range(start, len(pauses)):
            said = float(ends[place] - pauses[place] - began)
            if said > settings.max_utterance_ms / 1000:
                cut = Cut(start, _forced_cut(pauses, ends, start, place, settings), "forced")
                break
            if pauses[place] >= _end_silence(said, settings):
                cut = Cut(start, place + 1, "silence")
                break
        cuts.append(cut)
        start = cut.stop
    return cuts


def live_marks(
    punctuator: Punctuator, characters: Sequence[str], pauses: npt.NDArray[np.float32], cuts: Sequence[Cut]
) -> npt.NDArray[np.int64]:
    """(n,) index into ``MARKS`` of what is written after each character."""
    written: list[str] = []
    for cut in cuts:
        # The pause that ends an utterance is not among those that its tokens show.
        quiet = [*pauses[cut.start : cut.stop - 1].tolist(), 0.0]
        before = characters[max(0, cut.start - CONTEXT) : cut.start]
        written += punctuator.marks(characters[cut.start : cut.stop], cut.ending, context=before, pauses=quiet)
    return np.array([MARKS.index(mark) for mark in written], np.int64)


def marks_in_hindsight(
    punctuator: Punctuator, characters: Sequence[str], pauses: npt.NDArray[np.float32], cuts: Sequence[Cut]
) -> npt.NDArray[np.int64]:
    """(n,) index into ``MARKS`` of what minutes have after each character."""
    hindsight = Hindsight(punctuator, TextSettings(numbers=False))
    pairs = in_hindsight(_finals(characters, pauses, cuts), hindsight)
    written: list[int] = []
    for character in "".join(segment.text for _, segment in pairs):
        if character in MARKS:
            written[-1] = MARKS.index(character)
        else:
            written.append(0)
    return np.array(written, np.int64)


def _finals(characters: Sequence[str], pauses: npt.NDArray[np.float32], cuts: Sequence[Cut]) -> list[Segment]:
    """The utterances as finals without marks."""
    ends = np.round(np.cumsum(SECONDS_A_CHARACTER + pauses) * SAMPLE_RATE).astype(int)
    spoken = round(SECONDS_A_CHARACTER * SAMPLE_RATE)
    starts = [0, *ends[:-1].tolist()]
    finals: list[Segment] = []
    for number, cut in enumerate(cuts, 1):
        text, start = "".join(characters[cut.start : cut.stop]), starts[cut.start]
        tokens = tuple(Token(characters[at], "", starts[at], starts[at] + spoken) for at in range(cut.start, cut.stop))
        at = _EPOCH + timedelta(seconds=start / SAMPLE_RATE)
        finals.append(
            Segment(number, 0, start, tokens[-1].end_sample, at, text, text, len(text), tokens, is_final=True)
        )
    return finals


def _end_silence(said: float, settings: SegmenterSettings) -> float:
    """Seconds of silence that end an utterance of so many seconds."""
    first, last = settings.shorten_from_ms / 1000, settings.shorten_until_ms / 1000
    silences = settings.end_silence_ms / 1000, settings.end_silence_min_ms / 1000
    return float(np.interp(said, (first, last), silences))


def _forced_cut(
    pauses: npt.NDArray[np.float32], ends: npt.NDArray[np.float32], start: int, place: int, settings: SegmenterSettings
) -> int:
    """Where to cut before the character at ``place``, which is too much: at the longest pause, else in the overlap."""
    first = max(start, int(np.searchsorted(ends, ends[place] - settings.cut_search_ms / 1000)))
    longest = first + int(np.argmax(pauses[first:place])) if first < place else start
    if pauses[longest] >= _LEAST_PAUSE_S:
        return longest + 1
    return max(start + 1, place - _OVERLAP_CHARACTERS)
