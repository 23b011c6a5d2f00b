"""What to do about a value that msgspec refuses: its messages say what is wrong, not what would be right."""

from __future__ import annotations

import difflib
import re

from msgspec import inspect

_PLACE = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"^Object contains unknown field `(?P<key>[^`]*)`")


def hint(message: str, model: type) -> str:
    """What to append to a message about a value that should become a ``model``; empty where it says enough."""
    place = _PLACE.search(message)
    expected = _at(inspect.type_info(model), place["path"] if place else "")
    unknown = _UNKNOWN.match(message)
    if unknown is not None and isinstance(expected, inspect.StructType):
        close = difflib.get_close_matches(unknown["key"], [field.name for field in expected.fields], n=1)
        return "".join(f"; did you mean `{name}`?" for name in close)
    if message.startswith("Invalid enum value") and isinstance(expected, inspect.LiteralType):
        return f"; expected one of {', '.join(sorted(map(repr, expected.values)))}"
    if message.startswith("Expected `array`, got `object`") and place is not None:
        return f"; write [[{place['path'][1:]}]], with two brackets: there may be several"
    if message.startswith("Expected `object`") and place is not None and isinstance(expected, inspect.StructType):
        name, index, _ = place["path"][1:].partition("[")
        return f"; it is a table: write {f'[[{name}]]' if index else f'[{name}]'}, and its keys on the lines below"
    return ""


def _at(kind: inspect.Type, path: str) -> inspect.Type:
    """The type at a path such as ``.room[0].name``; of alternatives the one that is not None."""
    for key in re.findall(r"\.(\w+)|\[", path):
        kind = _present(kind)
        if isinstance(kind, inspect.StructType):
            kind = next(field.type for field in kind.fields if field.encode_name == key)
        elif isinstance(kind, inspect.VarTupleType):
            kind = kind.item_type
    return _present(kind)


def _present(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.UnionType):
        return next(one for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind
