"""How soon and how steadily captions appeared: figures from what was shown when. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from benchmarks.played import Passage
from streamer.metrics.flicker import lost_characters
from streamer.types import MeetingEvent, Segment, SegmentFinalized, SegmentUpdated

Timed = tuple[float, MeetingEvent]
"""Time of the event loop, and the event shown then."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of seconds."""

    count: int
    p50: float
    p95: float
    max: float


@dataclass(frozen=True, slots=True)
class Flicker:
    """How much of what was shown changed again."""

    final_characters: int
    changed: int
    """Characters shown and later changed or taken away."""
    stable_changed: int
    """Characters called stable that differ in the final."""

    @property
    def per_character(self) -> float:
        """Changed characters for every final one."""
        return self.changed / max(1, self.final_characters)

    @property
    def stable_per_character(self) -> float:
        """Stable characters that the final changed, for every final one."""
        return self.stable_changed / max(1, self.final_characters)


@dataclass(frozen=True, slots=True)
class Timing:
    """Everything that :mod:`benchmarks.latency` prints."""

    passages: int
    silent: int
    """Passages that got no text."""
    first_text: Spread
    """Speech start to the first text, provisional or final."""
    display: Spread
    """Newest sample of a provisional text to its display."""
    final: Spread
    """Speech end to the last final of the passage."""
    settled: Spread
    """Where a character of a final ends in the sound, to the moment from which it was shown without a break: what
    showing text late, and showing it wrong, cost a reader together."""
    flicker: Flicker


@dataclass(frozen=True, slots=True)
class Delays:
    """Seconds that captions took."""

    first_text: dict[str, float]
    """Speech start to the first text, by passage."""
    display: list[float]
    """Newest sample of a provisional text to its display."""
    final: dict[str, float]
    """Speech end to the last final, by passage; those without text are not in it."""


def delays(events: Sequence[Timed], passages: Sequence[Passage], time_of: Callable[[int], float]) -> Delays:
    """What each passage took; arguments as for :func:`timing`."""
    found = Delays({}, [], {})
    for at, event in events:
        if not isinstance(event, SegmentUpdated | SegmentFinalized) or not event.segment.spoken:
            continue
        passage = _passage_of(event.segment, passages)
        found.first_text.setdefault(passage.name, at - time_of(passage.speech_start))
        if isinstance(event, SegmentUpdated):
            found.display.append(at - time_of(event.segment.end_sample))
        else:
            found.final[passage.name] = at - time_of(passage.speech_end)
    return found


def timing(events: Sequence[Timed], passages: Sequence[Passage], time_of: Callable[[int], float]) -> Timing:
    """Put the figures together.

    Args:
        events: what was shown when.
        passages: what was played, in order.
        time_of: when a sample sounded, on the clock of the events.
    """
    found = delays(events, passages, time_of)
    return Timing(
        passages=len(passages),
        silent=len(passages) - len(found.final),
        first_text=spread(list(found.first_text.values())),
        display=spread(found.display),
        final=spread(list(found.final.values())),
        settled=spread(settling(events, time_of)),
        flicker=flicker([event for _, event in events]),
    )


def flicker(events: Sequence[MeetingEvent]) -> Flicker:
    """Count what changed after it was shown: the characters of each text that its successor replaced or dropped."""
    shown: dict[int, Segment] = {}
    characters = changed = stable_changed = 0
    for event in events:
        if not isinstance(event, SegmentUpdated | SegmentFinalized):
            continue
        segment = event.segment
        before = shown.get(segment.id)
        if before is not None:
            changed += lost_characters(before.spoken, segment.spoken)
        if isinstance(event, SegmentFinalized):
            characters += len(segment.spoken)
            if before is not None:
                stable_changed += lost_characters(before.spoken[: before.stable_length], segment.spoken)
        shown[segment.id] = segment
    return Flicker(characters, changed, stable_changed)


def settling(events: Sequence[Timed], time_of: Callable[[int], float]) -> list[float]:
    """Seconds from the sound of each final character to the moment from which it was shown without a break."""
    shown: dict[int, list[tuple[float, str]]] = {}
    seconds = []
    for at, event in events:
        if not isinstance(event, SegmentUpdated | SegmentFinalized):
            continue
        segment = event.segment
        texts = shown.setdefault(segment.id, [])
        texts.append((at, segment.spoken))
        if isinstance(event, SegmentUpdated):
            continue
        since = [at] * len(segment.spoken)
        lasting = set(range(len(segment.spoken)))
        for earlier, text in reversed(texts):
            lasting &= _kept(text, segment.spoken)
            for place in lasting:
                since[place] = earlier
        if len(segment.tokens) == len(segment.spoken):
            ends = (time_of(token.end_sample) for token in segment.tokens)
            seconds += [moment - end for moment, end in zip(since, ends, strict=True)]
    return seconds


def spread(seconds: Sequence[float]) -> Spread:
    """Percentiles by the nearest rank; zeros where there is nothing."""
    ordered = sorted(seconds)
    if not ordered:
        return Spread(0, 0.0, 0.0, 0.0)

    def rank(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return Spread(len(ordered), rank(0.5), rank(0.95), ordered[-1])


def _passage_of(segment: Segment, passages: Sequence[Passage]) -> Passage:
    """The passage in whose neighbourhood the segment begins."""
    return min(passages, key=lambda one: max(one.start - segment.start_sample, segment.start_sample - one.end, 0))


def _kept(before: str, after: str) -> set[int]:
    """Places in a text whose characters the earlier one had already, in order."""
    matcher = SequenceMatcher(None, before, after, autojunk=False)
    return {place for block in matcher.get_matching_blocks() for place in range(block.b, block.b + block.size)}
