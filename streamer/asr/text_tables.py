"""The text tables of a pack: UTF-8, an entry a line; empty lines and those that begin with ``#`` say nothing."""

from __future__ import annotations

from pathlib import Path

from streamer.errors import PackError


def entries(path: Path, name: str) -> list[tuple[int, str]]:
    """Number and text of each line with an entry.

    Args:
        path: the file.
        name: what the table is called.

    Raises:
        PackError: the file is missing or not UTF-8.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise PackError(f"cannot read {name} {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise PackError(f"{name} {path} is not UTF-8: {error}") from error
    return [(number, line) for number, line in enumerate(lines, start=1) if line.strip() and not line.startswith("#")]
