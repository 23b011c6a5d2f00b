"""Tables of fixed shape, so that a look-up in an exported network is arithmetic and gathers.

N-grams are hashed: an entry stands in one of three places, its key's remainders by three primes, and a fingerprint of
the key tells it from others. Scores are bytes: negative log-probabilities in steps of 1/12, back-off weights in steps
of 1/20.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from streamer.training.character_ngram import CharacterNgram
from streamer.training.remainders import remainders

Ids = npt.NDArray[np.int64]

SCORE_STEPS: Final = 12.0
"""Levels of a log-probability per nat."""
BACKOFF_STEPS: Final = 20.0
"""Levels of a back-off weight per nat."""

_FINGERPRINTS: Final = 32_719
"""A prime below 2^15."""
_PLACES: Final = 3
_LOAD: Final = 0.85
_EMPTY: Final = -1
_PIECE: Final = 12
"""Columns of a piece: of 8 to 16 the number that makes the smallest table of the embedded pack's confusions."""
_ATTEMPTS: Final = 300
_SEED: Final = 5


@dataclass(frozen=True, slots=True)
class HashTable:
    """Keys in places, and the rows of what belongs to them."""

    moduli: tuple[int, ...]
    """Primes; a key's places are its remainders."""
    fingerprints: npt.NDArray[np.int16]
    """(places,) remainder of the key that stands there, −1 where empty."""
    rows: Ids
    """(places,) index of the entry that stands there, −1 where empty."""


def hash_table(keys: Ids) -> HashTable:
    """Place distinct keys; nearly all find a place, because those in the way move on to another of theirs.

    Args:
        keys: (n,) in any order.
    """
    random = np.random.default_rng(_SEED)
    moduli = _primes(int(len(keys) / _LOAD) + 16)
    rows = np.full(max(moduli), _EMPTY, np.int64)
    waiting = np.arange(len(keys))
    for attempt in range(_ATTEMPTS):
        picked = np.full(len(waiting), attempt) if attempt < _PLACES else random.integers(0, _PLACES, len(waiting))
        places = keys[waiting] % np.array(moduli)[picked]
        free = np.flatnonzero(rows[places] == _EMPTY) if attempt < _PLACES else np.arange(len(waiting))
        taken, first = np.unique(places[free], return_index=True)
        moved = rows[taken]
        rows[taken] = waiting[free[first]]
        waiting = np.concatenate([np.delete(waiting, free[first]), moved[moved != _EMPTY]])
    fingerprints = np.where(rows == _EMPTY, _EMPTY, keys[rows] % _FINGERPRINTS).astype(np.int16)
    return HashTable(moduli, fingerprints, rows)


class NgramTables(nn.Module):
    """A character trigram that an exported network can look up."""

    def __init__(self, ngram: CharacterNgram) -> None:
        """Place all n-grams."""
        super().__init__()
        self.base = ngram.size + 1
        self.register_buffer("singles", torch.from_numpy(np.append(ngram.singles, 0.0)).float())
        self.register_buffer("single_backoffs", torch.from_numpy(ngram.single_backoffs).float())
        pairs = hash_table(ngram.pair_keys)
        self.pair_moduli = pairs.moduli
        self.register_buffer("pair_fingerprints", torch.from_numpy(pairs.fingerprints))
        self.register_buffer("pairs", torch.from_numpy(_scores(ngram.pairs, pairs.rows)))
        self.register_buffer("pair_backoffs", torch.from_numpy(_backoffs(ngram.pair_backoffs, pairs.rows)))
        triples = hash_table(ngram.triple_keys)
        self.triple_moduli = triples.moduli
        self.register_buffer("triple_fingerprints", torch.from_numpy(triples.fingerprints))
        self.register_buffer("triples", torch.from_numpy(_scores(ngram.triples, triples.rows)))

    def pair_scores(self, first: Tensor, second: Tensor) -> tuple[Tensor, Tensor]:
        """Log-probabilities of ``second`` after ``first``, and the log back-off weights of the pair as a context.

        Args:
            first: ids or the start, which is the highest id + 1; any shape.
            second: ids, or the start where only the weight is of interest; broadcasts against ``first``.
        """
        places, found = self._places([first, second], self.pair_moduli, self.get_buffer("pair_fingerprints"))
        backed_off = self.get_buffer("single_backoffs")[first] + self.get_buffer("singles")[second]
        stored = self.get_buffer("pairs")[places].float() * (-1 / SCORE_STEPS)
        weights = self.get_buffer("pair_backoffs")[places].float() * (1 / BACKOFF_STEPS)
        return torch.where(found, stored, backed_off), weights * found.float()

    def triple_scores(self, ids: list[Tensor], backed_off: Tensor) -> Tensor:
        """Log-probabilities where a triple is stored, otherwise ``backed_off``.

        Args:
            ids: of the first, the second and the third character, which broadcast against each other.
            backed_off: the shorter model's, of the shape of the ids together.
        """
        places, found = self._places(ids, self.triple_moduli, self.get_buffer("triple_fingerprints"))
        return torch.where(found, self.get_buffer("triples")[places].float() * (-1 / SCORE_STEPS), backed_off)

    def _places(self, ids: list[Tensor], moduli: tuple[int, ...], fingerprints: Tensor) -> tuple[Tensor, Tensor]:
        """Where the n-grams stand, and whether they do; their keys are the ids as digits of a number to the base."""
        factors = [self.base**power for power in reversed(range(len(ids)))]
        sums = remainders(ids, [factors] * (len(moduli) + 1), self.base, [*moduli, _FINGERPRINTS])
        places, wanted = torch.split(sums, [len(moduli), 1])
        standing = fingerprints[places].to(torch.int32)
        hits = [each == wanted for each in torch.split(standing, [1] * len(moduli))]
        # Where nothing is found all look up one place: looked up here and there, scores would not be in the cache.
        chosen = torch.zeros((), dtype=torch.int32, device=sums.device)
        for place, hit in zip(torch.split(places, [1] * len(moduli)), hits, strict=True):
            chosen = torch.where(hit, place, chosen)
        found = functools.reduce(torch.logical_or, hits)
        return chosen.squeeze(0), found.squeeze(0)


class PiecedTable(nn.Module):
    """A table of bytes that keeps each piece of its rows once: what is alike in most rows takes little memory."""

    def __init__(self, table: npt.NDArray[np.uint8]) -> None:
        """``table``: (rows, columns)."""
        super().__init__()
        rows, columns = table.shape
        self.pieces_a_row = -(-columns // _PIECE)
        filled = np.zeros((rows, self.pieces_a_row * _PIECE), np.uint8)
        filled[:, :columns] = table
        pieces, which = np.unique(filled.reshape(-1, _PIECE), axis=0, return_inverse=True)
        kind = np.int16 if len(pieces) <= np.iinfo(np.int16).max else np.int32
        self.register_buffer("pieces", torch.from_numpy(pieces.ravel()))
        self.register_buffer("which", torch.from_numpy(which.ravel().astype(kind)))
        # Of each column: tables, because whole numbers are divided in many nodes.
        self.register_buffer("piece", torch.arange(columns) // _PIECE)
        self.register_buffer("place", torch.arange(columns) % _PIECE)

    def forward(self, rows: Tensor, columns: Tensor) -> Tensor:
        """The bytes at int64 rows and columns, which broadcast against each other."""
        piece, place = self.get_buffer("piece")[columns], self.get_buffer("place")[columns]
        which = self.get_buffer("which")[rows * self.pieces_a_row + piece]
        return self.get_buffer("pieces")[which.long() * _PIECE + place]


def _scores(scores: npt.NDArray[np.float64], rows: Ids) -> npt.NDArray[np.uint8]:
    coded = np.clip(np.round(-SCORE_STEPS * scores), 0, 255).astype(np.uint8)
    return np.where(rows >= 0, coded[rows], np.uint8(0))


def _backoffs(weights: npt.NDArray[np.float64], rows: Ids) -> npt.NDArray[np.int8]:
    coded = np.clip(np.round(BACKOFF_STEPS * weights), -127, 127).astype(np.int8)
    return np.where(rows >= 0, coded[rows], np.int8(0))


def _primes(least: int) -> tuple[int, ...]:
    """The first ``_PLACES`` primes from ``least`` on."""
    found: list[int] = []
    number = least | 1
    while len(found) < _PLACES:
        if all(number % divisor for divisor in range(3, int(number**0.5) + 1, 2)) and number != _FINGERPRINTS:
            found.append(number)
        number += 2
    return tuple(found)
