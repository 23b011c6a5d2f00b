"""The character trigram of the language stage: of the training texts and of drawn text, mixed and pruned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.arrays import save_arrays
from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.errors import SettingsError
from streamer.training.language_corpus import LanguageCorpus
from streamer.training.language_settings import LanguageSettings
from streamer.training.ngram import estimate, estimate_stream
from streamer.training.ngram_settings import NgramSettings
from streamer.training.open_gram import SEPARATOR, WordTrigram, drawn_characters

Ids = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

MIXTURE: Final = "ngram.npz"
"""The mixture's file in the work folder."""
_NEVER: Final = -20.0
_LEAST_DRAWN: Final = 2
_NOBODY: Final = 0
"""A language id that never occurs: as the word before, it makes a trigram model answer with its bigram."""


@dataclass(frozen=True, slots=True)
class CharacterNgram:
    """A back-off trigram over language ids; ``size`` (the highest id + 1) stands before the first character."""

    singles: Reals
    """(size,) log-probabilities."""
    single_backoffs: Reals
    """(size + 1,) log back-off weights of single-character contexts, the last one that of the start."""
    pair_keys: Ids
    """(pairs,) first × (size + 1) + second, ascending."""
    pairs: Reals
    """(pairs,) log-probabilities; very low for pairs that are only contexts."""
    pair_backoffs: Reals
    """(pairs,) log back-off weights of the pair as a context."""
    triple_keys: Ids
    """(triples,) key of the first two × (size + 1) + third, ascending."""
    triples: Reals
    """(triples,) log-probabilities."""

    @property
    def size(self) -> int:
        """Highest language id + 1."""
        return len(self.singles)

    def score(self, first: Ids, second: Ids, third: Ids) -> Reals:
        """Log-probabilities of ``third`` after the other two, all of one shape."""
        base = self.size + 1
        shorter = _found(
            self.pair_keys, second * base + third, self.pairs, self.single_backoffs[second] + self.singles[third]
        )
        context = first * base + second
        backed_off = _found(self.pair_keys, context, self.pair_backoffs, np.zeros(first.shape)) + shorter
        return _found(self.triple_keys, context * base + third, self.triples, backed_off)

    def save(self, path: Path) -> None:
        """Write all arrays."""
        save_arrays(path, {name: getattr(self, name) for name in self.__slots__})

    @classmethod
    def load(cls, path: Path) -> CharacterNgram:
        """Read what :meth:`save` wrote."""
        with np.load(path) as arrays:
            return cls(**{name: arrays[name] for name in cls.__slots__})


def train_character_ngram(settings: LanguageSettings, corpus: LanguageCorpus) -> CharacterNgram:
    """Estimate, mix, prune, and write ``MIXTURE`` into the work folder.

    Raises:
        SettingsError: no n-gram is configured, or the background model cannot be read.
    """
    chosen = settings.ngram
    if not chosen.triples:
        raise SettingsError("the configuration has no [ngram] with triples: nothing to estimate")
    size = len(corpus.language) + 1
    texts = corpus.training.values()
    own = estimate((text.passage(index)[1] for text in texts for index in range(len(text))), size)
    other = _background(chosen, corpus, settings.seed, size) if chosen.background else own
    mixed = mixture(own, other, chosen)
    mixed.save(settings.work_folder / MIXTURE)
    return mixed


def load_character_ngram(settings: LanguageSettings) -> CharacterNgram | None:
    """What :func:`train_character_ngram` wrote; None where none is configured.

    Raises:
        SettingsError: one is configured, but was not estimated yet.
    """
    if not settings.ngram.triples:
        return None
    path = settings.work_folder / MIXTURE
    if not path.exists():
        raise SettingsError(f"no character trigram at {path}: run 'streamer train language ngram' first")
    return CharacterNgram.load(path)


def mixture(own: SyllableLanguageModel, background: SyllableLanguageModel, settings: NgramSettings) -> CharacterNgram:
    """A pruned back-off trigram that is close to ``own_share`` of one model and the rest of the other.

    Args:
        own: of the training texts.
        background: of much other text.
        settings: share and sizes.
    """
    mix = _Mix(own, background, settings.own_share)
    base = own.size + 1
    triples, scores = _heaviest(mix, np.union1d(_triples(own), _triples(background)), settings.triples)
    contexts = np.unique(triples // base)
    pairs = np.union1d(own.bigram_keys, background.bigram_keys)
    pairs = pairs[(pairs % base != own.size) & (pairs // base != _NOBODY)]
    pair_scores = mix.pairs(pairs // base, pairs % base)
    singles = mix.singles()
    gains = np.exp(singles[np.minimum(pairs // base, own.size - 1)] + pair_scores)
    gains = gains * np.abs(pair_scores - singles[pairs % base])
    # Backing off to a pair that is not stored must not be worse than to a character, hence contexts are kept as well.
    kept = np.isin(pairs, contexts) | np.isin(pairs, triples % (base * base)) | (_ranks(gains) < settings.pairs)
    return _backed_off(own.size, singles, (pairs[kept], pair_scores[kept]), (triples, scores))


@dataclass(frozen=True, slots=True)
class _Mix:
    own: SyllableLanguageModel
    other: SyllableLanguageModel
    share: float

    def triples(self, first: Ids, second: Ids, third: Ids) -> Reals:
        """Log-probabilities of the third."""
        return self._mixed(self.own.score(first, second, third), self.other.score(first, second, third))

    def pairs(self, first: Ids, second: Ids) -> Reals:
        """Log-probabilities of the second."""
        nobody = np.full_like(first, _NOBODY)
        return self.triples(nobody, first, second)

    def singles(self) -> Reals:
        """(size,) log-probabilities."""
        third = np.arange(self.own.size)
        return self.pairs(np.full_like(third, _NOBODY), third)

    def _mixed(self, own: npt.NDArray[np.float32], other: npt.NDArray[np.float32]) -> Reals:
        parts = (own.astype(np.float64), self.share), (other.astype(np.float64), 1 - self.share)
        return np.asarray(np.log(sum(share * np.exp(scores) for scores, share in parts) + np.exp(_NEVER)), np.float64)


def _background(settings: NgramSettings, corpus: LanguageCorpus, seed: int, size: int) -> SyllableLanguageModel:
    words = WordTrigram.read(Path(settings.background), Path(settings.background_words))
    table = {token: index for index, token in enumerate(corpus.language, start=1) if len(token) == 1}
    drawn = drawn_characters(words, words.draw(settings.drawn_words, np.random.default_rng(seed)), table)
    breaks = drawn == SEPARATOR
    drawn = drawn[~(breaks & np.concatenate([[False], breaks[:-1]]))]
    # Every passage begins with two starts, which are the id after the last character's.
    starts = drawn == SEPARATOR
    stream = np.repeat(np.where(starts, size, drawn), np.where(starts, 2, 1))
    return estimate_stream(np.concatenate([[size, size], stream]), size, least_count=_LEAST_DRAWN)


def _triples(model: SyllableLanguageModel) -> Ids:
    base = model.size + 1
    return np.asarray(model.bigram_keys[model.trigram_keys // base] * base + model.trigram_keys % base, np.int64)


def _heaviest(mix: _Mix, triples: Ids, most: int) -> tuple[Ids, Reals]:
    """The triples whose loss would change the model most, in ascending order, with their log-probabilities."""
    base = mix.own.size + 1
    first, second, third = triples // base // base, triples // base % base, triples % base
    scores = mix.triples(first, second, third)
    shorter = mix.pairs(second, third)
    singles = np.append(mix.singles(), 0.0)  # a start is certain
    context = np.where(second == mix.own.size, 0.0, singles[first] + mix.pairs(first, np.minimum(second, base - 2)))
    kept = np.sort(np.argsort(-np.exp(context + scores) * np.abs(scores - shorter), kind="stable")[:most])
    return triples[kept], scores[kept]


def _backed_off(size: int, singles: Reals, pairs: tuple[Ids, Reals], triples: tuple[Ids, Reals]) -> CharacterNgram:
    base = size + 1
    pair_keys, pair_scores = pairs
    firsts = pair_keys // base
    left = _left(firsts, np.exp(pair_scores), np.exp(singles[pair_keys % base]), base)
    contexts, index = np.unique(triples[0] // base, return_inverse=True)
    keys = np.union1d(pair_keys, contexts)
    scores, backoffs = np.full(len(keys), _NEVER), np.zeros(len(keys))
    scores[np.searchsorted(keys, pair_keys)] = pair_scores
    shorter_keys = triples[0] % (base * base)
    backed = np.log(left[shorter_keys // base]) + singles[shorter_keys % base]
    shorter = _found(pair_keys, shorter_keys, pair_scores, backed)
    backoffs[np.searchsorted(keys, contexts)] = np.log(_left(index, np.exp(triples[1]), np.exp(shorter), len(contexts)))
    return CharacterNgram(singles, np.log(left), keys, scores, backoffs, *triples)


def _left(contexts: Ids, stored: Reals, covered: Reals, count: int) -> Reals:
    """Factors of the shorter model: what the stored n-grams leave, over what the shorter model gives to the others."""
    totals = (np.bincount(contexts, weights.astype(np.float64), count) for weights in (stored, covered))
    remaining = [np.maximum(1 - np.asarray(total, np.float64), 1e-6) for total in totals]
    return np.asarray(remaining[0] / remaining[1], np.float64)


def _found(keys: Ids, wanted: Ids, stored: Reals, otherwise: Reals) -> Reals:
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, stored[place], otherwise)


def _ranks(weights: Reals) -> Ids:
    ranks = np.empty(len(weights), np.int64)
    ranks[np.argsort(-weights, kind="stable")] = np.arange(len(weights))
    return ranks
