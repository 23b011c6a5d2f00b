"""Sentences as Kokoro-82M's symbols: misaki's table for Mandarin, IPA with an arrow for each tone."""

from __future__ import annotations

import random

from streamer.text.pinyin import LETTERS, parse_syllable
from streamer.training.sentences import Sentence
from streamer.training.zhtts_speaker import surface_tones

_INITIALS = {
    "": "", "b": "p", "c": "ʦʰ", "ch": "ꭧʰ", "d": "t", "f": "f", "g": "k", "h": "x", "j": "ʨ", "k": "kʰ", "l": "l",
    "m": "m", "n": "n", "p": "pʰ", "q": "ʨʰ", "r": "ɻ", "s": "s", "sh": "ʂ", "t": "tʰ", "x": "ɕ", "z": "ʦ", "zh": "ꭧ",
}  # fmt: skip
_FINALS = {
    "a": "a0", "ai": "ai0", "an": "a0n", "ang": "a0ŋ", "ao": "au0", "e": "ɤ0", "ei": "ei0", "en": "ə0n", "eng": "ə0ŋ",
    "er": "ɚ0", "i": "i0", "ia": "ja0", "ian": "jɛ0n", "iang": "ja0ŋ", "iao": "jau0", "ie": "je0", "in": "i0n",
    "iu": "jou0", "ing": "i0ŋ", "iong": "jʊ0ŋ", "io": "jɔ0", "ong": "ʊ0ŋ", "ou": "ou0", "u": "u0", "ui": "wei0",
    "ua": "wa0", "uai": "wai0", "uan": "wa0n", "un": "wə0n", "uang": "wa0ŋ", "ueng": "wə0ŋ", "uo": "wo0", "o": "wo0",
    "v": "y0", "ve": "ɥe0", "van": "ɥɛ0n", "vn": "y0n", "ii": "ɨ0", "iii": "ɨ0",
}  # fmt: skip
_TONES = ("", "→", "↗", "↓", "↘", "")
_VOCABULARY = {
    " ": 16, "ʨ": 21, "ꭧ": 23, "a": 43, "e": 47, "f": 48, "h": 50, "i": 51, "j": 52, "k": 53, "l": 54, "m": 55, "n": 56,
    "o": 57, "p": 58, "s": 61, "t": 62, "u": 63, "w": 65, "x": 66, "y": 67, "ɔ": 76, "ɕ": 77, "ʦ": 20, "ə": 83, "ɚ": 85,
    "ɛ": 86, "ɥ": 99, "ɨ": 101, "ŋ": 112, "ɻ": 126, "ʂ": 130, "ʊ": 135, "ɤ": 140, "ʰ": 162, "↓": 169, "→": 171,
    "↗": 172, "↘": 173, ".": 4, ",": 3,
}  # fmt: skip


def symbol_ids(sentence: Sentence, rng: random.Random) -> tuple[list[int], list[int]]:
    """Ids of the IPA symbols, syllables run together in words of one to three, and the token of each (−1: none).

    Raises:
        ValueError: the sentence spells a letter.
    """
    if any(token in LETTERS for token in sentence.tokens):
        raise ValueError(f"Kokoro's Mandarin voices do not spell letters: {sentence.text!r}")
    text, owners, left = "", [], rng.randint(1, 3)
    for place, (token, tone) in enumerate(zip(sentence.tokens, surface_tones(sentence, rng), strict=True)):
        syllable = parse_syllable(token)
        sound = _INITIALS[syllable.initial] + _FINALS[syllable.final].replace("0", _TONES[tone])
        text += sound
        owners += [place] * len(sound)
        left -= 1
        if not left and place < len(sentence.tokens) - 1:
            text, left = text + " ", rng.randint(1, 3)
            owners.append(-1)
    return [_VOCABULARY[symbol] for symbol in text + "."], [*owners, -1]
