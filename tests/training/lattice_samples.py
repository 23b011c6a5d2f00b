"""A trigram and a lattice of the tiny tables."""

from __future__ import annotations

from streamer.training.character_ngram import CharacterNgram, mixture
from streamer.training.confusions import simulated_confusions
from streamer.training.language_lattice import Lattice, build_lattice
from streamer.training.language_spans import EncodedText
from streamer.training.ngram import estimate
from streamer.training.ngram_settings import NgramSettings
from streamer.training.text_corpus import Passage
from tests.training.language_samples import CHARACTERS, SYLLABLES, readings, tables

CLASSES = len(CHARACTERS) + 1
TEXTS = [
    EncodedText.of(
        [Passage("银行", ("yin2", "hang2"), ("", "")), Passage("妈是市", ("ma1", "shi4", "shi4"), ("", "", ""))] * 3,
        tables(),
    )
]
SETTINGS = NgramSettings(
    triples=100, pairs=100, own_share=1.0, trigram=0.5, noisy_trigram=0.5, hearing=0.4, noisy_hearing=0.4
)


def trigram() -> CharacterNgram:
    model = estimate([TEXTS[0].passage(index)[1] for index in range(len(TEXTS[0]))], CLASSES)
    return mixture(model, model, SETTINGS)


def lattice(settings: NgramSettings = SETTINGS) -> Lattice:
    return build_lattice(trigram(), TEXTS, readings(), simulated_confusions(SYLLABLES), settings)
