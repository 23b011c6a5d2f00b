"""Settings of the character trigram beside the language stage's network, ``[ngram]``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NgramSettings:
    """The character trigram and how its scores are joined with the network's."""

    triples: int = 0
    """Character triples that are stored; 0: no n-gram, the network alone."""
    pairs: int = 600_000
    """Character pairs that are stored at least; those that the triples need are added."""
    own_share: float = 0.6
    """Share of the training texts' trigram in the mixture with the background's."""
    background: str = ""
    """Path of open-gram's word trigram, ``lm_sc.t3g`` of Debian's ``sunpinyin-data``; empty: training texts only."""
    background_words: str = ""
    """Path of its words, ``pydict_sc.bin`` of the same package."""
    drawn_words: int = 40_000_000
    """Words drawn from the background model."""
    network: float = 0.55
    """Weight of the network's log-probabilities."""
    trigram: float = 0.4
    """Weight of the trigram's in an utterance that seems free of errors."""
    hearing: float = 0.5
    """Weight, likewise, of the log-probability that a character is heard as the syllable."""
    noisy_trigram: float = 0.55
    """Weight of the trigram's in an utterance full of errors."""
    noisy_hearing: float = 0.35
    """Weight of hearing in an utterance full of errors."""
    noisy: float = 0.15
    """Share of syllables that contradict the network's characters from which on an utterance is full of errors; below,
    the weights lie in between."""
    wrong: float = 0.1
    """Share of wrong syllables that hearing assumes."""
