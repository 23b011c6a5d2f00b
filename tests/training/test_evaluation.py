from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from streamer.training.evaluation import ErrorCounts, count_errors, edit_distance, error_rates, interval  # noqa: E402
from streamer.training.losses import greedy  # noqa: E402

pytestmark = pytest.mark.train


@pytest.mark.parametrize(
    ("reference", "hypothesis", "distance"),
    [("abc", "abc", 0), ("abc", "", 3), ("", "ab", 2), ("abc", "axc", 1), ("abcd", "bcde", 2)],
)
def test_edit_distance(reference: str, hypothesis: str, distance: int) -> None:
    assert edit_distance(list(reference), list(hypothesis)) == distance


def test_tones_count_in_one_rate_only() -> None:
    counts = count_errors(["ni3", "hao3", "A"], ["ni2", "hao3", "B"])
    assert counts == ErrorCounts(reference=3, toned=2, toneless=1)
    assert error_rates([counts, ErrorCounts(1, 0, 0)]) == (0.5, 0.25)


def test_the_interval_of_equal_utterances_is_a_point() -> None:
    assert interval([ErrorCounts(4, 2, 1)] * 5) == ((0.5, 0.5), (0.25, 0.25))


def test_greedy_leaves_out_repeats_blanks_and_padding() -> None:
    best = torch.tensor([[0, 0, 2, 0, 1], [1, 2, 2, 1, 0]])
    scores = torch.nn.functional.one_hot(best, 3).float()
    assert greedy(scores, torch.tensor([5, 4])) == [[0, 0, 1], [1, 1]]
