"""What a model answered, made into a summary. Whatever it is, it is text: never markup, never an instruction."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

import msgspec

from streamer.summary.values import Item, Origin, Summary

_MAX_ITEMS = 100
_MAX_CHARACTERS = 2000
"""Of one text; what is longer is cut."""
_FENCE = re.compile(r"```(?:json)?\s*(.*?)```", re.DOTALL)
_THOUGHT = re.compile(r"<think>.*?</think>", re.DOTALL)
"""What reasoning models put before their answer."""


class _Statement(msgspec.Struct):
    text: str = ""
    lines: list[int | str | float] | None = None
    owner: str | None = None
    due: str | None = None


class _Answer(msgspec.Struct):
    overview: str | None = None
    topics: list[_Statement | str] | None = None
    decisions: list[_Statement | str] | None = None
    actions: list[_Statement | str] | None = None


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
        overview=_text(found.overview),
        topics=_items(found.topics, known),
        decisions=_items(found.decisions, known),
        actions=_items(found.actions, known),
    )


def as_text(answer: str, model: str) -> Summary:
    """An answer in another form, kept as it is."""
    return Summary(Origin.MODEL, model, overview=_text(_THOUGHT.sub("", answer)))


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
            return msgspec.json.decode(candidate.strip(), type=_Answer)
        except (msgspec.MsgspecError, UnicodeEncodeError, RecursionError):
            continue
    return None


def _items(statements: list[_Statement | str] | None, known: Collection[int]) -> tuple[Item, ...]:
    items = []
    for given in (statements or [])[:_MAX_ITEMS]:
        statement = _Statement(text=given) if isinstance(given, str) else given
        if text := _text(statement.text):
            cited = tuple(dict.fromkeys(number for number in map(_number, statement.lines or []) if number in known))
            items.append(Item(text, cited, _text(statement.owner), _text(statement.due)))
    return tuple(items)


def _number(given: str | float) -> int:
    """The line that is meant: 12, 12.0, "12", "[12]"; one that does not exist where none is."""
    if isinstance(given, str):
        digits = re.sub(r"\D", "", given)[:18]
        return int(digits) if digits else -1
    return int(given)


def _text(given: str | None) -> str:
    return (given or "").strip()[:_MAX_CHARACTERS]
