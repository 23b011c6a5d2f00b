from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.asr.ctc import AlignedToken, greedy

BLANK = 2


def log_probs(rows: list[list[float]]) -> npt.NDArray[np.float32]:
    return np.log(np.array(rows, np.float32))


def test_greedy_merges_repeats_and_drops_blanks() -> None:
    path = greedy(log_probs([[0.2, 0.1, 0.7], [0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.1, 0.6, 0.3]]), BLANK)

    assert path.tokens == (
        AlignedToken(0, 1, 2, float(np.log(np.float32(0.8)))),
        AlignedToken(1, 3, 3, float(np.log(np.float32(0.6)))),
    )
    np.testing.assert_allclose(path.score, np.log(0.7 * 0.8 * 0.6 * 0.6), rtol=1e-6)


def test_greedy_keeps_repeats_that_a_blank_parts() -> None:
    path = greedy(log_probs([[0.9, 0.05, 0.05], [0.1, 0.1, 0.8], [0.9, 0.05, 0.05]]), BLANK)

    assert [(token.id, token.first_step, token.last_step) for token in path.tokens] == [(0, 0, 0), (0, 2, 2)]


def test_greedy_of_blanks_alone_is_empty() -> None:
    assert greedy(log_probs([[0.1, 0.1, 0.8]] * 3), BLANK).tokens == ()


def test_greedy_of_no_steps_is_empty() -> None:
    path = greedy(np.empty((0, 3), np.float32), BLANK)

    assert (path.tokens, path.score) == ((), 0.0)
