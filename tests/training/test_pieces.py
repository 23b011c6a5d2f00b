from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.training.device_table import MOST_TOKENS, ClipTable
from streamer.training.pieces import cut_out
from tests.training.device_samples import table

QUIET = 2_400
TOKEN = st.tuples(st.integers(400, 8_000), st.sampled_from([0, 0, 0, 3_200]))
"""Samples of a token, and of the pause after it."""


def sentences(clips: list[list[tuple[int, int]]], late: int) -> ClipTable:
    """Clips of such tokens between quiet ends, numbered from 0 in each, whose times are told too late."""
    tokens = np.full((len(clips), MOST_TOKENS), -1, np.int64)
    spans = np.full((len(clips), MOST_TOKENS, 2), -1, np.float32)
    lengths = []
    for row, clip in enumerate(clips):
        sizes, pauses = np.array(clip).T
        last = QUIET + np.cumsum(sizes + pauses) - pauses
        lengths.append(int(last[-1]) + QUIET)
        tokens[row, : len(clip)] = np.arange(len(clip))
        spans[row, : len(clip)] = np.stack([last - sizes, last], axis=1) + late
    start = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return ClipTable(start, np.array(lengths), tokens, spans, np.full((len(clips), 2), QUIET))


@settings(max_examples=60, deadline=None)
@given(
    clips=st.lists(st.lists(TOKEN, min_size=1, max_size=12), min_size=1, max_size=20),
    late=st.sampled_from([0, 480]),
    seed=st.integers(0, 1_000),
)
def test_a_piece_holds_the_tokens_of_which_three_fifths_are_heard(
    clips: list[list[tuple[int, int]]], late: int, seed: int
) -> None:
    whole = sentences(clips, late)
    pieces = cut_out(whole, late, np.random.default_rng(seed))
    for place in range(len(pieces)):
        row = int(np.searchsorted(whole.start, pieces.start[place], side="right")) - 1
        begin, size = int(pieces.start[place] - whole.start[row]), int(pieces.length[place])
        assert 4_800 <= size < whole.length[row]
        assert begin + size <= whole.length[row]
        spans = whole.spans[row, : len(clips[row])] - late
        within = np.clip(spans - begin, 0, size)
        heard = (within[:, 1] - within[:, 0]) / (spans[:, 1] - spans[:, 0])
        count = int((pieces.tokens[place] >= 0).sum())
        first = int(pieces.tokens[place, 0])
        said = np.arange(first, first + count)
        assert count >= 2
        assert pieces.tokens[place].tolist() == [*said, *[-1] * (MOST_TOKENS - count)]
        # To the sample: an edge lies on one.
        assert heard[said].min() >= 0.6 - 1 / 400
        assert np.delete(heard, said).max(initial=0) < 0.6
        assert np.array_equal(pieces.spans[place, :count], within[said])
        assert (pieces.spans[place, count:] == -1).all()
        expected = [QUIET if begin == 0 else 0, QUIET if begin + size == whole.length[row] else 0]
        assert pieces.quiet[place].tolist() == expected


def test_pieces_begin_and_end_everywhere() -> None:
    whole = sentences([[(3_200, 0)] * 8] * 1_000, 0)
    pieces = cut_out(whole, 0, np.random.default_rng(1))
    begin = pieces.start % whole.length[0]
    to_the_end = begin + pieces.length == whole.length[0]
    last = pieces.spans[np.arange(len(pieces)), (pieces.tokens >= 0).sum(1) - 1, 1]
    within = ~to_the_end & (np.abs(last - pieces.length) > 400)

    # Six clips of ten are taken, and a fifth of what is drawn is the whole clip or a single token.
    assert len(pieces) == pytest.approx(1_000 * 0.6 * 0.8, abs=50)
    assert 0.25 < (begin == 0).mean() < 0.5
    assert 0.25 < to_the_end.mean() < 0.5
    assert 0.1 < within.mean() < 0.35


def test_short_clips_and_those_without_times_are_passed_over() -> None:
    whole = table([32_000] * 60, [3] * 30 + [8] * 30)
    whole.spans[30:] = -1
    assert len(cut_out(whole, 0, np.random.default_rng(1))) == 0
