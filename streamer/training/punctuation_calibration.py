"""How sure the punctuation network's scores may be, and what a pause adds to them: fitted on the tuning meetings.

The network knows its training texts by heart, so that its scores are too sure of themselves, and too deaf to pauses,
in text that it has not seen. A few numbers a mark, fitted on meetings outside the training, put both right.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.language_spans import Ids
from streamer.training.punctuation_model import heard_pauses
from streamer.training.spoken_form import MARKS

_KINDS: Final = ("，", "。", "？")
"""Marks with numbers of their own."""
_KIND_OF: Final = tuple(_KINDS.index({"、": "，", "！": "。"}.get(mark, mark)) for mark in MARKS if mark)
"""Kind of each mark after the first class, which is none; rare marks follow their frequent neighbours."""
_SHRINK: Final = 1e-4
_STEPS: Final = 80
_BIAS_ROUNDS: Final = 3
_BIAS_OFFSETS: Final = tuple(np.linspace(-1.5, 1.5, 25))
_LEAST_SAID: Final = 50


@dataclass(frozen=True, slots=True)
class JudgedText:
    """Scores of a held-out text under one drawing of its pauses."""

    scores: npt.NDArray[np.float32]
    """(n, marks) of the network."""
    pauses: npt.NDArray[np.float32]
    """(n,) seconds of silence after each character; all 0 where they are not known."""
    labels: Ids
    """(n,) index into ``MARKS``."""


class Calibration(nn.Module):
    """Log-odds of the marks against none, scaled, with what the pause after the character adds."""

    def __init__(self) -> None:
        """Scores as they are."""
        super().__init__()
        self.certainty = nn.Parameter(torch.ones(len(_KINDS)))
        self.heard = nn.Parameter(torch.zeros(2, len(_KINDS)))
        self.bias = nn.Parameter(torch.zeros(len(_KINDS)))
        self.register_buffer("kinds", torch.tensor(_KIND_OF), persistent=False)

    def forward(self, scores: Tensor, pauses: Tensor) -> Tensor:
        """(…, marks) scores and (…,) seconds of silence → (…, marks) scores; that of no mark is 0."""
        kinds = self.get_buffer("kinds")
        none = scores[..., :1]
        odds = (scores[..., 1:] - none) * self.certainty[kinds] + self.bias[kinds]
        present, length = heard_pauses(pauses).chunk(2, dim=-1)
        odds = odds + present * self.heard[0, kinds] + length * self.heard[1, kinds]
        return torch.cat([torch.zeros_like(none), odds], dim=-1)


def fit_calibration(judged: Sequence[JudgedText]) -> Calibration:
    """The calibration under which the labels are likeliest, all drawings alike."""
    calibration = Calibration()
    texts = [(torch.from_numpy(text.scores), torch.from_numpy(text.pauses)) for text in judged]
    labels = torch.cat([torch.from_numpy(text.labels) for text in judged])
    optimizer = torch.optim.LBFGS(
        calibration.parameters(), max_iter=_STEPS, history_size=8, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        scores = torch.cat([calibration(*text) for text in texts])
        value = functional.cross_entropy(scores, labels) + _SHRINK * calibration.heard.square().sum()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    return calibration.eval().requires_grad_(False)


def fit_bias(judged: Sequence[JudgedText]) -> Tensor:
    """(marks,) biases that maximise the sum of the F1 of frequent marks over all texts, by coordinate ascent.

    Rare marks keep 0: a few examples fit anything.
    """
    bias = np.zeros(len(MARKS))
    said = np.bincount(judged[0].labels, minlength=len(MARKS))
    frequent = [index for index in range(1, len(MARKS)) if said[index] >= _LEAST_SAID]

    def quality(candidate: npt.NDArray[np.float64]) -> float:
        return sum(float(f1_of(text, candidate)[frequent].sum()) for text in judged)

    for _ in range(_BIAS_ROUNDS):
        for index in frequent:
            trials = [bias + offset * (np.arange(len(MARKS)) == index) for offset in _BIAS_OFFSETS]
            bias = max(trials, key=quality)
    return torch.tensor(bias, dtype=torch.float32)


def calibrated(calibration: Calibration, text: JudgedText) -> JudgedText:
    """The text with calibrated scores."""
    with torch.no_grad():
        scores = calibration(torch.from_numpy(text.scores), torch.from_numpy(text.pauses)).numpy()
    return JudgedText(scores, text.pauses, text.labels)


def f1_of(text: JudgedText, bias: npt.NDArray[np.float64] | None = None) -> npt.NDArray[np.float64]:
    """(marks,) F1 of each class of ``MARKS``."""
    answers = (text.scores if bias is None else text.scores + bias).argmax(-1)
    written, said, hits = (
        np.bincount(classes, minlength=len(MARKS))
        for classes in (answers, text.labels, text.labels[answers == text.labels])
    )
    f1: npt.NDArray[np.float64] = 2 * hits / np.maximum(1, written + said)
    return f1
