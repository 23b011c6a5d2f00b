"""The pack's table of alike sounds: what may have been said where the acoustic model heard something else.

Of the many sounds that could be mixed up these are the ones that it pays to consider, chosen on tune.tsv (each kind
alone, then together): what accents do not part, what is lost first at a distance, and letters said as syllables. Tones,
aspirated for unaspirated, and n for l, all as often mixed up somewhere, made more errors than they mended.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from streamer.text.pinyin import LETTERS, Syllable, parse_syllable

_INITIALS: Final = ("zh z", "ch c", "sh s", "p t", "b d", "m l")
"""Retroflex or not, as southern speakers do not part them; lips or tongue, which short bursts tell (Miller and Nicely
1955, "An analysis of perceptual confusions among some English consonants": place is what noise takes first)."""
_FINALS: Final = ("eng en", "ing in", "ong eng", "ong ou", "iang ia", "ang a")
"""Nasal endings that speakers of many regions run together, say alike or swallow."""
_SHARE: Final = 0.1
"""Of those who say one of a pair so that the other is heard. On tune.tsv .03 and .3 gain a little less."""
_LETTERS: Final = {
    "A": "ei1 ei4", "B": "bi4 bi1 bi3", "C": "xi1 xi4 sei1", "D": "di4 di1 di3", "E": "yi4 yi1", "G": "ji4 ji1",
    "I": "ai4 ai1", "J": "zhei4 jie4", "K": "kei4 kai1 kai4", "N": "en1 en4", "O": "ou1 ou4", "P": "pi4 pi1 pi3",
    "Q": "qiu4 kou4", "R": "a4 er4", "S": "si1 si4", "T": "ti4 ti1", "U": "you1 you4", "V": "wei1 wei4",
    "Y": "wai1 wai4", "Z": "zei4",
}  # fmt: skip
"""How letters are said in Mandarin; those that take several syllables (F, H, L, M, W, X) are left out."""
_LETTER_SHARE: Final = 1.0


def alike_sounds(tokens: Sequence[str]) -> Iterator[tuple[str, str, float]]:
    """What is heard, what may have been said then, and the share of those who say it that it is heard so.

    Args:
        tokens: the acoustic table, syllables in the project's spelling and Latin letters.
    """
    syllables = {parse_syllable(token): token for token in tokens if token not in LETTERS}
    for sound, said in syllables.items():
        for other in _alike(sound):
            if other in syllables:
                yield syllables[other], said, _SHARE
    known = set(tokens)
    for letter, sounds in _LETTERS.items():
        for heard in sounds.split():
            if {letter, heard} <= known:
                yield heard, letter, _LETTER_SHARE


def write_alikes(path: Path, tokens: Sequence[str]) -> int:
    """Write a pack's table, as :func:`~streamer.asr.alikes.read_alikes` reads it; returns how many pairs it has."""
    lines = [f"{heard}\t{said}\t{share:g}" for heard, said, share in alike_sounds(tokens)]
    path.write_text("\n".join(["# heard, perhaps said, share", *lines, ""]), encoding="utf-8")
    return len(lines)


def _alike(sound: Syllable) -> Iterator[Syllable]:
    """Sounds that differ from one in a pair."""
    for pair in _INITIALS:
        if sound.initial in (names := pair.split()):
            other = names[names[0] == sound.initial]
            # zi and zhi differ in the consonant alone.
            finals = ("ii", "iii") if sound.final in {"ii", "iii"} else (sound.final,)
            yield from (Syllable(other, final, sound.tone) for final in finals)
    for pair in _FINALS:
        if sound.final in (names := pair.split()):
            yield Syllable(sound.initial, names[names[0] == sound.final], sound.tone)
