"""A back-off trigram over acoustic tokens, as it is estimated, written and read; pure numpy, a few megabytes.

The file is a compressed numpy archive: probabilities and back-off weights as bytes that index a table of 256 levels,
the n-grams sorted and delta-free, so that loading is unpacking. Made by ``streamer.training.ngram``; the beam search
asks :mod:`streamer.asr.search.syllable_lookup`.
"""

from __future__ import annotations

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from streamer.arrays import save_arrays
from streamer.errors import PackError

FORMAT: Final = 1
"""Version of the file's layout."""

Ids = npt.NDArray[np.int64] | npt.NDArray[np.int32]
Scores = npt.NDArray[np.float32]
Levels = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class SyllableLanguageModel:
    """Natural-log probabilities of a token after two others.

    Ids are those of the acoustic token table, 0 … ``size`` − 1; ``size`` itself (``start``) stands before the
    first token.
    """

    size: int
    """Number of tokens."""
    unigrams: Scores | Levels
    """(size,) log-probabilities."""
    start_backoffs: Scores | Levels
    """(size + 1,) log back-off weights of single-token contexts, the last one that of the start."""
    bigram_keys: Ids
    """(bigrams,) first × (size + 1) + second, ascending."""
    bigrams: Scores | Levels
    """(bigrams,) log-probabilities; very low for pairs that are only contexts (two starts)."""
    bigram_backoffs: Scores | Levels
    """(bigrams,) log back-off weights of the pair as a context."""
    trigram_keys: Ids
    """(trigrams,) index of the first two in ``bigram_keys`` × (size + 1) + third, ascending."""
    trigrams: Scores | Levels
    """(trigrams,) log-probabilities."""
    levels: Scores | None = None
    """(256,) what the bytes in the tables stand for: a fourth of the memory; None: they hold the numbers themselves."""

    @property
    def start(self) -> int:
        """Id of what stands before the first token; never scored as a following token."""
        return self.size

    def score(self, previous: npt.ArrayLike, last: npt.ArrayLike, following: npt.ArrayLike) -> Scores:
        """Log-probabilities of ``following`` after ``previous``, ``last``.

        Args:
            previous: token before the last, ids or ``start``.
            last: the last token, ids or ``start``.
            following: the token to score, ids below ``size``. All three broadcast against each other.

        Returns:
            float32 of the broadcast shape.
        """
        first, second, third = np.broadcast_arrays(*(np.asarray(ids, np.int64) for ids in (previous, last, following)))
        step = self.size + 1
        pair = _find(self.bigram_keys, second * step + third)
        shorter = np.where(
            pair >= 0,
            self._at(self.bigrams, pair),
            self._at(self.start_backoffs, second) + self._at(self.unigrams, third),
        )
        context = _find(self.bigram_keys, first * step + second)
        backed_off = np.where(context >= 0, self._at(self.bigram_backoffs, context), np.float32(0)) + shorter
        # Behind an unknown context the key is below all there are.
        triple = _find(self.trigram_keys, context * step + third)
        return np.where(triple >= 0, self._at(self.trigrams, triple), backed_off).astype(np.float32)

    def _at(self, table: Scores | Levels, index: npt.NDArray[np.int64]) -> Scores:
        found = table[index]
        return found.astype(np.float32) if self.levels is None else self.levels[found]

    def sequence_score(self, ids: npt.ArrayLike) -> float:
        """Log-probability of a whole token sequence from the start; 0.0 for none."""
        tokens = np.asarray(ids, np.int64)
        padded = np.concatenate([[self.start, self.start], tokens])
        return float(self.score(padded[:-2], padded[1:-1], tokens).sum()) if len(tokens) else 0.0

    def save(self, path: Path) -> None:
        """Write the compact file; probabilities lose at most half a level (about 0.05)."""
        tables = (self.unigrams, self.start_backoffs, self.bigrams, self.bigram_backoffs, self.trigrams)
        levels, coded = _code(*(self._at(table, np.arange(len(table))) for table in tables))
        step = self.size + 1
        groups: dict[str, npt.NDArray[np.generic]] = {
            "format": np.array(FORMAT, np.int64),
            "size": np.array(self.size, np.int64),
            "levels": levels,
            "unigrams": coded[0],
            "start_backoffs": coded[1],
            "bigram_counts": np.bincount(self.bigram_keys // step, minlength=step).astype(np.uint16),
            "bigram_tokens": (self.bigram_keys % step).astype(np.uint16),
            "bigrams": coded[2],
            "bigram_backoffs": coded[3],
            "trigram_counts": np.bincount(self.trigram_keys // step, minlength=len(self.bigrams)).astype(np.uint16),
            "trigram_tokens": (self.trigram_keys % step).astype(np.uint16),
            "trigrams": coded[4],
        }
        with path.open("wb") as file:
            save_arrays(file, groups, compressed=True)

    @classmethod
    def load(cls, path: Path, *, tokens: int | None = None) -> SyllableLanguageModel:
        """Read a file written by :meth:`save`.

        Args:
            path: the file.
            tokens: size of the acoustic token table it must fit, without the blank.

        Raises:
            PackError: the file is missing, damaged, of another layout, or made for another token table.
        """
        try:
            with path.open("rb") as file, np.load(file) as arrays:
                return cls._unpack({name: arrays[name] for name in arrays.files}, path, tokens)
        except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
            raise PackError(f"{path} is no syllable language model: {error}; reinstall the model pack") from error

    @classmethod
    def _unpack(
        cls, arrays: dict[str, npt.NDArray[np.generic]], path: Path, tokens: int | None
    ) -> SyllableLanguageModel:
        if int(arrays["format"]) != FORMAT:
            raise PackError(
                f"{path} has layout {int(arrays['format'])}, expected {FORMAT}: use a pack made for this version"
            )
        size = int(arrays["size"])
        if tokens is not None and size != tokens:
            raise PackError(f"{path} was made for {size} acoustic tokens, but the pack's table has {tokens}")
        tables = {name: arrays[name].astype(np.uint8, copy=False) for name in _TABLES}
        return cls(
            size=size,
            bigram_keys=_keys(arrays["bigram_counts"], arrays["bigram_tokens"], size + 1),
            trigram_keys=_keys(arrays["trigram_counts"], arrays["trigram_tokens"], size + 1),
            levels=arrays["levels"].astype(np.float32),
            **tables,
        )


_TABLES: Final = ("unigrams", "start_backoffs", "bigrams", "bigram_backoffs", "trigrams")


def _keys(counts: npt.NDArray[Any], tokens: npt.NDArray[Any], step: int) -> Ids:
    """Sorted keys, each a context × ``step`` + a token; in four bytes where they fit."""
    kind = np.int32 if len(counts) * step <= np.iinfo(np.int32).max else np.int64
    contexts = (np.arange(len(counts)) * step).astype(kind)
    keys: Ids = np.repeat(contexts, counts.astype(np.int32)) + tokens.astype(kind)
    return keys


def _find(keys: Ids, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Indices of ``wanted`` in the sorted ``keys``, −1 where they are not there."""
    # Of the keys' own type, or searchsorted would convert all of them. What is sought is as small as they are.
    sought = wanted.astype(keys.dtype)
    index = np.minimum(np.searchsorted(keys, sought), len(keys) - 1)
    return np.where(keys[index] == sought, index, -1)


def _code(*groups: Scores) -> tuple[Scores, list[npt.NDArray[np.uint8]]]:
    """Replace scores by the nearest of 256 levels, spread evenly between the lowest and the highest."""
    lowest = min(float(group.min(initial=0.0)) for group in groups)
    highest = max(float(group.max(initial=0.0)) for group in groups)
    levels = np.linspace(lowest, highest, 256, dtype=np.float32)
    span = max(highest - lowest, 1e-9)
    return levels, [np.round((group - lowest) * (255 / span)).astype(np.uint8) for group in groups]
