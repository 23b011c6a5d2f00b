"""Token tables: which id stands for which syllable or character."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from streamer.errors import PackError


@dataclass(frozen=True, slots=True)
class TokenTable:
    """The tokens of one model, in order of their ids."""

    tokens: tuple[str, ...]
    """Tokens; the first has the id :attr:`first_id`."""
    first_id: int
    """0 for the published acoustic table, 1 for language tables."""
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_ids", {token: self.first_id + index for index, token in enumerate(self.tokens)})

    @property
    def ids(self) -> Mapping[str, int]:
        """Ids by token."""
        return self._ids

    @property
    def last_id(self) -> int:
        """Id of the last token."""
        return self.first_id + len(self.tokens) - 1

    def __len__(self) -> int:
        return len(self.tokens)

    def __contains__(self, token: object) -> bool:
        return token in self._ids

    def holds(self, token_id: int) -> bool:
        """Whether a token has this id (blanks and padding have none)."""
        return self.first_id <= token_id <= self.last_id

    def text(self, token_id: int) -> str:
        """The token with this id.

        Raises:
            KeyError: no token has it.
        """
        if not self.holds(token_id):
            raise KeyError(f"no token has the id {token_id} (expected {self.first_id} to {self.last_id})")
        return self.tokens[token_id - self.first_id]

    def id(self, token: str) -> int:
        """The id of a token.

        Raises:
            KeyError: the table does not hold it.
        """
        return self._ids[token]


def read_tokens(path: Path, first_id: int = 0) -> TokenTable:
    """Read a token table: UTF-8, one token a line; lines that begin with ``#`` and blank lines are skipped.

    Raises:
        PackError: the file is missing, not UTF-8, empty, or holds a token twice or one with a space inside.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise PackError(f"cannot read token table {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        bad_line = error.object.count(b"\n", 0, error.start) + 1
        raise PackError(f"token table {path}, line {bad_line}: not UTF-8 (expected one UTF-8 token a line)") from error
    lines_of: dict[str, int] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        token = line.strip()
        if not token or token.startswith("#"):
            continue
        if len(token.split()) > 1:
            raise PackError(f"token table {path}, line {number}: expected one token, got {token!r} with a space inside")
        if token in lines_of:
            raise PackError(f"token table {path}, line {number}: {token!r} is already on line {lines_of[token]}")
        lines_of[token] = number
    if not lines_of:
        raise PackError(f"token table {path} holds no tokens (expected one UTF-8 token a line)")
    return TokenTable(tuple(lines_of), first_id)
