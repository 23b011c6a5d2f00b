"""The pinyin convention: how every corpus, synthesiser and hotword of streamer spells Mandarin.

One spelling for each syllable, so that recordings, synthetic speech, language-model text and hotwords agree:

* a syllable is written in ASCII, its tone last: ``zhong1``, ``lv4``, ``er2``;
* ü is ``v`` wherever it is pronounced and written with dots: ``nv3``, ``lve4`` (but ``ju2``, ``yue4``);
* the neutral tone is ``5``;
* 一 is always ``yi1`` and 不 always ``bu4``, and third-tone sandhi is not written: the tone is the dictionary's,
  so that one character keeps one spelling and the acoustic model learns the surface tone from context;
* erhua is a syllable of its own, ``er2``, as 儿 is a character of its own;
* syllables that pinyin writes without a vowel are spelled as they are heard: 嗯 ``en``, 呣 ``mu``, 哼 ``heng``;
* a Latin letter is a token of its own, upper case: ``A`` … ``Z``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

LETTERS = tuple("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
"""Tokens for spelled Latin letters."""

INITIALS = (
    "", "b", "p", "m", "f", "d", "t", "n", "l", "g", "k", "h", "j", "q", "x",
    "zh", "ch", "sh", "r", "z", "c", "s",
)  # fmt: skip
"""Consonants a syllable may begin with; the empty one first. ``y`` and ``w`` are spelling, not sounds."""

FINALS = (
    "a", "o", "e", "ei", "ai", "ao", "ou", "an", "en", "ang", "eng", "er", "ong",
    "i", "ia", "ie", "iao", "iu", "ian", "in", "iang", "ing", "iong", "io",
    "u", "ua", "uo", "uai", "ui", "uan", "un", "uang", "ueng",
    "v", "ve", "van", "vn", "ii", "iii",
)  # fmt: skip
"""Finals by sound: ``ii`` is the vowel of zi ci si, ``iii`` that of zhi chi shi ri."""

TONES = (1, 2, 3, 4, 5)
"""The four tones and the neutral one."""

_SYLLABLE = re.compile(r"([a-z]+)([1-5])")
_INITIAL = re.compile(r"zh|ch|sh|[bpmfdtnlgkhjqxrzcs]")

# Spellings of vowelless or rare interjections, by what is heard.
_HEARD_AS = {
    "n": "en",
    "ng": "en",
    "m": "mu",
    "hm": "heng",
    "hng": "heng",
    "ê": "ei",
    "eh": "ei",
    "lo": "luo",
    "yo": "yo",
}

# y- and w- spellings of syllables without a consonant, as finals.
_ZERO_INITIAL = {
    "yi": "i", "ya": "ia", "ye": "ie", "yao": "iao", "you": "iu", "yan": "ian", "yin": "in", "yang": "iang",
    "ying": "ing", "yong": "iong", "yo": "io", "yai": "ai", "wu": "u", "wa": "ua", "wo": "uo", "wai": "uai",
    "wei": "ui", "wan": "uan", "wen": "un", "wang": "uang", "weng": "ueng",
    "yu": "v", "yue": "ve", "yuan": "van", "yun": "vn",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Syllable:
    """A toned syllable taken apart by sound."""

    initial: str
    """One of :data:`INITIALS`."""
    final: str
    """One of :data:`FINALS`."""
    tone: int
    """One of :data:`TONES`."""


@lru_cache(maxsize=4096)
def parse_syllable(spelling: str) -> Syllable:
    """Take a canonical spelling (``zhong1``) apart into initial, final and tone.

    Raises:
        ValueError: the spelling is not a Mandarin syllable in this module's convention.
    """
    match = _SYLLABLE.fullmatch(spelling)
    if match is None:
        raise ValueError(
            f"not a toned syllable: {spelling!r} (expected letters a–z, ü as v, then a tone 1–5, such as 'zhong1')"
        )
    letters, tone = match[1], int(match[2])
    if letters in _ZERO_INITIAL:
        return Syllable("", _ZERO_INITIAL[letters], tone)
    consonant = _INITIAL.match(letters)
    initial = consonant[0] if consonant else ""
    final = letters[len(initial) :]
    if initial in ("j", "q", "x") and final.startswith("u"):
        final = "v" + final[1:]
    if initial in ("z", "c", "s") and final == "i":
        final = "ii"
    if initial in ("zh", "ch", "sh", "r") and final == "i":
        final = "iii"
    if final == "ue":
        final = "ve"
    if final not in FINALS:
        raise ValueError(f"not a Mandarin syllable: {spelling!r} (no final {final!r})")
    return Syllable(initial, final, tone)


def canonical(spelling: str) -> str:
    """Bring one syllable from a foreign spelling into the convention.

    Accepts a tone digit 0–5 at the end (0 and none mean neutral), ``ü``, ``u:`` and ``v`` for ü, upper case, and
    vowelless interjections. A single Latin letter in upper case is a letter token and is returned unchanged.

    Raises:
        ValueError: what is given is no Mandarin syllable.
    """
    if spelling in LETTERS:
        return spelling
    letters = spelling.lower().replace("u:", "v").replace("ü", "v")
    tone = "5"
    if letters and letters[-1].isdigit():
        letters, tone = letters[:-1], letters[-1].replace("0", "5")
    letters = _HEARD_AS.get(letters, letters)
    if letters in ("nue", "lue"):
        letters = letters[0] + "ve"
    if letters[:1] in ("j", "q", "x", "y"):
        letters = letters.replace("v", "u")
    parse_syllable(letters + tone)
    return letters + tone


def toneless(spelling: str) -> str:
    """The spelling without its tone; letter tokens stay as they are."""
    return spelling if spelling in LETTERS else spelling.rstrip("12345")


def is_hanzi(character: str) -> bool:
    """Whether one character is a Chinese ideograph (CJK unified, extension A, or 〇)."""
    return "\u4e00" <= character <= "\u9fff" or "\u3400" <= character <= "\u4dbf" or character == "〇"


def spell(text: str) -> list[str]:
    """Spell spoken-form text: one syllable per ideograph, one token per Latin letter; all else is skipped.

    Numbers must have been written out before (``二零二六``, not ``2026``). Readings of characters with several come
    from pypinyin's phrase table (extra ``train``; the live path uses the pack's own table instead).

    Raises:
        ImportError: pypinyin is not installed.
        ValueError: an ideograph has no known reading.
    """
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415 - 59 MB at first use, needed by training and packs only

    tokens: list[str] = []
    for run in re.findall(r"[\u4e00-\u9fff\u3400-\u4dbf〇]+|[A-Za-z]", text):
        if run.isascii():
            tokens.append(run.upper())
            continue
        readings = lazy_pinyin(run, style=Style.TONE3, neutral_tone_with_five=True)
        if len(readings) != len(run):
            raise ValueError(f"{len(readings)} readings for {len(run)} characters in {run!r}")
        tokens.extend(_citation(character, reading) for character, reading in zip(run, readings, strict=True))
    return tokens


def _citation(character: str, reading: str) -> str:
    """The dictionary's tone where pypinyin's phrases write sandhi."""
    return {"一": "yi1", "不": "bu4", "儿": "er2", "嗯": "en5"}.get(character) or canonical(reading)
