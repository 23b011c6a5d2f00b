"""What a model answered, made into a summary. Whatever it is, it is text: never markup, never an instruction."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Any

import msgspec

from streamer.summary.values import Item, Origin, Summary

_MAX_ITEMS = 100
_MAX_CHARACTERS = 2000
"""Of one text; what is longer is cut."""
_FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"\A.*</think>|\A\s*<think>.*", re.DOTALL)
"""What reasoning models put before their answer; where their prompt begins it, without the opening mark. One that never
ends holds no answer."""


_JSON = re.compile(r"^\s*(?:\{\s*\"|```)", re.MULTILINE)
_NOTHING = frozenset({"无", "没有", "暂无", "未提及", "none", "n/a"})
"""What models write where a list should be empty."""
_LINE = re.compile(r"(?<![\d:：])\d{1,18}(?![\d:：])")
"""A line's number; what a model cites by its time is none."""
_Texts = str | list[str] | None
"""Small models give one where several were asked for, and the other way round."""


class _Statement(msgspec.Struct):
    text: str = ""
    lines: Any = None
    owner: Any = None
    due: Any = None
    """What is none of these is left out, and the statement kept."""


_Statements = list[_Statement | str] | _Statement | str | None


class _Answer(msgspec.Struct):
    overview: _Texts = None
    topics: _Statements = None
    decisions: _Statements = None
    actions: _Statements = None

    @property
    def is_empty(self) -> bool:
        """Whether it has none of the keys: the model chose others."""
        return self.overview is self.topics is self.decisions is self.actions is None


def read_answer(answer: str, known: Collection[int], model: str) -> Summary | None:
    """The summary that an answer holds; None where it is not in the form that was asked for.

    Lines that do not exist are left out, texts are cut to a sane length.
    """
    found = _parsed(_THOUGHT.sub("", answer))
    if found is None:
        return None
    return Summary(
        Origin.MODEL,
        model,
        overview=_text(found.overview, "\n"),
        topics=_items(found.topics, known),
        decisions=_items(found.decisions, known),
        actions=_items(found.actions, known),
    )


def as_text(answer: str, model: str) -> Summary:
    """An answer in another form, kept as it is."""
    return Summary(Origin.MODEL, model, overview=_text(_THOUGHT.sub("", answer)))


def is_readable(summary: Summary) -> bool:
    """Whether a person can read it: not where it is an answer in JSON that broke off, or has other keys."""
    return _JSON.search(summary.overview) is None


def as_json(summary: Summary) -> str:
    """A summary for programs, and for merging."""
    return msgspec.json.encode(summary).decode()


def from_json(text: str) -> Summary | None:
    """What :func:`as_json` wrote; None where it is in another form."""
    try:
        return msgspec.json.decode(text, type=Summary)
    except msgspec.DecodeError:
        return None


def joined(parts: Collection[Summary]) -> Summary:
    """Summaries of parts one after another, where nobody merged them."""
    first, *rest = parts
    for part in rest:
        first = replace(
            first,
            overview="\n".join(text for text in (first.overview, part.overview) if text),
            topics=first.topics + part.topics,
            decisions=first.decisions + part.decisions,
            actions=first.actions + part.actions,
        )
    return first


def _parsed(answer: str) -> _Answer | None:
    begin, end = answer.find("{"), answer.rfind("}")
    candidates = [answer, *_FENCE.findall(answer), answer[begin : end + 1] if begin >= 0 else ""]
    for candidate in candidates:
        try:
            found = msgspec.json.decode(candidate.strip(), type=_Answer)
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            continue
        if not found.is_empty:
            return found
    return None


def _items(statements: _Statements, known: Collection[int]) -> tuple[Item, ...]:
    given = statements if isinstance(statements, list) else [] if statements is None else [statements]
    items = []
    for one in given[:_MAX_ITEMS]:
        statement = _Statement(text=one) if isinstance(one, str) else one
        text = _text(statement.text)
        if text and text.rstrip("。.").lower() not in _NOTHING:
            cited = tuple(dict.fromkeys(number for number in _numbers(statement.lines) if number in known))
            items.append(Item(text, cited, _text(_texts(statement.owner)), _text(_texts(statement.due))))
    return tuple(items)


def _numbers(given: Any) -> Iterator[int]:
    """The lines that are meant: 12, 12.0, "12", "[12]", "12、13"."""
    for one in given if isinstance(given, list) else [given]:
        if isinstance(one, str):
            yield from (int(digits) for digits in _LINE.findall(one))
        elif isinstance(one, int | float):
            yield int(one)


def _texts(given: Any) -> _Texts:
    """What of it is text, or a number."""
    several = given if isinstance(given, list) else [given]
    return [str(one) for one in several if isinstance(one, str | int | float) and not isinstance(one, bool)]


def _text(given: _Texts, between: str = "、") -> str:
    text = between.join(given) if isinstance(given, list) else given or ""
    return text.strip()[:_MAX_CHARACTERS]
