"""Sentences picked from the text by sumy's LexRank (extra: summary)."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from streamer.errors import MissingDependencyError
from streamer.summary.likeness import links, rarity
from streamer.summary.sentences import content_of, is_telling, sentences_of, worth_picking
from streamer.summary.values import Item, Origin, Summary, SummaryLine
from streamer.system.installation import install_command

_PART = 200
"""Sentences compared with each other at once: the effort grows with the square."""
_SHARE = 3
"""A summary takes at most one of so many sentences."""
_CANDIDATES = 4
"""For each sentence of a summary: in a short meeting no sentence resembles another, and any order is chance."""


class _Bigrams:
    """Pairs of neighbouring characters stand for words: Chinese needs no dictionary that way."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        """The pairs of a sentence."""
        return tuple(left + right for left, right in pairwise(content_of(sentence)))


def extract(lines: Sequence[SummaryLine], sentences: int) -> Summary:
    """The sentences that stand for the others best, in their order: at most so many, and at most a third of all.

    Raises:
        MissingDependencyError: sumy is not installed.
    """
    picked = worth_picking(sentences_of(lines))
    count = min(sentences, max(1, len(picked) // _SHARE))
    choice = _Choice()
    while len(picked) > _PART:
        parts = [picked[first : first + _PART] for first in range(0, len(picked), _PART)]
        picked = [sentence for part in parts for sentence in choice.best(part, max(_CANDIDATES * count, _PART // 4))]
    if len(picked) > count:
        picked = _most_telling(choice.best(picked, _CANDIDATES * count), count, choice)
    source = "sumy LexRank" if choice.is_ranked else "streamer"
    return Summary(Origin.EXTRACT, source, excerpts=tuple(picked))


def _most_telling(candidates: Sequence[Item], count: int, choice: _Choice) -> list[Item]:
    """Of sentences that stand for others those first that say who does what until when."""
    telling = [each for each in candidates if is_telling(each)]
    others = [each for each in candidates if not is_telling(each)]
    chosen = choice.best(telling, count)
    chosen += choice.best(others, count - len(chosen))
    return [each for each in candidates if each in chosen]


class _Choice:
    """Of sentences those that stand for the others best."""

    def __init__(self) -> None:
        self.is_ranked = False
        """Whether sumy has ranked any: where all are taken, nothing is chosen."""

    def best(self, sentences: Sequence[Item], count: int) -> list[Item]:
        """So many of them, in their order."""
        if len(sentences) <= count:
            return list(sentences)
        if not count:
            return []
        self.is_ranked = True
        return _ranked(sentences, count)


def _ranked(sentences: Sequence[Item], count: int) -> list[Item]:
    summarizer, dom = _import_sumy()
    words = _Bigrams()
    # Sentences that compare as equal must stay apart, so each carries its place.
    compared = [dom.Sentence(each.text, words) for each in sentences]
    places = {id(sentence): place for place, sentence in enumerate(compared)}
    document = dom.ObjectDocumentModel([dom.Paragraph(compared)])
    ranking = summarizer.LexRankSummarizer()
    ranking._compute_idf, ranking._create_matrix = rarity, links  # noqa: SLF001 - the same numbers, at once
    chosen = ranking(document, count)
    return [sentences[place] for place in sorted(places[id(sentence)] for sentence in chosen)]


def _import_sumy() -> tuple[Any, Any]:
    try:
        summarizer = importlib.import_module("sumy.summarizers.lex_rank")  # optional, and heavy
        dom = importlib.import_module("sumy.models.dom")
    except ImportError as error:
        raise MissingDependencyError(
            f"a summary without an endpoint needs sumy: {install_command('summary')}, or name an endpoint "
            "in [summary] base_url"
        ) from error
    return summarizer, dom
