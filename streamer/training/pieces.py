"""Stretches cut out of sentences, as if speech went on before and after them: what live captions decode."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from streamer.training.device_table import MOST_TOKENS, ClipTable, Spans, Whole

_SHARE = 0.6
"""Of the clips that are long enough."""
_FEWEST = 4
"""Tokens of a clip that is long enough."""
_BEGUN = 0.6
"""Share of the pieces that begin within the clip."""
_TO_THE_END, _BETWEEN = 0.3, 0.65
"""Up to these shares a piece goes on to the clip's end, or ends between two tokens; beyond, within one."""
_HEARD = 0.6
_LEFT, _SHORTEST = 2, 4_800
"""Tokens and samples (300 ms) of a piece."""
_ROOM, _ROOM_SHARE = 400, 0.3
"""Samples (25 ms), and share of the shorter token beside it, by which an edge may miss the place between two tokens."""


@dataclass(frozen=True, slots=True)
class _Stretches:
    """Where pieces lie in their clips, one row each."""

    first: Whole
    """First token."""
    after: Whole
    """Last-plus-one token that counts."""
    begin: Whole
    """First sample."""
    end: Whole
    """Last-plus-one sample."""


def cut_out(clips: ClipTable, late: int, rng: np.random.Generator) -> ClipTable:
    """Pieces of some of the clips: of at least two tokens and 300 ms, and less than the clip.

    A token at an edge counts where three fifths of it or more are heard, as in
    :func:`streamer.training.examples.cut`.

    Args:
        clips: of one source; those with few tokens or without spans are passed over.
        late: samples by which the spans are late.
        rng: draws everything.

    Returns:
        Their rows: sound within that of the clips, spans no longer late.
    """
    count = (clips.tokens >= 0).sum(axis=1)
    enough = (count >= _FEWEST) & (clips.spans[:, 0, 1] > 0)
    chosen = np.flatnonzero(enough & (rng.random(len(clips)) < _SHARE))
    clips, count = clips.taken(chosen), count[chosen]
    spans = clips.spans - np.float32(late)
    cut = _drawn(spans, count, clips.length, rng)
    kept, size = cut.after - cut.first, cut.end - cut.begin
    order = np.arange(MOST_TOKENS) + cut.first[:, None]
    place, said = np.minimum(order, MOST_TOKENS - 1), order < cut.after[:, None]
    own = np.take_along_axis(spans, place[:, :, None], 1) - cut.begin[:, None, None]
    pieces = ClipTable(
        start=clips.start + cut.begin,
        length=size,
        tokens=np.where(said, np.take_along_axis(clips.tokens, place, 1), -1),
        spans=np.where(said[:, :, None], np.clip(own, 0, size[:, None, None]), -1).astype(np.float32),
        quiet=clips.quiet * np.stack([cut.begin == 0, cut.end == clips.length], axis=1),
    )
    fits = (kept >= _LEFT) & (size >= _SHORTEST) & (size < clips.length)
    return pieces.taken(np.flatnonzero(fits))


def _drawn(spans: Spans, count: Whole, length: Whole, rng: np.random.Generator) -> _Stretches:
    """Draw a stretch of each clip; ``spans`` are not late."""
    number = len(count)
    rows = np.arange(number)
    first = np.where(rng.random(number) < _BEGUN, rng.integers(1, np.maximum(2, count // 2)), 0)
    kind = rng.random(number)
    after = np.where(kind < _TO_THE_END, count, rng.integers(first + _LEFT, count + 1))
    within, share = (kind >= _BETWEEN) & (after < count), rng.random(number)
    begin = spans[rows, first, 0] + _room(spans, first - 1, rng)
    starts, ends = spans[rows, after - 1].T
    end = np.where(within, starts + share * (ends - starts), ends + _room(spans, after - 1, rng))
    begin, end = np.where(first == 0, 0, begin), np.where(after == count, length, end)
    return _Stretches(
        first=first,
        after=after - (within & (share < _HEARD)),
        begin=np.clip(begin, 0, length).astype(np.int64),
        end=np.clip(end, 0, length).astype(np.int64),
    )


def _room(spans: Spans, before: Whole, rng: np.random.Generator) -> Spans:
    """Samples by which edges miss the places behind the tokens ``before``; what it is at a clip's ends is not used."""
    rows = np.arange(len(before))
    sizes = spans[..., 1] - spans[..., 0]
    beside = np.minimum(sizes[rows, before], sizes[rows, np.minimum(before + 1, MOST_TOKENS - 1)])
    missed: Spans = rng.uniform(-1, 1, len(before)) * np.minimum(_ROOM, _ROOM_SHARE * beside)
    return missed
