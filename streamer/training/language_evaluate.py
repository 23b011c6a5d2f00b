"""Character errors of the language stage on held-out meetings, with clean pinyin and with simulated errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import torch

from streamer.training.confusions import Confusions
from streamer.training.descent import device_of
from streamer.training.language_model import LanguageModel
from streamer.training.language_spans import IGNORED, EncodedText, Ids, pad

REPORTED_RATES: Final = (0.0, 0.1, 0.2, 0.3)
"""Shares of wrong syllables at which character errors are reported."""
LONGEST: Final = 100
"""Longer sentences are cut here for evaluation, as the recogniser cuts at 10 s."""

_SEED: Final = 7
_BATCH: Final = 64


def sentences(text: EncodedText) -> list[tuple[Ids, Ids]]:
    """The passages as (syllables, characters), cut to at most ``LONGEST``."""
    found: list[tuple[Ids, Ids]] = []
    for index in range(len(text)):
        syllables, characters = text.passage(index)
        parts = [slice(start, start + LONGEST) for start in range(0, len(syllables), LONGEST)]
        found.extend((syllables[part], characters[part]) for part in parts)
    return found


def heard(spans: Sequence[tuple[Ids, Ids]], confusions: Confusions, rate: float) -> list[tuple[Ids, Ids]]:
    """The spans with a share of wrong syllables; always the same ones for the same spans and rate."""
    random = np.random.default_rng((_SEED, round(1000 * rate)))
    return [(confusions.corrupt(syllables, rate, random), characters) for syllables, characters in spans]


def error_rates(
    model: LanguageModel, text: EncodedText, confusions: Confusions, rates: Sequence[float] = REPORTED_RATES
) -> dict[float, float]:
    """Share of wrong syllables → share of wrong characters (one character per syllable: substitutions only)."""
    model.eval()
    clean = sentences(text)
    return {rate: _error_rate(model, heard(clean, confusions, rate)) for rate in rates}


def written(model: LanguageModel, spans: Sequence[tuple[Ids, Ids]]) -> list[Ids]:
    """The character ids that the model writes for each span."""
    order = sorted(range(len(spans)), key=lambda index: len(spans[index][0]))
    answers: list[Ids] = [np.zeros(0, np.int64)] * len(spans)
    with torch.no_grad():
        weights, bias = model.classifier()
        for start in range(0, len(order), _BATCH):
            group = order[start : start + _BATCH]
            batch = pad([spans[index] for index in group])
            syllables = torch.from_numpy(batch.syllables).to(device_of(model))
            ids = (model(syllables) @ weights.T + bias).argmax(-1).cpu().numpy()
            for row, index in enumerate(group):
                answers[index] = ids[row, : len(spans[index][0])]
    return answers


def _error_rate(model: LanguageModel, spans: Sequence[tuple[Ids, Ids]]) -> float:
    answers = written(model, spans)
    wrong = sum(int((answer != span[1])[span[1] != IGNORED].sum()) for answer, span in zip(answers, spans, strict=True))
    return wrong / max(1, sum(len(span[1]) for span in spans))
