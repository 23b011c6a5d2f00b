"""Sentences to synthesise: clauses of the corpora in spoken form, clear of the evaluation texts."""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from streamer.text.pinyin import spell
from streamer.training.provenance import DevTexts

_CLAUSE_END = re.compile(r"[^\u4e00-\u9fffA-Za-z0-9]+")
_NOT_SPOKEN = re.compile(r"[a-z]|[0-9]|[A-Z]{5}")
_CHOICE = 16
"""Sentences that are looked at for each one that is drawn."""
_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True, slots=True)
class Sentence:
    """A clause to be spoken."""

    text: str
    """Hanzi and upper-case letters, nothing else."""
    tokens: tuple[str, ...]
    """Its spelling, one token per character (:mod:`streamer.text.pinyin`)."""


def clauses(lines: Iterable[str]) -> Iterator[str]:
    """Neighbouring clauses of a corpus's lines joined to 3 to 24 characters; those with digits or words are skipped."""
    for line in lines:
        if line.startswith("#"):
            continue
        joined = ""
        for clause in (*_CLAUSE_END.split(line.replace(" ", "，")), ""):
            if joined and (not clause or len(joined) + len(clause) > _target_length(joined)):
                if not _NOT_SPOKEN.search(joined) and 3 <= len(joined) <= 24:
                    yield joined
                joined = ""
            joined += clause


def choose_sentences(
    corpora: Sequence[tuple[Iterable[str], float]], dev: DevTexts, count: int, seed: int
) -> list[Sentence]:
    """Draw ``count`` sentences.

    Args:
        corpora: the lines of each text with its share of the sentences.
        dev: the evaluation texts to keep clear of.
        count: how many sentences.
        seed: of the draw.

    Returns:
        Sentences in random order. Half of each share is random, half prefers clauses with syllables that were
        rare so far, and one in sixteen is a made-up number, time, amount or spelled name.
    """
    rng = random.Random(seed)  # noqa: S311 - a reproducible draw, not a secret
    counts: Counter[str] = Counter()
    chosen: list[Sentence] = [made_up(rng) for _ in range(count // 16)]
    total = sum(share for _, share in corpora)
    for lines, share in corpora:
        pool = sorted({clause for clause in clauses(lines) if not dev.overlaps(clause)})
        rng.shuffle(pool)
        wanted = min(len(pool), round((count - count // 16) * share / total))
        # Among so many there are enough with rare syllables, and spelling all of a large corpus takes minutes.
        sentences = [sentence for sentence in map(_spelled, pool[: _CHOICE * wanted]) if sentence is not None]
        first, rest = sentences[: wanted // 2], sentences[wanted // 2 :]
        for sentence in first:
            counts.update(sentence.tokens)
        rest.sort(
            key=lambda sentence: -sum(1 / (1 + counts[token]) for token in sentence.tokens) / len(sentence.tokens)
        )
        chosen += first + rest[: wanted - len(first)]
        for sentence in rest[: wanted - len(first)]:
            counts.update(sentence.tokens)
    rng.shuffle(chosen)
    return [sentence for sentence in chosen if not dev.overlaps(sentence.text)]


def made_up(rng: random.Random) -> Sentence:
    """A spoken number, date, amount, telephone number or spelled name."""
    digits = "".join(rng.choice(_DIGITS) for _ in range(rng.randint(3, 9)))
    letters = "".join(rng.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ") for _ in range(rng.randint(1, 4)))
    text = rng.choice(
        [
            digits,
            digits.replace("一", "幺"),
            f"{_number(rng)}点{digits[:3]}",
            f"百分之{_number(rng)}",
            f"二零{digits[:2]}年{_number(rng, 12)}月{_number(rng, 31)}号",
            f"{_number(rng, 24)}点{_number(rng, 59)}分",
            f"{_number(rng)}{rng.choice('块元个度人次公里')}",
            letters,
            f"{letters}{rng.choice(['公司', '项目', '方案', '区', '座', '股', '轮', '级', '系列'])}",
            f"{rng.choice(['这个', '我们的', '关于', '打开', '一个'])}{letters}",
        ]
    )
    sentence = _spelled(text)
    if sentence is None:
        raise AssertionError(text)
    return sentence


def _number(rng: random.Random, below: int = 0) -> str:
    """A whole number in words."""
    value = rng.randint(1, below) if below else rng.choice([rng.randint(1, 99), rng.randint(1, 9999)])
    words, gap = "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit:
            words += ("零" if gap else "") + _DIGITS[digit] + name
            gap = False
        else:
            gap = bool(words)
    return words.removeprefix("一") if words.startswith("一十") else words


def _target_length(joined: str) -> int:
    """Different clauses are joined to different lengths, the same on every run."""
    return 6 + sum(map(ord, joined)) % 19


def _spelled(text: str) -> Sentence | None:
    try:
        return Sentence(text, tuple(spell(text)))
    except ValueError:
        return None
