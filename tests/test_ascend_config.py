"""config/ascend.toml is a complete example."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from streamer.settings import load_settings
from streamer.settings.ascend import AscendSettings

EXAMPLE = Path(__file__).parents[1] / "config" / "ascend.toml"


def test_the_example_is_valid_and_its_fallback_is_the_embedded_pack() -> None:
    assert load_settings(EXAMPLE).recognizer.ascend == AscendSettings(fallback_pack="zh")


def test_the_example_names_every_key_of_its_table() -> None:
    tables = tomllib.loads(EXAMPLE.read_text(encoding="utf-8"))

    assert set(tables["recognizer"]["ascend"]) == set(msgspec.to_builtins(AscendSettings()))


def test_every_key_of_the_example_has_a_comment() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()

    assert [
        line
        for before, line in zip(["", *lines], lines, strict=False)
        if "=" in line and not line.startswith("#") and not before.startswith("#")
    ] == []
