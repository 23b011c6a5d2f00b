"""What a punctuation model makes of held-out meetings."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch
from torch import nn

from streamer.training.descent import device_of
from streamer.training.language_spans import IGNORED, PADDING, EncodedText
from streamer.training.pauses import simulated_pauses
from streamer.training.punctuation_calibration import JudgedText, f1_of
from streamer.training.punctuation_windows import mark_labels
from streamer.training.spoken_form import MARKS

CONTEXT: Final = 40
"""Characters given before the part that is judged, as at run time."""

_BATCH: Final = 64


def mark_scores(model: nn.Module, text: EncodedText) -> dict[str, float]:
    """F1 of each mark on held-out meetings by characters alone, each window with context on both sides.

    Args:
        model: in evaluation mode.
        text: the meetings.
    """
    return dict(zip(MARKS[1:], f1_of(judge(model, text)).tolist()[1:], strict=True))


def judge(model: nn.Module, text: EncodedText, drawing: int | None = None) -> JudgedText:
    """All scored positions of held-out meetings, each with context on both sides.

    Args:
        model: in evaluation mode.
        text: the meetings.
        drawing: seed of the simulated pauses; None: the model sees characters only.
    """
    labels, size, device = mark_labels(text), len(text.characters), device_of(model)
    silence = np.zeros(size, np.float32)
    if drawing is not None:
        silence = simulated_pauses(labels, np.random.default_rng(drawing))
    reach = 80 + 2 * CONTEXT
    scores = np.zeros((size, len(MARKS)), np.float32)
    firsts = list(range(0, size, 80))
    for begin in range(0, len(firsts), _BATCH):
        group = firsts[begin : begin + _BATCH]
        characters = np.full((len(group), reach), PADDING, np.int64)
        quiet = np.zeros((len(group), reach), np.float32)
        for row, first in enumerate(group):
            part = slice(max(0, first - CONTEXT), min(size, first + 80 + CONTEXT))
            characters[row, : part.stop - part.start] = text.characters[part]
            quiet[row, : part.stop - part.start] = silence[part]
        with torch.no_grad():
            style = torch.zeros(len(group), dtype=torch.int64, device=device)
            given = torch.from_numpy(characters).to(device), torch.from_numpy(quiet).to(device)
            judged = model(*given, style).cpu().numpy()
        for row, first in enumerate(group):
            offset = min(first, CONTEXT)
            stop = min(size, first + 80)
            scores[first:stop] = judged[row, offset : offset + stop - first]
    is_scored = labels != IGNORED
    return JudgedText(scores[is_scored], silence[is_scored], labels[is_scored])
