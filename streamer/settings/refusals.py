"""What is wrong with a value that msgspec refuses, in words of our own: which key, what it is, what was expected."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, TypeGuard

from msgspec import inspect

_PLACE = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>.*)`$")
_MISSING = re.compile(r"^Object missing required field `(?P<key>.*)`$")
_REFUSED = re.compile(r"^(?:Expected `|Invalid enum value )")
_STEP = re.compile(r"\w+|\[(?:\d+|\.\.\.)\]")
_SOME = "[...]"
"""How msgspec names a value of a table whose keys may be any: it does not say which."""
_LONGEST = 60
"""Characters of a value that are shown."""


def explained(message: str, tables: Mapping[str, Any], model: type) -> str:
    """What a message of msgspec's about ``tables``, which should become a ``model``, says to a person."""
    path, problem = _place(message), _PLACE.sub("", message)
    expected = _type_at(inspect.type_info(model), path)
    if unknown := _UNKNOWN.match(problem):
        names = [field.encode_name for field in expected.fields] if isinstance(expected, inspect.StructType) else []
        close = difflib.get_close_matches(unknown["key"], names, n=1)
        return f"unknown key {_joined(path, unknown['key'])}" + "".join(f"; did you mean `{name}`?" for name in close)
    if missing := _MISSING.match(problem):
        return f"{_joined(path, missing['key'])} is missing"
    if not _REFUSED.match(problem):
        return f"{_named(path)}: {problem}" if path else problem  # of our own models: which keys contradict each other
    if path.endswith(_SOME):
        return f"{_named(path.removesuffix(_SOME))} has a value that does not fit; {_expectation(expected, None, path)}"
    value = _value_at(tables, path)
    verb = "has" if path.endswith("]") else "is"
    return f"{_named(path)} {verb} {_shown(value)}; {_expectation(expected, value, path)}"


def is_given(message: str, overrides: Mapping[str, Any] | None) -> bool:
    """Whether what such a message is about stands in ``overrides``, not in what these go over."""
    value = _value_at(overrides or {}, _place(message))
    return value is not None and not isinstance(value, Mapping)  # a table has keys of a file, too


def _place(message: str) -> str:
    """Where something is wrong, such as ``room[0].name``; empty: outside of all tables."""
    place = _PLACE.search(message)
    return place["path"] if place else ""


def _named(path: str) -> str:
    """A place for a person, who counts rooms from one."""
    room = re.match(r"room\[(\d+)\]\.", path)
    return f"`{_without_indices(path)}`" + (f" of [[room]] {int(room[1]) + 1}" if room else "")


def _without_indices(path: str) -> str:
    return re.sub(r"\[(?:\d+|\.\.\.)\]", "", path)


def _value_at(tables: Mapping[str, Any], path: str) -> Any:
    """What stands at a place; None where nothing does."""
    value: Any = tables
    for step in _STEP.findall(path):
        if step.startswith("["):
            value = value[int(step[1:-1])] if isinstance(value, list | tuple) else None
        else:
            value = value.get(step) if isinstance(value, Mapping) else None
    return value


def _joined(path: str, key: str) -> str:
    return _named(f"{path}.{key}" if path else key)


def _type_at(kind: inspect.Type, path: str) -> inspect.Type:
    """The type at such a place; of alternatives the one that is not None."""
    for step in _STEP.findall(path):
        kind = _present(kind)
        if isinstance(kind, inspect.StructType):
            kind = next(field.type for field in kind.fields if field.encode_name == step)
        elif isinstance(kind, inspect.VarTupleType):
            kind = kind.item_type
        elif isinstance(kind, inspect.TupleType):
            kind = kind.item_types[int(step[1:-1])]
        elif isinstance(kind, inspect.DictType):
            kind = kind.value_type
    return _present(kind)


def _present(kind: inspect.Type) -> inspect.Type:
    """What a value that is there may be; alternatives where there are several."""
    types = [one for one in kind.types if not isinstance(one, inspect.NoneType)] if _is_union(kind) else []
    return types[0] if len(types) == 1 else kind


def _is_union(kind: inspect.Type) -> TypeGuard[inspect.UnionType]:
    return isinstance(kind, inspect.UnionType)


def _shown(value: Any) -> str:
    match value:
        case bool():
            return str(value).lower()
        case Mapping():
            return "a table"
        case list() | tuple():
            return "a list"
        case str():
            text = repr(value)
        case _:
            text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _expectation(expected: inspect.Type, value: Any, path: str) -> str:
    """What was expected, and how it is written where that is what is wrong."""
    keys = _without_indices(path)
    match expected:
        case inspect.StructType() | inspect.DictType():
            written = f"[[{keys}]]" if path.endswith("]") else f"[{keys}]"
            return f"it is a table: write {written}, and its keys on the lines below"
        case inspect.VarTupleType(item_type=inspect.StructType()):
            return f"write [[{keys}]], with two brackets: there may be several"
        case inspect.VarTupleType() | inspect.TupleType():
            values = f"{len(expected.item_types)} values" if isinstance(expected, inspect.TupleType) else "a list"
            return f"expected {values}, in brackets"
        case inspect.LiteralType():
            return f"expected one of {', '.join(sorted(map(repr, expected.values)))}"
        case inspect.StrType():
            return f"expected text{_length(expected)}" + ("" if isinstance(value, str) else " in quotes")
        case _:
            return f"expected {_unquoted(expected)}" + (", without quotes" if isinstance(value, str) else "")


def _unquoted(kind: inspect.Type) -> str:
    """What TOML has no quotes for."""
    match kind:
        case inspect.BoolType():
            return "true or false"
        case inspect.IntType():
            return f"a whole number{_range(kind)}"
        case inspect.FloatType():
            return f"a number{_range(kind)}"
        case inspect.UnionType():
            return "a number, or text in quotes"
        case _:
            raise TypeError(f"no setting is of this type: {kind}")


def _range(kind: inspect.IntType | inspect.FloatType) -> str:
    """Its bounds, of which a number of the settings has both."""
    if kind.le is None and kind.lt is None:
        least = "" if kind.ge is None else f" of at least {_number(kind.ge)}"
        return least if kind.gt is None else f" above {_number(kind.gt)}"
    most = f" below {_number(kind.lt)}" if kind.le is None else f" up to {_number(kind.le)}"
    if kind.gt is not None:
        return f" above {_number(kind.gt)} and{most}"
    return f" from {_number(kind.ge)} {'and' if kind.le is None else 'to'}{most.removeprefix(' up to')}"


def _number(bound: float | None) -> str:
    return str(int(bound)) if bound is not None and bound == int(bound) else str(bound)


def _length(kind: inspect.StrType) -> str:
    if kind.max_length is not None:
        return f" of {kind.min_length or 0} to {kind.max_length} characters"
    if kind.pattern is not None:
        return f" that fits {kind.pattern}"
    return " that is not empty" if kind.min_length else ""
