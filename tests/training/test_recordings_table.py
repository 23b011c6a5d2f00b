from __future__ import annotations

from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.training.recordings_table import TableRow, read_table


def table(folder: Path, content: str | bytes) -> Path:
    path = folder / "set.tsv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def test_a_table_is_read_as_spreadsheets_write_it(tmp_path: Path) -> None:
    path = table(tmp_path, "\ufefffile\tseconds\ttext\r\na.wav\t1.0\t你好\r\n\r\nb.wav\t2.0\t再见\r\n")

    assert read_table(path) == [TableRow("a.wav", "你好"), TableRow("b.wav", "再见")]


@pytest.mark.parametrize(("line", "found"), [("a.wav\t你好", 2), ("a.wav\t1.0\t你好\t张", 4), ("a.wav,1.0,你好", 1)])
def test_a_line_of_other_columns_is_named(tmp_path: Path, line: str, found: int) -> None:
    path = table(tmp_path, f"file\tseconds\ttext\n{line}\n")

    with pytest.raises(SettingsError) as caught:
        read_table(path)

    expected = f"{path}, line 2: expected file, seconds, text, parted by tabs; found {found} columns"
    assert str(caught.value) == expected


@pytest.mark.parametrize("content", ["", "a.wav\t1.0\t你好\n"])
def test_a_first_line_that_is_no_heading_is_not_taken_for_one(tmp_path: Path, content: str) -> None:
    with pytest.raises(SettingsError, match="line 1: expected the heading file, seconds, text, parted by tabs"):
        read_table(table(tmp_path, content))


def test_another_encoding_is_named(tmp_path: Path) -> None:
    path = table(tmp_path, "file\tseconds\ttext\na.wav\t1.0\t你好\n".encode("gbk"))

    with pytest.raises(SettingsError) as caught:
        read_table(path)

    assert str(caught.value) == f"{path} is no text in UTF-8 (byte 28); save it as such"
