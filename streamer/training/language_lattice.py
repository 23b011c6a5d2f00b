"""Joins the network's scores with a character trigram's: which characters are likely given all others.

At each syllable the network's best characters are candidates. A candidate scores by the network, by how likely it is
heard as the syllable, and by the trigram after every pair of candidates before it. Forward and backward sums give the
probability of each candidate. They start anew ``REACH`` syllables away on either side, at all places at once, so that
the graph has no loop: what stands farther off changes nothing that can be measured.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from streamer.training.character_ngram import CharacterNgram
from streamer.training.confusions import Confusions
from streamer.training.language_model import IMPOSSIBLE
from streamer.training.language_spans import EncodedText, Ids
from streamer.training.language_tables import NgramTables, PiecedTable
from streamer.training.language_tokens import END_ID
from streamer.training.ngram_settings import NgramSettings

CANDIDATES: Final = 4
"""Characters considered at a syllable."""
REACH: Final = 4
"""Syllables on each side that are summed over exactly."""
OTHERS: Final = 1e-3
"""Share of the probability that all other characters keep, as the network divides it."""

_HEARING_STEPS: Final = 12.0
_FAINT: Final = 1e-9
_CONTRADICTION: Final = -2.0
"""A character that is heard as the syllable less often than this log-probability has another reading."""


class Hearing(nn.Module):
    """Log-probability that a character is heard as a syllable: by its readings, and by how those are mistaken."""

    def __init__(self, readings: Ids, shares: npt.NDArray[np.float64], confusions: Confusions, wrong: float) -> None:
        """Fixed tables.

        Args:
            readings: (classes, k) acoustic ids, −1 where none.
            shares: (classes, k) how often each is the reading; sum to 1 or 0.
            confusions: what a syllable is heard as.
            wrong: share of syllables that are heard wrongly.
        """
        super().__init__()
        chances = confusions.probabilities.astype(np.float64) * wrong
        np.fill_diagonal(chances, 1 - wrong)
        coded = np.clip(np.round(-_HEARING_STEPS * np.log(np.maximum(chances, _FAINT))), 0, 255).astype(np.uint8)
        self.chances = PiecedTable(coded)
        self.register_buffer("readings", torch.from_numpy(np.maximum(readings, 0)))
        self.register_buffer("shares", torch.from_numpy(shares).float())

    def forward(self, characters: Tensor, syllables: Tensor) -> Tensor:
        """(batch, n, k) language ids, (batch, n) acoustic ids → (batch, n, k)."""
        coded = self.chances(self.get_buffer("readings")[characters], syllables[..., None, None])
        chances = torch.exp(coded.float() * (-1 / _HEARING_STEPS))
        # In half precision the faint share vanishes, and the logarithm needs its bound.
        return torch.log((chances * self.get_buffer("shares")[characters]).sum(-1) + _FAINT).clamp(
            min=float(np.log(_FAINT))
        )


class Lattice(nn.Module):
    """Posterior log-probabilities of characters from the network's."""

    def __init__(self, tables: NgramTables, hearing: Hearing, settings: NgramSettings) -> None:
        """Weights of the three scores come from the settings."""
        super().__init__()
        self.tables, self.hearing, self.settings = tables, hearing, settings

    def forward(self, scores: Tensor, syllables: Tensor, *, in_steps: bool = False) -> tuple[Tensor, Tensor]:
        """Join.

        Args:
            scores: (batch, n, classes) log-probabilities of the network.
            syllables: (batch, n) acoustic ids, negative where nothing (at the end only).
            in_steps: take the highest score out of sums by operators of its own; see :func:`log_sum_in_steps`.

        Returns:
            The best ids (batch, n) and log-probabilities (batch, n, classes), ``END_ID`` where nothing is present.
        """
        present = syllables >= 0
        one_present = present.float().unsqueeze(-1) > 0  # older CANN cannot reshape truth values
        best, characters = scores.topk(CANDIDATES, dim=-1)
        heard = self.hearing(characters, syllables.clamp(min=0))
        settings, errors = self.settings, self._errors(heard[..., 0], present)
        hearing = settings.hearing + (settings.noisy_hearing - settings.hearing) * errors
        trigram = settings.trigram + (settings.noisy_trigram - settings.trigram) * errors
        own = settings.network * best + hearing.unsqueeze(-1) * heard
        only = torch.zeros(CANDIDATES) + IMPOSSIBLE * (torch.arange(CANDIDATES) > 0)
        own = torch.where(one_present, own, only)
        first, steps = self._steps(characters, own, trigram * present)
        joined = self._posteriors(first, steps, only, log_sum_in_steps if in_steps else torch.logsumexp)
        chosen = characters.gather(-1, joined.argmax(-1, keepdim=True)).squeeze(-1)
        # The fewest passes over all classes: one sum, and one scatter that writes the end as well.
        absent = (1 - present.float()).unsqueeze(-1) * IMPOSSIBLE
        ending = torch.where(one_present, IMPOSSIBLE, 0.0)
        places = torch.cat([characters, torch.full_like(one_present, END_ID, dtype=characters.dtype)], dim=-1)
        values = torch.cat([joined + float(np.log(1 - OTHERS)) + absent, ending], dim=-1)
        spread = torch.scatter(scores + (float(np.log(OTHERS)) + absent), -1, places, values)
        return torch.where(present, chosen, END_ID), spread

    def _errors(self, heard: Tensor, present: Tensor) -> Tensor:
        """(batch, 1) from 0 to 1: how full of errors an utterance seems, by syllables that contradict the network."""
        against = ((heard < _CONTRADICTION) & present).float().sum(-1, keepdim=True)
        return (against / present.float().sum(-1, keepdim=True).clamp(min=1) / self.settings.noisy).clamp(max=1)

    def _steps(self, characters: Tensor, own: Tensor, weights: Tensor) -> tuple[Tensor, Tensor]:
        """Scores (batch, n, k, k) of two neighbouring candidates, and (batch, n, k, k, k) of a third one after them."""
        tables = self.tables
        start = torch.full_like(characters[:, :1], tables.base - 1)
        before = torch.cat([start, characters[:, :-1]], dim=1)
        first = torch.cat([start, before[:, :-1]], dim=1)
        pairs, backoffs = tables.pair_scores(before.unsqueeze(-1), characters.unsqueeze(-2))
        outer = tables.pair_scores(start.unsqueeze(-1), start.unsqueeze(-2))[1]
        contexts = torch.cat([outer, backoffs[:, :-1]], dim=1)
        trios = [first[..., :, None, None], before[..., None, :, None], characters[..., None, None, :]]
        triples = tables.triple_scores(trios, contexts.unsqueeze(-1) + pairs.unsqueeze(-3))
        weights = weights[:, :, None, None]
        return pairs * weights + own.unsqueeze(-2), triples * weights.unsqueeze(-1) + own[:, :, None, None, :]

    def _posteriors(
        self, first: Tensor, steps: Tensor, only: Tensor, log_sum: Callable[[Tensor, int], Tensor]
    ) -> Tensor:
        """(batch, n, k) log-probabilities of the candidates."""
        outside = (only[:, None] + only[None, :]).expand_as(first[:, :1])  # both characters before the first are starts
        forward = first
        for _ in range(REACH):
            before = torch.cat([outside, forward[:, :-1]], dim=1)
            forward = log_sum(before.unsqueeze(-1) + steps, -3)
        nothing = torch.zeros_like(first[:, :1])
        onward = torch.cat([steps[:, 1:], torch.zeros_like(steps[:, :1]) + only], dim=1)
        backward = log_sum(onward, -1)
        for _ in range(REACH - 1):
            after = torch.cat([backward[:, 1:], nothing], dim=1)
            backward = log_sum(onward + after.unsqueeze(-3), -1)
        return torch.log_softmax(log_sum(forward + backward, -2), dim=-1)


def log_sum_in_steps(scores: Tensor, dim: int) -> Tensor:
    """Logarithm of the sum of exponentials along a dimension, which goes: ``torch.logsumexp``.

    In steps, because ONNX allows its own operator to leave the highest score in, and then low sums vanish. That of
    onnxruntime takes it out, in less time.
    """
    highest = scores.amax(dim, keepdim=True)
    return torch.log(torch.exp(scores - highest).sum(dim)) + highest.squeeze(dim)


def reading_shares(texts: list[EncodedText], readings: Ids) -> npt.NDArray[np.float64]:
    """(classes, k) how often each reading of a character is spoken in texts; readings that repeat another count 0.

    Args:
        texts: training material.
        readings: (classes, k) acoustic ids, −1 where none, repeated to fill up.
    """
    counts = np.zeros(readings.shape)
    for text in texts:
        characters, syllables = text.characters.astype(np.int64), text.syllables.astype(np.int64)
        for column in range(readings.shape[1]):
            matches = readings[characters, column] == syllables
            counts[:, column] += np.bincount(characters[matches], minlength=len(readings))
    for column in range(readings.shape[1]):
        repeated = (readings[:, :column] == readings[:, column, None]).any(1) | (readings[:, column] < 0)
        counts[:, column] = np.where(repeated, 0.0, counts[:, column] + 0.3)
    return np.asarray(counts / np.maximum(counts.sum(1, keepdims=True), _FAINT), np.float64)


def build_lattice(
    ngram: CharacterNgram, texts: list[EncodedText], readings: Ids, confusions: Confusions, settings: NgramSettings
) -> Lattice:
    """From an n-gram and the material of :class:`Hearing`."""
    hearing = Hearing(readings, reading_shares(texts, readings), confusions, settings.wrong)
    return Lattice(NgramTables(ngram), hearing, settings).eval()
