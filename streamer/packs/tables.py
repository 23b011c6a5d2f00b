"""What a token table says about the ids of its models."""

from __future__ import annotations

from pathlib import Path

from streamer.asr.tokens import TokenTable, read_tokens
from streamer.errors import PackError

_STARTS = ("S", "<S>", "<s>", "<sos>")
_ENDS = ("/S", "</S>", "</s>", "<eos>")


def language_table(path: Path) -> tuple[TokenTable, int, int]:
    """A language table, its ids counted from 1, with the ids of its start and its end.

    Raises:
        PackError: it has none.
    """
    table = read_tokens(path, 1)
    return table, _marker(table, _STARTS, path, "start"), _marker(table, _ENDS, path, "end")


def _marker(table: TokenTable, names: tuple[str, ...], path: Path, what: str) -> int:
    for name in names:
        if name in table:
            return table.id(name)
    raise PackError(
        f"token table {path}: found no {what} token, expected one of {', '.join(names)} "
        f"(the first tokens are {', '.join(table.tokens[:4])})"
    )
