from __future__ import annotations

import sqlite3

import pytest

from streamer.meeting.index import add_line, phrase, remove_line, spaced
from streamer.meeting.schema import VERSION_1


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:")
    connection.executescript(VERSION_1)
    yield connection
    connection.close()


def found(connection: sqlite3.Connection, query: str) -> list[int]:
    rows = connection.execute("SELECT rowid FROM spoken_and_written WHERE spoken_and_written MATCH ?", (phrase(query),))
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    "query",
    ["预", "预算", "2026年", "26", "二零二六", "GPU", "gpu", "ＧＰＵ", "年，预", "5％", "批了", "𠮷"],
)
def test_any_part_of_either_form_is_found(connection, query):
    add_line(connection, 1, "2026年，预算批了5%，买GPU𠮷。", "二零二六年预算批了百分之五买GPU")
    add_line(connection, 2, "别的事", "别的事")

    assert found(connection, query) == [1]


@pytest.mark.parametrize("query", ["算预", "预批", '预" OR "别', "预*"])
def test_what_is_not_there_is_not_found(connection, query):
    add_line(connection, 1, "预算批了", "预算批了")

    assert found(connection, query) == ([1] if query == "预*" else [])


def test_a_removed_line_is_not_found(connection):
    add_line(connection, 1, "预算", "预算")
    remove_line(connection, 1, "预算", "预算")

    assert found(connection, "预") == []


def test_punctuation_alone_cannot_be_searched_for():
    assert phrase("，。!?") is None


def test_spacing_keeps_letters_and_numbers():
    assert spaced("A1 中，①Ⅳ") == "A 1 中 1 I V"
