"""Text drawn from the word trigram of the open-gram project, as Debian's ``sunpinyin-data`` ships it (CC-BY-SA-3.0).

The texts of this repository's training are small; the word trigram was counted on far more. Text drawn from it has
the usual words and neighbours, no meaning beyond three words, and serves to count character n-grams.

``lm_sc.t3g`` (little-endian): order, a flag, the number of nodes of each level (the last of a level closes it), 65,536
probabilities and 16,384 back-off weights in float32, then the levels. A node is 12 bytes (word 18 bits, back-off 14,
probability 16, first child 23 in two parts, a thread to the shorter context), a leaf 8. ``pydict_sc.bin`` holds the
words as zero-terminated UTF-32 from the offset in its third number on.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.errors import SettingsError

Ids = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

SEPARATOR: Final = 0
"""Stands between the passages of drawn text; no character has this id."""

_ORDER: Final = 3
_HEADER: Final = struct.Struct("<6I")
_PROBABILITIES, _BACKOFFS = 1 << 16, 1 << 14
_FIRST_WORD: Final = 70
"""Lower word ids are marks of the model: sentence ends, numbers, unknown words."""
_WORD_BITS: Final = 18
_SILENT: Final = frozenset("，、：“”‘’《》（）()—·,:\"'【】")
"""Marks that are not spoken; all other foreign signs end a passage."""
_CHAINS: Final = 20_000
_WARM_UP: Final = 20


@dataclass(frozen=True, slots=True)
class WordTrigram:
    """The explicit n-grams as flat arrays; words are numbered by their place among the unigrams."""

    words: tuple[str, ...]
    """Spelling of each word; empty for marks of the model."""
    unigrams: Reals
    """(words,) running sum of the probabilities."""
    pair_words: Ids
    """(pairs,) second word of each pair, ordered by pair."""
    pair_starts: Ids
    """(words + 1,) where each word's pairs begin."""
    pairs: Reals
    """(pairs + 1,) running sum of the probabilities, from 0."""
    triple_words: Ids
    """(triples,) third word of each triple, ordered by triple."""
    triple_starts: Ids
    """(pairs + 1,) where each pair's triples begin."""
    triples: Reals
    """(triples + 1,) running sum of the probabilities, from 0."""

    @classmethod
    def read(cls, model: Path, dictionary: Path) -> WordTrigram:
        """Read both files of ``sunpinyin-data``.

        Raises:
            SettingsError: a file cannot be read or is of another layout.
        """
        try:
            levels = _levels(model.read_bytes())
            spellings = _spellings(dictionary.read_bytes())
        except (OSError, struct.error, ValueError, IndexError) as error:
            raise SettingsError(
                f"{model} and {dictionary} cannot be read as open-gram's trigram ({error}); expected lm_sc.t3g and "
                "pydict_sc.bin of Debian's package sunpinyin-data: apt-get install sunpinyin-data"
            ) from error
        singles, pairs, triples = levels
        number = np.full(1 << _WORD_BITS, -1, np.int64)
        number[singles.words] = np.arange(len(singles.words))
        words = tuple(spellings[word] if _FIRST_WORD <= word < len(spellings) else "" for word in singles.words)
        return cls(
            words,
            np.cumsum(singles.probabilities),
            number[pairs.words],
            singles.children,
            np.concatenate([[0.0], np.cumsum(pairs.probabilities)]),
            number[triples.words],
            pairs.children,
            np.concatenate([[0.0], np.cumsum(triples.probabilities)]),
        )

    def draw(self, count: int, random: np.random.Generator, *, chains: int = _CHAINS) -> npt.NDArray[np.int32]:
        """Sequences of words.

        Args:
            count: words in all.
            random: source of chance.
            chains: sequences drawn side by side.

        Returns:
            (chains, count // chains) numbers of words.
        """
        steps = max(1, count // chains)
        before = last = np.zeros(chains, np.int64)
        drawn = np.empty((chains, steps), np.int32)
        keys = np.repeat(np.arange(len(self.words)), np.diff(self.pair_starts)) << _WORD_BITS | self.pair_words
        for step in range(-_WARM_UP, steps):
            before, last = last, self._following(keys, before, last, random)
            if step >= 0:
                drawn[:, step] = last
        return drawn

    def _following(self, keys: Ids, before: Ids, last: Ids, random: np.random.Generator) -> Ids:
        """One more word for each chain: of the triple, else of the pair, else any."""
        wanted = before << _WORD_BITS | last
        pair = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        known = keys[pair] == wanted
        start, stop = (np.where(known, self.triple_starts[pair + end], 0) for end in (0, 1))
        following = _chosen(self.triples, self.triple_words, start, stop, random)
        rest = np.flatnonzero(following < 0)
        start, stop = (self.pair_starts[last[rest] + end] for end in (0, 1))
        following[rest] = _chosen(self.pairs, self.pair_words, start, stop, random)
        rest = np.flatnonzero(following < 0)
        thresholds = random.random(len(rest)) * self.unigrams[-1]
        following[rest] = np.minimum(np.searchsorted(self.unigrams, thresholds, side="right"), len(self.words) - 1)
        return following


def drawn_characters(trigram: WordTrigram, drawn: npt.NDArray[np.int32], table: Mapping[str, int]) -> Ids:
    """Drawn words as character ids, with ``SEPARATOR`` where a passage ends.

    Args:
        trigram: for the spellings.
        drawn: from :meth:`WordTrigram.draw`.
        table: language token → id.
    """
    flat: list[int] = []
    starts, spoken, ending = [0], [], []
    for word in trigram.words:
        known = bool(word) and all(character in table for character in word)
        flat.extend(table[character] for character in word if known)
        starts.append(len(flat))
        spoken.append(known)
        ending.append(not known and not (bool(word) and all(character in _SILENT for character in word)))
    lengths = np.where(ending, 1, np.diff(starts))
    words = drawn.ravel()
    counts = lengths[words]
    within = np.arange(counts.sum()) - np.repeat(np.cumsum(counts) - counts, counts)
    places = np.minimum(np.repeat(np.array(starts)[words], counts) + within, max(0, len(flat) - 1))
    return np.where(np.repeat(np.array(ending)[words], counts), SEPARATOR, np.array(flat, np.int64)[places])


@dataclass(frozen=True, slots=True)
class _Level:
    words: Ids
    probabilities: Reals
    children: Ids
    """(words + 1,) first node of the next level; empty for leaves."""


def _levels(content: bytes) -> list[_Level]:
    order, _, *sizes = _HEADER.unpack_from(content)
    if order != _ORDER:
        raise ValueError(f"order {order}, expected {_ORDER}")
    probabilities = np.frombuffer(content, "<f4", _PROBABILITIES, _HEADER.size).astype(np.float64)
    offset = _HEADER.size + 4 * (_PROBABILITIES + _BACKOFFS)
    levels: list[_Level] = []
    for level, size in enumerate(sizes):
        columns = 3 if level < _ORDER else 2
        nodes = np.frombuffer(content, "<u4", size * columns, offset).reshape(size, columns).astype(np.int64)
        offset += 4 * size * columns
        words = nodes[:, 0] & ((1 << _WORD_BITS) - 1)
        if level < _ORDER:
            coded, children = nodes[:, 1] & 0xFFFF, (nodes[:, 1] >> 16) + ((nodes[:, 2] >> 25) << 16)
        else:
            coded, children = (nodes[:, 0] >> _WORD_BITS) + ((nodes[:, 1] >> 25 & 3) << 14), nodes[:0, 0]
        levels.append(_Level(words[:-1], probabilities[coded[:-1]], children))
    if offset != len(content):
        raise ValueError(f"{len(content)} bytes, expected {offset}")
    return levels[1:]


def _spellings(content: bytes) -> list[str]:
    (offset,) = struct.unpack_from("<I", content, 8)
    return content[offset:].decode("utf-32-le").split("\0")


def _chosen(sums: Reals, words: Ids, start: Ids, stop: Ids, random: np.random.Generator) -> Ids:
    """One of ``words[start:stop]`` by its probability, −1 for the probability that is left over."""
    thresholds = sums[start] + random.random(len(start))
    place = np.searchsorted(sums, thresholds, side="right") - 1
    return np.where(thresholds < sums[stop], words[np.clip(place, 0, len(words) - 1)], -1)
