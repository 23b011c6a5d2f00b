"""The seam between two readings that share sound."""

from __future__ import annotations

from collections.abc import Sequence

from streamer.stitcher.alignment import Column, Span, align, difference, middle
from streamer.types import SAMPLE_RATE, Token

_REACH = SAMPLE_RATE // 2
"""Tokens so far outside the shared span may still be partners of tokens inside: times are only about right."""


def join(left: Sequence[Token], right: Sequence[Token], shared: Span, *, fixed: int = 0) -> tuple[Token, ...]:
    """One row out of two readings of which the shared span is read by both: no syllable lost, none doubled.

    The left reading counts up to a syllable that both have, as near to the middle of the shared span as there is one,
    the right reading after it: each reading is doubtful only where it begins or ends. Where they agree on nothing, the
    middle itself decides; where one of them heard nothing, the other counts.

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
    kept = [inside_left[column.left] for column in columns[:switch] if column.left is not None]
    taken = [inside_right[column.right] for column in columns[switch:] if column.right is not None]
    return (*left[:first], *kept, *taken, *right[last:])


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
    agreed = [
        (abs(_time(column, left, right) - pivot), at + 1)
        for at, column in enumerate(columns)
        if column.left is not None
        and column.right is not None
        and difference(left[column.left], right[column.right]) == 0.0
    ]
    if agreed:
        return min(agreed)[1]
    return sum(1 for column in columns if _time(column, left, right) < pivot)


def _time(column: Column, left: Sequence[Token], right: Sequence[Token]) -> int:
    times = [middle(left[column.left])] if column.left is not None else []
    times += [middle(right[column.right])] if column.right is not None else []
    return sum(times) // len(times)
