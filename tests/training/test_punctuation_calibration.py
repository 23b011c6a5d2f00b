"""The calibration of the punctuation network's scores."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from streamer.text.punctuation import MARKS
from streamer.training.punctuation_calibration import (
    Calibration,
    JudgedText,
    calibrated,
    f1_of,
    fit_bias,
    fit_calibration,
)


def boastful(count: int = 2000) -> JudgedText:
    """Sure of a comma or of none, wrong once in ten; half of the full stops have a pause, which the scores ignore."""
    random = np.random.default_rng(4)
    labels = np.repeat([0, MARKS.index("，"), MARKS.index("。")], [count // 2, count // 4, count // 4])
    scores = np.zeros((len(labels), len(MARKS)), np.float32)
    claimed = np.where(labels == MARKS.index("。"), 0, labels)
    wrong = random.random(len(labels)) < 0.1
    claimed[wrong] = MARKS.index("，") - claimed[wrong]
    scores[:, MARKS.index("，")] = np.where(claimed == 0, -20, 20)
    scores[:, MARKS.index("。")] = -4
    quiet = (labels == MARKS.index("。")) & (random.random(len(labels)) < 0.5)
    return JudgedText(scores, np.where(quiet, 0.5, 0.0).astype(np.float32), labels.astype(np.int64))


def likelihood_loss(text: JudgedText) -> float:
    return float(functional.cross_entropy(torch.from_numpy(text.scores), torch.from_numpy(text.labels)))


def test_a_calibration_changes_nothing_before_it_is_fitted() -> None:
    text = boastful()
    before = torch.log_softmax(torch.from_numpy(text.scores), -1)
    after = torch.log_softmax(torch.from_numpy(calibrated(Calibration(), text).scores), -1)

    torch.testing.assert_close(after, before)


def test_scores_too_sure_of_themselves_become_modest() -> None:
    text = boastful()
    calibration = fit_calibration([text])

    assert 0 < float(calibration.certainty[0]) < 0.5
    assert likelihood_loss(calibrated(calibration, text)) < likelihood_loss(text) / 4


def test_a_pause_speaks_for_the_marks_it_was_seen_at() -> None:
    calibration = fit_calibration([boastful()])
    scores, pauses = torch.zeros(2, len(MARKS)), torch.tensor([0.0, 0.5])
    silent, paused = calibration(scores, pauses)[:, MARKS.index("。")]

    assert float(paused) > float(silent) + 1


def test_rare_marks_follow_their_frequent_neighbours() -> None:
    calibration = fit_calibration([boastful()])
    scores = calibration(torch.zeros(1, len(MARKS)), torch.tensor([0.5]))[0]

    assert scores[MARKS.index("、")] == scores[MARKS.index("，")]
    assert scores[MARKS.index("！")] == scores[MARKS.index("。")]


def test_f1_counts_hits_against_what_is_written_and_said() -> None:
    scores = np.eye(len(MARKS), dtype=np.float32)[[1, 1, 1, 0]]
    text = JudgedText(scores, np.zeros(4, np.float32), np.array([1, 0, 0, 2]))

    assert f1_of(text).tolist() == [0.0, 0.5, 0.0, 0.0, 0.0, 0.0]
    assert f1_of(text, np.array([9.0, 0, 0, 0, 0, 0]))[0] == 4 / 6


def test_the_bias_finds_a_mark_that_is_always_a_little_too_weak() -> None:
    labels = np.tile([0, MARKS.index("？")], 60)
    scores = np.zeros((120, len(MARKS)), np.float32)
    scores[:, 1:] = -5
    scores[labels > 0, MARKS.index("？")] = -0.5
    text = JudgedText(scores, np.zeros(120, np.float32), labels)
    bias = fit_bias([text])

    assert f1_of(text)[MARKS.index("？")] == 0.0
    assert f1_of(text, bias.numpy().astype(np.float64))[MARKS.index("？")] == 1.0
    assert bias.count_nonzero() == 1
