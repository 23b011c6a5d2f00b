"""Settings kept with a meeting: another streamer may have written them, older or newer than this one."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import Any, TypeVar

import msgspec

from streamer.settings.loader import Settings

T = TypeVar("T", bound=msgspec.Struct)


def kept_settings(text: str) -> Settings | None:
    """Settings as JSON, key by key: one that is unknown here, or out of today's range, has its default.

    None: no settings at all.
    """
    try:
        return msgspec.json.decode(text, type=Settings)
    except msgspec.MsgspecError:
        pass
    try:
        tables = msgspec.json.decode(text)
    except msgspec.MsgspecError:
        return None
    return _understood(tables, Settings) if isinstance(tables, dict) else None


def _understood(tables: dict[str, Any], model: type[T]) -> T:
    known: dict[str, Any] = {}
    for field in _fields(model):
        if field.encode_name not in tables:
            continue
        value = tables[field.encode_name]
        if isinstance(field.type, type) and issubclass(field.type, msgspec.Struct):
            if isinstance(value, dict):
                known[field.name] = _understood(value, field.type)
        else:
            with contextlib.suppress(msgspec.ValidationError):
                known[field.name] = msgspec.convert(value, field.type)
    try:
        return model(**known)
    except ValueError:  # keys that contradict each other today
        return model()


@cache  # it takes half a millisecond, and a store may hold thousands of meetings
def _fields(model: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(model)
