from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.sinks.prose import folded, prose


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("plug a microphone in", ["plug a microphone in"]),
        ("no microphone was found; plug one in", ["no microphone was", "found; plug one in"]),
        ("12345678901234567890 1", ["12345678901234567890", "1"]),
        ("run `a b c d e` (now) to end it", ["run `a b c d e`", "(now) to end it"]),
        ("then run `recover 1 --all` now", ["then run", "`recover 1 --all`", "now"]),
        ("会议 12 没有正常结束 再见", ["会议 12 没有正常结束", "再见"]),
        ("数据文件夹 /x 不能用：没有权限。", ["数据文件夹 /x 不能", "用：没有权限。"]),
        ("请插上麦克风（`devices`）；然后再试", ["请插上麦克风", "（`devices`）；然后", "再试"]),
        ("会议记录：/data/26_周会：没有权限", ["会议记录：", "/data/26_周会：没有", "权限"]),
        ("first line\nand a second one, longer", ["first line", "and a second one,", "longer"]),
    ],
)
def test_rows_end_between_words_and_not_inside_a_command(text: str, rows: list[str]) -> None:
    assert folded(text, 20).split("\n") == rows


@given(st.text("ab 会议，（）。`\n"), st.integers(1, 9))
def test_nothing_of_a_text_is_lost(text: str, columns: int) -> None:
    assert "".join(folded(text, columns).split()) == "".join(text.split())


def test_what_is_longer_than_a_row_is_left_to_the_terminal() -> None:
    assert folded("minutes: /data/meetings/2026-11-28 and what follows", 20) == (
        "minutes: /data/meetings/2026-11-28 and\nwhat follows"
    )


def test_rows_after_the_first_are_indented() -> None:
    assert folded("  → plug in a microphone", 20, "    ") == "  → plug in a\n    microphone"


def test_what_is_no_terminal_gets_whole_lines() -> None:
    assert prose("word " * 40, io.StringIO()) == "word " * 40
