from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.text_tables import entries
from streamer.errors import PackError


def test_entries_keep_their_line_numbers_and_empty_lines_and_comments_are_none(tmp_path: Path) -> None:
    (tmp_path / "table").write_text("# heard, said\na\tb\n\n \nc#\td\n", encoding="utf-8")

    assert entries(tmp_path / "table", "table") == [(2, "a\tb"), (5, "c#\td")]


def test_a_missing_table_is_named(tmp_path: Path) -> None:
    with pytest.raises(PackError, match=r"^cannot read reading table .*/table: No such file or directory$"):
        entries(tmp_path / "table", "reading table")


def test_a_table_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "table").write_bytes("重庆".encode("gb18030"))

    with pytest.raises(PackError, match=r"^reading table .*/table is not UTF-8: "):
        entries(tmp_path / "table", "reading table")
