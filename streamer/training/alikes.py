"""The pack's table of alike sounds: what may have been said where the acoustic model heard something else.

Of the many sounds that are mixed up these are the ones that it pays to consider, chosen on tune.tsv (each kind alone,
then together): what is lost on the way from a mouth to a microphone, or not parted by many speakers, and letters said
as syllables. They are taken one way only: in is heard where ing was said twenty times as often as ing where in was
said, and both ways cost voices that the model knows three times as much. Tones, aspirated for unaspirated, and n for l,
all of which are mixed up somewhere, made more errors than they mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from streamer.text.pinyin import LETTERS, Syllable, parse_syllable

_INITIALS: Final = ("zh z", "ch c", "sh s", "p t", "b d", "m l")
"""What is said, and what is heard then: the tongue is less curled, as southern speakers have it; lips for tongue, which
short bursts tell (Miller and Nicely 1955, "An analysis of perceptual confusions among some English consonants": place
is what noise takes first)."""
_FINALS: Final = ("eng en", "ing in", "ong eng", "ong ou", "iang ia", "ang a")
"""Nasal endings that speakers of many regions move to the front, or swallow."""
_SHARE: Final = 0.1
"""Of those who say the first so that the second is heard. On tune.tsv .03 and .3 gain a little less."""
LETTER_SOUNDS: Final = {
    "A": "ei1 ei4", "B": "bi4 bi1 bi3", "C": "xi1 xi4 sei1", "D": "di4 di1 di3", "E": "yi4 yi1", "G": "ji4 ji1",
    "I": "ai1 ai4", "J": "zhei4 jie4", "K": "kei4 kai1 kai4", "N": "en1 en4", "O": "ou1 ou4", "P": "pi4 pi1 pi3",
    "Q": "qiu4 kou4", "R": "a4 er4", "S": "si1 si4", "T": "ti4 ti1", "U": "you1 you4", "V": "wei1 wei4",
    "Y": "wai1 wai4", "Z": "zei4",
}  # fmt: skip
"""How letters are said in Mandarin, the usual way first. Those that take several syllables (F, H, L, M, W, X) are left
out."""
_LETTER_SHARE: Final = 1.0


def alike_sounds(tokens: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    """What is heard, what may have been said then, and the share of those who say it that it is heard so.

    Args:
        tokens: the acoustic table, syllables in the project's spelling and Latin letters.
    """
    syllables = {parse_syllable(token): token for token in tokens if token not in LETTERS}
    for sound, said in syllables.items():
        for other in _heard_as(sound):
            if other in syllables:
                yield syllables[other], said, _SHARE
    known = set(tokens)
    for letter, sounds in LETTER_SOUNDS.items():
        for heard in sounds.split():
            if {letter, heard} <= known:
                yield heard, letter, _LETTER_SHARE


def write_alikes(path: Path, tokens: Sequence[str]) -> int:
    """Write a pack's table, as :mod:`streamer.asr.search.alikes` reads it; returns how many pairs it has."""
    lines = [f"{heard}\t{said}\t{share:g}" for heard, said, share in alike_sounds(tokens)]
    path.write_text("\n".join(["# heard, perhaps said, share", *lines, ""]), encoding="utf-8")
    return len(lines)


def _heard_as(sound: Syllable) -> Iterator[Syllable]:
    """What a sound is heard as, too."""
    for pair in _INITIALS:
        said, heard = pair.split()
        if sound.initial == said:
            # zi and zhi differ in the consonant alone.
            yield Syllable(heard, "ii" if sound.final == "iii" else sound.final, sound.tone)
    for pair in _FINALS:
        said, heard = pair.split()
        if sound.final == said:
            yield Syllable(sound.initial, heard, sound.tone)
