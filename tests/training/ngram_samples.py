"""Texts of seven characters, and the mixed trigram made of them."""

from __future__ import annotations

import numpy as np

from streamer.training.character_ngram import CharacterNgram, mixture
from streamer.training.ngram import estimate
from streamer.training.ngram_settings import NgramSettings

SIZE = 7
OWN = [np.array([3, 4, 5])] * 4 + [np.array([3, 4, 6]), np.array([5, 6])]
OTHER = [np.array([6, 5, 4, 3])] * 3 + [np.array([3, 4, 6])] * 2
ALL = NgramSettings(triples=1000, pairs=1000, own_share=0.7)


def mixed(settings: NgramSettings = ALL) -> CharacterNgram:
    return mixture(estimate(OWN, SIZE), estimate(OTHER, SIZE), settings)
