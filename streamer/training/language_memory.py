"""Counted pairs of syllables as an input of the language stage: which characters two neighbours usually are.

A network has to see a word many times before it writes it; counting needs to see it a few times. For the most frequent
pairs of syllables the memory holds what stands there on average, as codes: every character has a fixed random code of
``CODE`` numbers, and a pair keeps the mean code of its first and of its second character. The network gets the codes
as features, and the classifier a part in which a character scores by how well its code fits, gated by the network.

The table is a hash table of fixed shape with two places for each pair, so that a look-up is arithmetic and gathers.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from streamer.training.language_spans import EncodedText, Ids
from streamer.training.remainders import remainders

CODE: Final = 24
"""Numbers in a character's code."""

_EMPTY: Final = -1
_LEAST_COUNT: Final = 5
_SEED: Final = 11


@dataclass(frozen=True, slots=True)
class PairTable:
    """Counted pairs in a hash table."""

    keys: npt.NDArray[np.int32]
    """(places,) first × (syllables + 1) + second, −1 where empty."""
    codes: npt.NDArray[np.int8]
    """(places, 2 × CODE) mean codes of the first and of the second character, in units of 1 / 127."""


def character_codes(classes: int) -> npt.NDArray[np.float32]:
    """(classes, CODE): a random sign for every number; the same for every call."""
    random = np.random.default_rng(_SEED)
    return random.choice(np.array([-1, 1], np.float32), (classes, CODE))


def count_pairs(texts: Iterable[tuple[EncodedText, float]], syllables: int, classes: int, places: int) -> PairTable:
    """Count the pairs of weighted texts; the most frequent ones are placed first.

    Args:
        texts: training material with weights.
        syllables: size of the acoustic token table.
        classes: highest language id + 1.
        places: size of the table.
    """
    keys, firsts, seconds, weights = _pairs(texts, syllables)
    distinct, index = np.unique(keys, return_inverse=True)
    counts = np.bincount(index)
    totals = np.bincount(index, weights=weights)
    codes = character_codes(classes)
    means = np.empty((len(distinct), 2 * CODE), np.float32)
    for column in range(CODE):
        for side, characters in ((0, firsts), (CODE, seconds)):
            sums = np.bincount(index, weights=weights * codes[characters, column])
            means[:, side + column] = sums / totals
    table = PairTable(np.full(places, _EMPTY, np.int32), np.zeros((places, 2 * CODE), np.int8))
    frequent = np.flatnonzero(counts >= _LEAST_COUNT)
    for pair in frequent[np.argsort(-totals[frequent], kind="stable")]:
        first, second = divmod(int(distinct[pair]), syllables + 1)
        for by_first, by_second in _factors(syllables):
            place = (first * by_first + second * by_second) % places
            if table.keys[place] == _EMPTY:
                table.keys[place] = distinct[pair]
                table.codes[place] = np.round(127 * means[pair])
                break
    return table


class PairMemory(nn.Module):
    """Looks pairs up in the table."""

    def __init__(self, places: int, syllables: int) -> None:
        """Empty; the table is part of the weights and comes with :meth:`fill` or a checkpoint.

        Args:
            places: size of the table.
            syllables: size of the acoustic token table.
        """
        super().__init__()
        self.places, self.syllables = places, syllables
        self.register_buffer("keys", torch.full((places,), _EMPTY, dtype=torch.int32))
        self.register_buffer("codes", torch.zeros((places, 2 * CODE), dtype=torch.int8))

    def fill(self, table: PairTable) -> None:
        """Take over a counted table."""
        self.get_buffer("keys").copy_(torch.from_numpy(table.keys))
        self.get_buffer("codes").copy_(torch.from_numpy(table.codes))

    def forward(self, syllables: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, n) ids → for each position its code by the pair before it and by the pair after it.

        Returns:
            Two tensors (batch, n, CODE): zeros where a pair is not in the table.
        """
        keys, codes = self.get_buffer("keys"), self.get_buffer("codes")
        spoken = torch.where(syllables >= 0, syllables, self.syllables)
        first, second = spoken[:, :-1], spoken[:, 1:]
        wanted = first * (self.syllables + 1) + second
        factors = _factors(self.syllables)
        places = remainders([first, second], factors, self.syllables + 1, [self.places] * len(factors))
        hits = (keys[places] == wanted).float().unsqueeze(-1)
        found = (codes[places].float() * (hits / 127)).sum(0)
        edge = torch.zeros_like(spoken[:, :1]).unsqueeze(-1).float().expand(-1, -1, CODE)
        return torch.cat([edge, found[..., CODE:]], dim=1), torch.cat([found[..., :CODE], edge], dim=1)


def _factors(syllables: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """What to multiply a pair's ids by; the sums' remainders are its two places."""
    return (syllables + 1, 1), (31, 1009)


def _pairs(texts: Iterable[tuple[EncodedText, float]], syllables: int) -> tuple[Ids, Ids, Ids, npt.NDArray[np.float64]]:
    columns: list[tuple[Ids, Ids, Ids, npt.NDArray[np.float64]]] = []
    for text, weight in texts:
        inside = np.ones(max(0, len(text.syllables) - 1), bool)
        inside[text.starts[1:-1] - 1] = False
        spoken, written = text.syllables.astype(np.int64), text.characters.astype(np.int64)
        keys = (spoken[:-1] * (syllables + 1) + spoken[1:])[inside]
        columns.append((keys, written[:-1][inside], written[1:][inside], np.full(len(keys), weight)))
    keys, firsts, seconds, weights = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    return keys, firsts, seconds, weights
