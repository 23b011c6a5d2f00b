from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.readings import ReadingTable, read_readings
from streamer.errors import PackError

TABLE = ReadingTable({"重": ("zhong4", "chong2"), "庆": ("qing4",), "行": ("xing2", "hang2")})


def test_every_reading_the_likeliest_first() -> None:
    assert TABLE.spell("重庆") == [("zhong4", "qing4"), ("chong2", "qing4")]


def test_letters_are_spelled() -> None:
    assert TABLE.spell("T恤") == []
    assert TABLE.spell("X行") == [("X", "xing2"), ("X", "hang2")]
    assert TABLE.spell("ai") == [("A", "I")]


def test_digits_are_read_one_by_one() -> None:
    table = ReadingTable({"五": ("wu3",), "幺": ("yao1",), "一": ("yi1", "yi2"), "二": ("er4",), "店": ("dian4",)})

    assert table.spell("5G") == [("wu3", "G")]
    assert table.spell("12店") == [("yi1", "er4", "dian4"), ("yao1", "er4", "dian4")]


def test_spaces_and_marks_are_skipped() -> None:
    assert TABLE.spell("重·庆 ") == TABLE.spell("重庆")


@pytest.mark.parametrize("text", ["", " ·", "重龘", "3行"])
def test_what_cannot_be_pronounced_has_no_reading(text: str) -> None:
    assert TABLE.spell(text) == []


def test_one_character_at_a_time_has_another_reading() -> None:
    assert TABLE.spell("重行") == [("zhong4", "xing2"), ("chong2", "xing2"), ("zhong4", "hang2")]


def test_at_most_six_ways_the_commoner_readings_first() -> None:
    table = ReadingTable({"和": ("he2", "he4", "huo2", "hu2"), "行": ("xing2", "hang2")})

    assert [way[0] for way in table.spell("和行行行")] == ["he2", "he4", "he2", "he2", "he2", "huo2"]


def test_reads_a_table(tmp_path: Path) -> None:
    path = tmp_path / "readings.tsv"
    path.write_text("# character, readings\n重\tzhong4\tchong2\n\n庆\tqing4\n", encoding="utf-8")

    assert read_readings(path).readings == {"重": ("zhong4", "chong2"), "庆": ("qing4",)}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("重\n", "line 1: expected a character and its readings"),
        ("# x\n重庆\tzhong4\n", "line 2: expected a character"),
    ],
)
def test_refuses_a_malformed_table(tmp_path: Path, content: str, message: str) -> None:
    path = tmp_path / "readings.tsv"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(PackError, match=message):
        read_readings(path)


def test_refuses_a_missing_or_foreign_file(tmp_path: Path) -> None:
    (tmp_path / "readings.tsv").write_bytes(b"\xff\xfe")

    with pytest.raises(PackError, match="not UTF-8"):
        read_readings(tmp_path / "readings.tsv")
    with pytest.raises(PackError, match="No such file"):
        read_readings(tmp_path / "absent.tsv")
