"""Alignment of two readings of the same sound."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from streamer.types import SAMPLE_RATE, Token


@dataclass(frozen=True, slots=True)
class Column:
    """What the two readings have at one place; one of them may have nothing."""

    left: int | None
    """Index of the left token."""
    right: int | None
    """Index of the right token."""


@dataclass(frozen=True, slots=True)
class Span:
    """The sound that both readings were made of, in samples of the recording."""

    start: int
    """Where the right reading begins: its first token may be the rest of a syllable."""
    end: int
    """Where the left reading ends: its last token may be the beginning of a syllable."""


_GAP = 1.0
"""Cost of a token that only one reading has, well inside the shared sound."""
_EDGE_GAP = 0.4
"""The same where a reading begins or ends: cut syllables are often missed, …"""
DOUBTFUL_SAMPLES = 200 * SAMPLE_RATE // 1000
"""How near an edge of a reading its tokens are doubtful: 200 ms."""
SAME_BUT_TONE = 0.25
"""Difference of two syllables that differ in tone only."""
_MISMATCH = 1.3
"""Cost of two tokens whose syllables have nothing in common; below two gaps."""
_EDGE_MISMATCH = 0.5
"""The same where one of the readings begins or ends: … or taken for others. Three such pairs, as far apart as tokens
without times may be, must cost more than the gaps that one common syllable needs."""
_BEFORE_RHYME = re.compile(r"[^aeiouv]*(?:[iuv](?=[aeo]))?")
"""The consonant of a syllable and the glide behind it."""
_TIMED_SAMPLES = 0.4 * SAMPLE_RATE
"""Distance of two timed tokens that costs 1."""
_SPREAD_SAMPLES = 1.6 * SAMPLE_RATE
"""The same for tokens without times of their own (bare packs spread them over the voiced span)."""


def align(left: Sequence[Token], right: Sequence[Token], shared: Span) -> tuple[Column, ...]:
    """Cheapest alignment of two token rows of which the shared span is read by both.

    Left tokens before the span and right tokens after it cost nothing to stand alone. Syllables and times both count,
    so that equal neighbours (对对, 是是是) find their own partners.

    Returns:
        Columns in order of time; every token of both rows is in exactly one.
    """
    timed = all(token.score is not None for token in (*left, *right))
    reach = _TIMED_SAMPLES if timed else _SPREAD_SAMPLES
    left_gaps = [_left_gap(token, shared) for token in left]
    right_gaps = [_right_gap(token, shared) for token in right]

    def pair_cost(i: int, j: int) -> float:
        apart = abs(middle(left[i]) - middle(right[j])) / reach
        unlike = difference(left[i], right[j])
        doubtful = _is_edge(left[i], shared) or _is_edge(right[j], shared)
        return apart + unlike * (_EDGE_MISMATCH if doubtful else _MISMATCH)

    costs = [[0.0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for i in range(len(left) + 1):
        for j in range(len(right) + 1):
            if i or j:
                costs[i][j] = min(
                    costs[i - 1][j - 1] + pair_cost(i - 1, j - 1) if i and j else float("inf"),
                    costs[i - 1][j] + left_gaps[i - 1] if i else float("inf"),
                    costs[i][j - 1] + right_gaps[j - 1] if j else float("inf"),
                )
    columns: list[Column] = []
    i, j = len(left), len(right)
    while i or j:
        if i and j and costs[i][j] == costs[i - 1][j - 1] + pair_cost(i - 1, j - 1):
            i, j = i - 1, j - 1
            columns.append(Column(i, j))
        elif j and costs[i][j] == costs[i][j - 1] + right_gaps[j - 1]:
            j -= 1
            columns.append(Column(None, j))
        else:
            i -= 1
            columns.append(Column(i, None))
    return tuple(reversed(columns))


def middle(token: Token) -> int:
    """The sample in the middle of a token."""
    return (token.start_sample + token.end_sample) // 2


def difference(left: Token, right: Token) -> float:
    """How unlike two tokens sound: 0 for the same syllable, 1 where they share neither first letter nor rhyme."""
    if left.syllable == right.syllable:
        return 0.0
    left_base, right_base = left.syllable.rstrip("012345"), right.syllable.rstrip("012345")
    if left_base == right_base:
        return SAME_BUT_TONE
    if not left_base or not right_base:
        return 1.0
    same_onset = left_base[0] == right_base[0]
    same_rhyme = _rhyme(left_base) == _rhyme(right_base) != ""
    return 0.6 if same_onset or same_rhyme else 1.0


def _rhyme(base: str) -> str:
    """The main vowel of a syllable without tone, and what follows it; nothing for a spelled letter."""
    return _BEFORE_RHYME.sub("", base, count=1)


def _is_edge(token: Token, shared: Span) -> bool:
    """Whether part of it lies where a reading is doubtful: syllables are longer than that."""
    return token.start_sample < shared.start + DOUBTFUL_SAMPLES or token.end_sample > shared.end - DOUBTFUL_SAMPLES


def _left_gap(token: Token, shared: Span) -> float:
    if middle(token) < shared.start:
        return 0.0
    return _EDGE_GAP if _is_edge(token, shared) else _GAP


def _right_gap(token: Token, shared: Span) -> float:
    if middle(token) > shared.end:
        return 0.0
    return _EDGE_GAP if _is_edge(token, shared) else _GAP
