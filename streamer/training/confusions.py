"""How syllables are mistaken for one another: simulated from their sounds, or measured on the acoustic model.

The language stage is trained on pinyin with errors drawn from this distribution, and the trigram baseline is told it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.errors import SettingsError
from streamer.text.pinyin import LETTERS, Syllable, parse_syllable
from streamer.training.alikes import LETTER_SOUNDS

_INITIAL_PAIRS: Final = (
    "zh z", "ch c", "sh s", "n l", "f h", "r l", "b p", "d t", "g k", "j q", "x q", "j x", "zh ch", "z c", "zh j",
    "ch q", "sh x", "m n", "b d", "g h", "k h", "r zh", "b m", "g d",
)  # fmt: skip
_FINAL_PAIRS: Final = (
    "an ang", "en eng", "in ing", "ian ie", "ian in", "uan uang", "ian iang", "un ong", "eng ong", "i v", "ie ve",
    "o uo", "e uo", "ei ui", "ei i", "ai ei", "ao ou", "uai ui", "ua uo", "iao ao", "iao iu", "ou uo", "u ou", "e ii",
    "u v", "an ian", "van ian", "vn in", "a ia", "e er", "en ei", "an ai", "a ai", "ing i", "in i", "en un",
)  # fmt: skip

_PAIRED = 0.25
_UNRELATED = 0.01
_OTHER_TONE = 0.35
_UNIFORM_SHARE = 0.1


@dataclass(frozen=True, slots=True)
class Confusions:
    """What a syllable is heard as, when it is heard wrongly."""

    probabilities: npt.NDArray[np.float32]
    """(V, V): row = spoken id, column = heard id, rows sum to 1, zero diagonal."""
    cumulative: npt.NDArray[np.float32]
    """(V, V): running sums of the rows."""

    @classmethod
    def of(cls, weights: npt.NDArray[np.float64]) -> Confusions:
        """From any non-negative (V, V) weights: the diagonal is dropped, rows are normalised."""
        weights = weights.copy()
        np.fill_diagonal(weights, 0.0)
        probabilities = (weights / weights.sum(axis=1, keepdims=True)).astype(np.float32)
        return cls(probabilities, np.cumsum(probabilities, axis=1, dtype=np.float32))

    def draw(self, ids: npt.NDArray[np.int64], random: np.random.Generator) -> npt.NDArray[np.int64]:
        """One wrong id for each id of a one-dimensional array."""
        thresholds = random.random(len(ids), dtype=np.float32) * self.cumulative[ids, -1]
        heard = (self.cumulative[ids] <= thresholds[:, None]).sum(axis=1)
        return np.asarray(np.minimum(heard, len(self.cumulative) - 1), np.int64)

    def corrupt(
        self, ids: npt.NDArray[np.int64], rate: npt.NDArray[np.float64] | float, random: np.random.Generator
    ) -> npt.NDArray[np.int64]:
        """A copy of the ids (any shape, negative = padding) in which each is wrong with probability ``rate``."""
        wrong = (random.random(ids.shape) < rate) & (ids >= 0)
        corrupted = ids.copy()
        corrupted[wrong] = self.draw(ids[wrong], random)
        return corrupted


def simulated_confusions(tokens: Sequence[str]) -> Confusions:
    """Errors by similarity of sound: close initials and finals, tones, letters that sound like a syllable.

    Args:
        tokens: the acoustic token table, syllables in the project's spelling and Latin letters.
    """
    sounds = [None if token in LETTERS else parse_syllable(token) for token in tokens]
    syllables = [index for index, sound in enumerate(sounds) if sound is not None]
    parts = [sound for sound in sounds if sound is not None]
    weights = np.full((len(tokens), len(tokens)), 1e-7)
    weights[np.ix_(syllables, syllables)] = _similarity(parts)
    index_of = {token: index for index, token in enumerate(tokens)}
    for letter, ways in LETTER_SOUNDS.items():
        sound = ways.split()[0]
        if letter in index_of and sound in index_of:
            weights[index_of[letter], index_of[sound]] = 1.0
            weights[index_of[sound], index_of[letter]] = 0.02
    np.fill_diagonal(weights, 0.0)
    weights /= weights.sum(axis=1, keepdims=True)
    return Confusions.of((1 - _UNIFORM_SHARE) * weights + _UNIFORM_SHARE / len(tokens))


def read_confusions(path: Path, tokens: Sequence[str], *, prior: float = 20.0) -> Confusions:
    """Measured errors, smoothed with the simulated ones.

    Args:
        path: a TSV of spoken token, heard token, count (correct ones may be listed; they are ignored).
        tokens: the acoustic token table.
        prior: weight of the simulated distribution of a row, in counts.

    Raises:
        SettingsError: the file cannot be read, or a line is malformed.
    """
    index_of = {token: index for index, token in enumerate(tokens)}
    weights = prior * simulated_confusions(tokens).probabilities.astype(np.float64)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"confusion file {path} cannot be read: {error}") from error
    for number, line in enumerate(lines, start=1):
        fields = line.split("\t")
        if len(fields) != 3 or fields[0] not in index_of or fields[1] not in index_of or not fields[2].isdigit():
            raise SettingsError(
                f"{path}, line {number}: expected 'spoken<TAB>heard<TAB>count' of known tokens, found {line!r}"
            )
        weights[index_of[fields[0]], index_of[fields[1]]] += int(fields[2])
    return Confusions.of(weights)


def _similarity(sounds: Sequence[Syllable]) -> npt.NDArray[np.float64]:
    initials = _pair_weights([sound.initial for sound in sounds], _INITIAL_PAIRS)
    # zi and zhi differ in the consonant alone.
    finals = _pair_weights([sound.final.replace("iii", "ii") for sound in sounds], _FINAL_PAIRS)
    tones = np.array([sound.tone for sound in sounds])
    similarity: npt.NDArray[np.float64] = initials * finals * np.where(tones[:, None] == tones, 1.0, _OTHER_TONE)
    return similarity


def _pair_weights(names: Sequence[str], pairs: Iterable[str]) -> npt.NDArray[np.float64]:
    kinds = sorted(set(names))
    index_of = {name: index for index, name in enumerate(kinds)}
    table = np.full((len(kinds), len(kinds)), _UNRELATED)
    np.fill_diagonal(table, 1.0)
    for pair in pairs:
        left, right = (index_of.get(name) for name in pair.split())
        if left is not None and right is not None:
            table[left, right] = table[right, left] = _PAIRED
    columns = np.array([index_of[name] for name in names])
    return np.asarray(table[np.ix_(columns, columns)])
