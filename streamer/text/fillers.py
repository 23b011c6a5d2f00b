"""Hesitations that minutes may leave out. The store keeps them."""

from __future__ import annotations

import re

_FILLER = re.compile(r"(?:(?<=^)|(?<=[，。？！、]))[嗯呃额唔]+(?:[，、]|(?=[。？！]|$)|(?=[^，。？！、]))")


def without_fillers(text: str) -> str:
    """Text without hesitations (嗯, 呃, 额, 唔) at the beginning of a clause, and without the comma after them."""
    return _FILLER.sub("", text)
