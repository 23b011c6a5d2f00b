"""The seam between two readings that share sound."""

from __future__ import annotations

from collections.abc import Sequence

from streamer.stitcher.alignment import DOUBTFUL_SAMPLES, SAME_BUT_TONE, Column, Span, align, difference, middle
from streamer.types import SAMPLE_RATE, Token

_REACH = SAMPLE_RATE // 2
"""Tokens so far outside the shared span may still be partners of tokens inside: times are only about right."""

_FASTEST = 150 * SAMPLE_RATE // 1000
"""Two syllables hardly ever begin within so many samples, 150 ms, unless one has the neutral tone."""

_NEUTRAL = "5"
"""Ending of syllables with the neutral tone, which are short."""

_UNTIMED = 150 * SAMPLE_RATE // 1000
"""So far off are times at most of tokens without times of their own, which are spread over the voiced span: 150 ms."""

_INSIDE = 300 * SAMPLE_RATE // 1000
"""So far from its edges a reading misses few syllables: 300 ms."""


def join(left: Sequence[Token], right: Sequence[Token], shared: Span, *, fixed: int = 0) -> tuple[Token, ...]:
    """One row out of two readings of which the shared span is read by both: no syllable lost, none doubled.

    The left reading counts up to some place, the right reading after it: each reading is doubtful only where it begins
    or ends. That place lies beside a syllable that both wrote alike, as near to the middle of the shared span as there
    is one, so that a stretch in which they differ comes from one of them. Where they agree on nothing, the middle
    itself decides. A syllable that only one of them has is kept, unless it stands where that reading is doubtful:
    syllables are missed more often than made up, but for those that nobody could have spoken so fast.

    Args:
        left: the earlier reading.
        right: the later reading.
        shared: the sound that both were made of.
        fixed: so many first tokens of the left reading are taken whatever the right one says.
    """
    first = next((i for i, token in enumerate(left) if middle(token) >= shared.start - _REACH), len(left))
    last = next((j for j, token in enumerate(right) if middle(token) > shared.end + _REACH), len(right))
    inside_left, inside_right = left[first:], right[:last]
    columns = align(inside_left, inside_right, shared)
    least = max(
        (at + 1 for at, one in enumerate(columns) if one.left is not None and first + one.left < fixed), default=0
    )
    switch = max(least, _switch(columns, inside_left, inside_right, shared))
    row = list(left[:first])
    lone: set[int] = set()
    for at, column in enumerate(columns):
        heard_left = None if column.left is None else inside_left[column.left]
        heard_right = None if column.right is None else inside_right[column.right]
        token = heard_left if at < switch else heard_right
        is_missed = token is None and at >= least
        if is_missed:
            token = _missed(heard_left, heard_right, shared)
        if token is not None:
            if is_missed or (at >= least and None in {column.left, column.right} and _is_inside(token, shared)):
                lone.add(len(row))
            row.append(token)
    row += right[last:]
    # Two in a row that only one reading has are not both made up: speech so fast happens.
    doubted = {at for at in lone if lone.isdisjoint({at - 1, at + 1}) and _is_hurried(at, row)}
    return tuple(token for at, token in enumerate(row) if at not in doubted)


def _missed(heard_left: Token | None, heard_right: Token | None, shared: Span) -> Token | None:
    """A syllable that only the reading heard that does not count here; None where that one is doubtful."""
    if heard_left is not None:
        return heard_left if heard_left.end_sample < shared.end - _doubtful(heard_left) else None
    if heard_right is not None:
        return heard_right if heard_right.start_sample > shared.start + _doubtful(heard_right) else None
    return None


def _doubtful(token: Token) -> int:
    """How near the edge of its reading a token is doubtful, samples."""
    return DOUBTFUL_SAMPLES + (_UNTIMED if token.score is None else 0)


def _is_inside(token: Token, shared: Span) -> bool:
    """Whether both readings should have heard it."""
    return token.start_sample > shared.start + _INSIDE and token.end_sample < shared.end - _INSIDE


def _is_hurried(at: int, row: Sequence[Token]) -> bool:
    """Whether a syllable begins so near another that it is none of its own: an echo of it, or made up."""
    token = row[at]
    near = [other for other in (*row[:at], *row[at + 1 :]) if abs(other.start_sample - token.start_sample) < _FASTEST]
    if token.score is None or token.syllable.endswith(_NEUTRAL):
        return any(difference(other, token) <= SAME_BUT_TONE for other in near)
    return bool(near)


def resume_after(shown: Sequence[Token], heard: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens of a newer reading that come after those already shown; both readings begin with the same sound."""
    if not shown or not heard:
        return tuple(heard)
    start = min(shown[0].start_sample, heard[0].start_sample)
    columns = align(shown, heard, Span(start=start, end=shown[-1].end_sample))
    after = max(at + 1 for at, column in enumerate(columns) if column.left is not None)
    return tuple(heard[column.right] for column in columns[after:] if column.right is not None)


def _switch(columns: Sequence[Column], left: Sequence[Token], right: Sequence[Token], shared: Span) -> int:
    """How many columns are read from the left."""
    if not any(middle(token) >= shared.start for token in left):
        return 0
    if not any(middle(token) <= shared.end for token in right):
        return len(columns)
    pivot = (shared.start + shared.end) // 2
    times = [_time(column, left, right) for column in columns]
    is_agreed = [_is_agreed(column, left, right) for column in columns]
    beside = [
        (abs((times[max(0, at - 1)] + times[min(at, len(columns) - 1)]) // 2 - pivot), at)
        for at in range(len(columns) + 1)
        if any(is_agreed[max(0, at - 1) : at + 1])
    ]
    return min(beside)[1] if beside else sum(1 for time in times if time < pivot)


def _is_agreed(column: Column, left: Sequence[Token], right: Sequence[Token]) -> bool:
    """Whether both readings wrote the same character for the same syllable: a word that they share."""
    if column.left is None or column.right is None:
        return False
    one, other = left[column.left], right[column.right]
    return (one.syllable, one.text) == (other.syllable, other.text)


def _time(column: Column, left: Sequence[Token], right: Sequence[Token]) -> int:
    times = [middle(left[column.left])] if column.left is not None else []
    times += [middle(right[column.right])] if column.right is not None else []
    return sum(times) // len(times)
