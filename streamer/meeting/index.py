"""The full-text index: spoken and written forms, found from one character up.

SQLite's trigram tokenizer finds nothing for queries of two characters. Here every character is a word of its own and
phrases are sought, so that any part of a line is found; punctuation, case and width do not matter.
"""

from __future__ import annotations

import re
import sqlite3
import unicodedata

_WANTED = re.compile(r"[\"“”＂]([^\"“”＂]+)[\"“”＂]|([^\s\"“”＂]+)")
"""A text in double quotes, as keyboards and Chinese input methods have them, or a word between spaces of any width."""


def spaced(text: str) -> str:
    """Text as the index keeps it: normalised characters separated by spaces, without punctuation and symbols."""
    normal = unicodedata.normalize("NFKC", text)
    return " ".join(one for one in normal if unicodedata.category(one)[0] in "LN")


def wanted(text: str) -> tuple[str, ...]:
    """What is sought, each as the index keeps it: words parted by spaces, and what stands in double quotes as it is.

    Empty where the text holds nothing that can be searched for.
    """
    return tuple(words for quoted, bare in _WANTED.findall(text) if (words := spaced(quoted or bare)))


def query(text: str) -> str | None:
    """The query that finds the lines with all that is :func:`wanted`, in any order; None where that is nothing."""
    return " AND ".join(f'"{words}"' for words in wanted(text)) or None


def add_line(connection: sqlite3.Connection, number: int, written: str, spoken: str) -> None:
    """Index a line under its number."""
    connection.execute(
        "INSERT INTO spoken_and_written (rowid, written, spoken) VALUES (?, ?, ?)",
        (number, spaced(written), spaced(spoken)),
    )


def remove_line(connection: sqlite3.Connection, number: int, written: str, spoken: str) -> None:
    """Take a line out again; the texts must be those it was indexed with."""
    connection.execute(
        "INSERT INTO spoken_and_written (spoken_and_written, rowid, written, spoken) VALUES ('delete', ?, ?, ?)",
        (number, spaced(written), spaced(spoken)),
    )
