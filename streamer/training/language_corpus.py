"""Preparation of the language stage's material: token tables, readings, and all corpora as ids, cached."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from streamer.arrays import save_arrays
from streamer.errors import SettingsError
from streamer.training.language_settings import LanguageSettings
from streamer.training.language_spans import EncodedText, Ids, Tables, WordSampler, reading_table
from streamer.training.language_tokens import (
    ReadingCounts,
    choose_characters,
    dictionary_words,
    read_readings,
    read_token_table,
    readings_of,
    readings_of_others,
    write_readings,
    write_token_table,
)
from streamer.training.text_corpus import Corpus, EvaluationTexts, Passage, passages, read_passages
from streamer.training.text_corpus import Text as CorpusText

_CACHE: Final = "corpus.npz"
_LEAST_WORD_FREQUENCY: Final = 3


@dataclass(frozen=True, slots=True)
class LanguageCorpus:
    """Everything the trainers and the evaluation read."""

    acoustic: tuple[str, ...]
    """Acoustic tokens, id from 0."""
    language: tuple[str, ...]
    """Language tokens, id from 1."""
    readings: Ids
    """(language ids, 4) acoustic ids of each character's readings."""
    training: dict[str, EncodedText]
    """Corpus name → its text without held-out meetings and evaluation texts."""
    tune: EncodedText
    """The meetings for choosing."""
    test: EncodedText
    """The meetings for reported figures."""
    words: EncodedText
    """Dictionary words, one a passage."""
    word_frequencies: Ids
    """(words,) their frequencies."""

    @property
    def tables(self) -> Tables:
        """Token → id."""
        return Tables.of(self.acoustic, self.language)

    def word_sampler(self, exponent: float) -> WordSampler:
        """Draws words with their frequency to the power ``exponent``."""
        chances = np.cumsum(self.word_frequencies.astype(np.float64) ** exponent)
        return WordSampler(self.words, chances / chances[-1])


def prepare_language(settings: LanguageSettings) -> LanguageCorpus:
    """Read all corpora, write the cache, and the token table and the readings where there are none.

    Tables that exist are kept, though new texts would choose others: models are trained for the numbers in them.

    Raises:
        SettingsError: a corpus or the acoustic token table cannot be read.
    """
    evaluation = EvaluationTexts.read(settings.evaluation_lists)
    acoustic = read_token_table(settings.acoustic_tokens)
    training = {corpus.name: list(_training_passages(corpus, settings, evaluation)) for corpus in settings.corpora}
    tune = _meeting_passages(settings, settings.tune_meetings, evaluation)
    test = _meeting_passages(settings, settings.test_meetings, evaluation)
    dictionary = {
        word: frequency
        for word, frequency in dictionary_words(settings.dictionary).items()
        if frequency >= _LEAST_WORD_FREQUENCY
    }
    if not (settings.language_tokens.exists() and settings.readings.exists()):
        counts = ReadingCounts.of(passage for group in (*training.values(), tune, test) for passage in group)
        characters = choose_characters(counts.characters, dictionary, most=settings.table_size)
        write_token_table(settings.language_tokens, characters)
        tokens = read_token_table(settings.language_tokens)[2:]
        readings = {token: readings_of(token, counts.readings, acoustic) for token in tokens}
        write_readings(settings.readings, readings | readings_of_others(tokens, acoustic))
    tables = Tables.of(acoustic, read_token_table(settings.language_tokens))
    words, frequencies = _words(dictionary, tables)
    arrays = {"frequencies": np.array(frequencies, np.int64)}
    groups = {f"training/{name}": group for name, group in training.items()} | {
        "tune": tune,
        "test": test,
        "words": words,
    }
    for name, group in groups.items():
        encoded = EncodedText.of(group, tables)
        arrays |= {f"{name}/{field}": getattr(encoded, field) for field in EncodedText.__slots__}
    settings.work_folder.mkdir(parents=True, exist_ok=True)
    save_arrays(settings.work_folder / _CACHE, arrays)
    return load_language_corpus(settings)


def load_language_corpus(settings: LanguageSettings) -> LanguageCorpus:
    """What :func:`prepare_language` wrote.

    Raises:
        SettingsError: nothing was prepared yet.
    """
    path = settings.work_folder / _CACHE
    if not path.exists():
        raise SettingsError(f"no prepared corpus at {path}: `streamer train language prepare` writes it")
    acoustic, language = read_token_table(settings.acoustic_tokens), read_token_table(settings.language_tokens)
    tables = Tables.of(acoustic, language)
    with np.load(path) as arrays:

        def text(name: str) -> EncodedText:
            return EncodedText(*(arrays[f"{name}/{field}"] for field in EncodedText.__slots__))

        return LanguageCorpus(
            acoustic=tuple(acoustic),
            language=tuple(language),
            readings=reading_table(read_readings(settings.readings), tables),
            training={corpus.name: text(f"training/{corpus.name}") for corpus in settings.corpora},
            tune=text("tune"),
            test=text("test"),
            words=text("words"),
            word_frequencies=arrays["frequencies"],
        )


def _training_passages(corpus: Corpus, settings: LanguageSettings, evaluation: EvaluationTexts) -> Iterable[Passage]:
    return read_passages(corpus, evaluation=evaluation, meetings=settings.held_out)


def _meeting_passages(
    settings: LanguageSettings, meetings: tuple[str, ...], evaluation: EvaluationTexts
) -> list[Passage]:
    return [
        passage
        for corpus in settings.corpora
        if corpus.layout == "meetings"
        for passage in read_passages(corpus, evaluation=evaluation, meetings=meetings, keep_meetings=True)
    ]


def _words(dictionary: dict[str, int], tables: Tables) -> tuple[list[Passage], list[int]]:
    words: list[Passage] = []
    frequencies: list[int] = []
    for word, frequency in dictionary.items():
        spelled = passages(CorpusText(word, "", 0))
        if (
            len(spelled) == 1
            and all(character in tables.characters for character in word)
            and all(syllable in tables.syllables for syllable in spelled[0].syllables)
        ):
            words.append(spelled[0])
            frequencies.append(frequency)
    return words, frequencies


def texts_by_share(settings: LanguageSettings, corpus: LanguageCorpus) -> list[EncodedText]:
    """The training texts, each as often as the sentence model sees it in an epoch, in whole times: for counting."""
    return [corpus.training[each.name] for each in settings.corpora for _ in range(round(each.seen_by_sentences))]


def corpus_weights(settings: LanguageSettings) -> dict[str, float]:
    """Corpus name → how many times it is seen in one epoch."""
    return {corpus.name: corpus.weight for corpus in settings.corpora}
