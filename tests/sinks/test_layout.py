import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cached_cell_len, cell_len, get_character_cell_size

from streamer.sinks.layout import Span, Style, columns_of, cut, cut_line, drawn, width, wrap


def texts(rows: list[tuple[Span, ...]]) -> list[str]:
    return ["".join(span.text for span in row) for row in rows]


def test_chinese_characters_take_two_columns() -> None:
    assert width([Span("会议a"), Span("。")]) == 7


def test_text_that_fits_is_not_cut() -> None:
    assert cut("会议", 4) == "会议"


def test_cut_text_ends_in_an_ellipsis_and_never_in_half_a_character() -> None:
    assert cut("会议室", 5) == "会议…"
    assert cut("会议室", 4) == "会…"


def test_no_columns_leave_nothing() -> None:
    assert cut("会议", 0) == ""


def test_a_line_is_cut_in_the_span_that_no_longer_fits() -> None:
    assert cut_line([Span("ab"), Span("会议", Style.DIM), Span("cd")], 5) == (Span("ab"), Span("会…", Style.DIM))


def test_rows_after_the_first_are_indented() -> None:
    assert texts(wrap([Span("12:00  今天讨论进度")], 13, indent=7)) == ["12:00  今天讨", "       论进度"]


def test_closing_punctuation_does_not_begin_a_row() -> None:
    assert texts(wrap([Span("今天讨论，好")], 8)) == ["今天讨", "论，好"]


def test_latin_words_stay_whole_where_they_fit() -> None:
    assert texts(wrap([Span("用 Docker 部署")], 8)) == ["用 ", "Docker ", "部署"]


def test_a_word_longer_than_a_row_is_broken() -> None:
    assert texts(wrap([Span("abcdefgh")], 5)) == ["abcde", "fgh"]


@pytest.mark.parametrize(
    ("said", "rows"),
    [
        ("改到14:30开会", ["改到", "14:30开", "会"]),
        ("成本涨了3.5%，", ["成本涨了", "3.5%，"]),
        ("在2026-11-28", ["在2026-", "11-28"]),
        ("见a-bcdefghi", ["见a-", "bcdefghi"]),
    ],
)
def test_a_time_or_number_is_not_broken_where_it_fits(said, rows):
    assert texts(wrap([Span(said)], 8)) == rows


def test_styles_survive_wrapping() -> None:
    assert wrap([Span("今天"), Span("讨论", Style.DIM)], 6) == [
        (Span("今天"), Span("讨", Style.DIM)),
        (Span("论", Style.DIM),),
    ]


def test_nothing_is_one_empty_row() -> None:
    assert wrap([], 10) == [()]


@given(st.text(alphabet="今天a bc，。x1", max_size=60), st.integers(4, 30), st.integers(0, 2))
def test_no_row_is_too_wide_and_nothing_but_spaces_is_lost(text: str, columns: int, indent: int) -> None:
    rows = wrap([Span(text)], columns, indent)

    assert all(width(row) <= columns for row in rows)
    assert "".join(texts(rows)).replace(" ", "") == text.replace(" ", "")


@given(st.text(st.characters(exclude_characters="\u200d\ufe0f")))
def test_columns_are_those_that_rich_counts(text: str) -> None:
    assert columns_of(text) == cell_len(text)


def test_columns_are_those_of_the_characters_that_are_drawn() -> None:
    assert drawn("会👩\u200d💻❤\ufe0f👍\U0001f3fd") == "会👩💻❤👍"
    assert columns_of("会👩\u200d💻❤\ufe0f👍\U0001f3fd") == 2 + 2 + 2 + 1 + 2


def test_no_text_is_remembered() -> None:
    before = cached_cell_len.cache_info().misses
    for number in range(5000):
        wrap([Span(f"第{number}行，会议 {number}")], 12)
        cut_line([Span(f"第{number}行，会议 {number}")], 12)

    assert cached_cell_len.cache_info().misses == before


def test_no_chinese_character_is_remembered() -> None:
    said = "".join(map(chr, range(0x4E00, 0xA000))) + "，。、；：？！（）《》「」『』"
    before = get_character_cell_size.cache_info().misses

    assert columns_of(said) == 2 * len(said)
    assert width(wrap([Span(said)], 2 * len(said))[0]) == 2 * len(said)
    assert cut(said, 2 * len(said) - 1) == said[:-1] + "…"
    assert get_character_cell_size.cache_info().misses == before


def test_every_chinese_character_has_the_columns_that_rich_counts() -> None:
    said = [chr(point) for point in range(0x3000, 0xA000)]

    assert [columns_of(character) for character in said] == [cell_len(character) for character in said]
