from __future__ import annotations

import sqlite3

import pytest

from streamer.meeting.index import add_line, query, remove_line, spaced, wanted
from streamer.meeting.schema import VERSION_1


@pytest.fixture
def connection():
    connection = sqlite3.connect(":memory:")
    connection.executescript(VERSION_1)
    yield connection
    connection.close()


def found(connection: sqlite3.Connection, text: str) -> list[int]:
    rows = connection.execute("SELECT rowid FROM spoken_and_written WHERE spoken_and_written MATCH ?", (query(text),))
    return [row[0] for row in rows]


@pytest.mark.parametrize(
    "text",
    ["预", "预算", "2026年", "26", "二零二六", "GPU", "gpu", "ＧＰＵ", "年，预", "5％", "批了", "𠮷"],
)
def test_any_part_of_either_form_is_found(connection, text):
    add_line(connection, 1, "2026年，预算批了5%，买GPU𠮷。", "二零二六年预算批了百分之五买GPU")
    add_line(connection, 2, "别的事", "别的事")

    assert found(connection, text) == [1]


@pytest.mark.parametrize("text", ["算预", "预批", '预" OR "别', "预*"])
def test_what_is_not_there_is_not_found(connection, text):
    add_line(connection, 1, "预算批了", "预算批了")

    assert found(connection, text) == ([1] if text == "预*" else [])


@pytest.mark.parametrize("text", ["专车 市场", "市场　专车", " 场 专", "“专车”市场", '"车的市" 专'])
def test_words_parted_by_spaces_are_all_in_a_line_in_any_order(connection, text):
    add_line(connection, 1, "专车的市场很大", "专车的市场很大")
    add_line(connection, 2, "专车", "专车")
    add_line(connection, 3, "市场", "市场")

    assert found(connection, text) == [1]


def test_one_word_may_be_in_the_written_form_and_another_in_the_spoken_one(connection):
    add_line(connection, 1, "预算20万", "预算二十万")

    assert found(connection, "20 二十") == [1]


@pytest.mark.parametrize("text", ['"专车 市场"', "“专车　市场”", "＂专车 市场＂"])
def test_what_stands_in_double_quotes_is_found_as_it_is(connection, text):
    add_line(connection, 1, "专车，市场", "专车市场")
    add_line(connection, 2, "专车的市场", "专车的市场")

    assert found(connection, text) == [1]


def test_a_quotation_mark_without_another_parts_words_only():
    assert wanted('a"b c') == ("a", "b", "c")


def test_a_removed_line_is_not_found(connection):
    add_line(connection, 1, "预算", "预算")
    remove_line(connection, 1, "预算", "预算")

    assert found(connection, "预") == []


def test_punctuation_alone_cannot_be_searched_for():
    assert query('，。!? “” "') is None


def test_spacing_keeps_letters_and_numbers():
    assert spaced("A1 中，①Ⅳ") == "A 1 中 1 I V"
