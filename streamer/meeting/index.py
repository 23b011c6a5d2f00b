"""The full-text index: spoken and written forms, found from one character up.

SQLite's trigram tokenizer finds nothing for queries of two characters. Here every character is a word of its own and a
query is a phrase, so that any part of a line is found; punctuation, case and width do not matter.
"""

from __future__ import annotations

import sqlite3
import unicodedata


def spaced(text: str) -> str:
    """Text as the index keeps it: normalised characters separated by spaces, without punctuation and symbols."""
    normal = unicodedata.normalize("NFKC", text)
    return " ".join(one for one in normal if unicodedata.category(one)[0] in "LN")


def phrase(text: str) -> str | None:
    """The query that finds a text; None where it holds nothing that can be searched for."""
    words = spaced(text)
    return f'"{words}"' if words else None


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
