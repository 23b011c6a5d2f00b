"""config/default.toml names every setting with its default, each with a comment."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import msgspec

from streamer.settings import Settings, load_settings

DEFAULT = Path(__file__).parents[1] / "config" / "default.toml"


def _keys(table: dict[str, Any], path: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for key, value in table.items():
        found |= _keys(value, (*path, key)) if isinstance(value, dict) else {(*path, key)}
    return found


def test_default_file_gives_the_defaults() -> None:
    assert load_settings(DEFAULT) == Settings()


def test_default_file_names_every_key() -> None:
    assert _keys(tomllib.loads(DEFAULT.read_text(encoding="utf-8"))) == _keys(msgspec.to_builtins(Settings()))


def test_every_key_of_the_default_file_has_a_comment() -> None:
    lines = DEFAULT.read_text(encoding="utf-8").splitlines()
    bare = [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if "=" in line and not line.startswith("#") and not before.startswith("#") and "#" not in line
    ]

    assert bare == []


def test_no_line_of_the_default_file_is_longer_than_120() -> None:
    assert [line for line in DEFAULT.read_text(encoding="utf-8").splitlines() if len(line) > 120] == []
