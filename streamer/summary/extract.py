"""Sentences picked from the text by sumy's LexRank (extra: summary)."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from streamer.errors import MissingDependencyError
from streamer.installation import install_command
from streamer.summary.values import Item, Origin, Summary, SummaryLine

_PART = 200
"""Lines compared with each other at once: the effort grows with the square."""
_FEWEST_CHARACTERS = 6
"""Shorter lines (好的, 对对对) say nothing alone."""


class _Bigrams:
    """Pairs of neighbouring characters stand for words: Chinese needs no dictionary that way."""

    def to_words(self, sentence: str) -> tuple[str, ...]:
        """The pairs of a sentence."""
        return tuple(left + right for left, right in pairwise(_said(sentence)))


def extract(lines: Sequence[SummaryLine], sentences: int) -> Summary:
    """The lines that stand for the others best, in their order.

    Raises:
        MissingDependencyError: sumy is not installed.
    """
    whole = picked = _worth_picking(lines)
    while len(picked) > _PART:
        parts = [picked[first : first + _PART] for first in range(0, len(picked), _PART)]
        picked = [line for part in parts for line in _best(part, max(sentences, _PART // 4))]
    if len(picked) > sentences:
        picked = _best(picked, sentences)
    source = "streamer" if picked is whole else "sumy LexRank"
    return Summary(Origin.EXTRACT, source, excerpts=tuple(Item(line.text, lines=(line.id,)) for line in picked))


def _worth_picking(lines: Sequence[SummaryLine]) -> list[SummaryLine]:
    """Lines that say something alone. What is said again stands for the same others, and would be picked again."""
    first: dict[str, SummaryLine] = {}
    for line in lines:
        said = _said(line.text)
        if len(said) >= _FEWEST_CHARACTERS:
            first.setdefault(said, line)
    return list(first.values())


def _said(text: str) -> str:
    """Letters and digits only, small ones."""
    return "".join(one for one in text.lower() if one.isalnum())


def _best(lines: Sequence[SummaryLine], count: int) -> list[SummaryLine]:
    summarizer, dom = _import_sumy()
    words = _Bigrams()
    # Sentences that compare as equal must stay apart, so each carries its place.
    sentences = [dom.Sentence(line.text, words) for line in lines]
    places = {id(sentence): place for place, sentence in enumerate(sentences)}
    document = dom.ObjectDocumentModel([dom.Paragraph(sentences)])
    chosen = summarizer.LexRankSummarizer()(document, count)
    return [lines[place] for place in sorted(places[id(sentence)] for sentence in chosen)]


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
