from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.hotword_list import (
    Hotword,
    is_spelled_only,
    parse_hotword,
    parse_kept_hotword,
    read_hotwords,
    spell_hotwords,
)
from streamer.asr.hotwords import SpelledHotword
from streamer.asr.readings import ReadingTable
from streamer.asr.tokens import TokenTable
from streamer.errors import SettingsError

READINGS = ReadingTable({"张": ("zhang1",), "伟": ("wei3",), "重": ("zhong4", "chong2"), "庆": ("qing4",)})
SYLLABLES = TokenTable(("zhang1", "wei3", "zhong4", "chong2", "qing4", "A", "I"), 0)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("张伟", Hotword("张伟")),
        (" 张伟 2.5 ", Hotword("张伟", 2.5)),
        ("Open AI", Hotword("Open AI")),
        ("腾讯 AI", Hotword("腾讯 AI")),
        ("微信App 2", Hotword("微信App", 2.0)),
        ("2.5", Hotword("2.5")),
        ("华威桥　2.5", Hotword("华威桥", 2.5)),
        ("华威桥　２．５", Hotword("华威桥", 2.5)),
        ("华威桥\t2。5", Hotword("华威桥", 2.5)),
        ("张　伟", Hotword("张 伟")),
        ("", Hotword("")),
    ],
)
def test_a_word_and_its_weight(line: str, expected: Hotword) -> None:
    assert parse_hotword(line) == expected


def test_reads_a_list(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("\ufeff# people\r\n张伟\t2\r\n\r\n重庆\r\n", encoding="utf-8")

    assert read_hotwords(path) == [Hotword("张伟", 2.0), Hotword("重庆")]


def test_comments_may_be_indented_and_in_full_width(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    path.write_text(" # people\n＃ 部门名称\n\u3000# places\n张伟\n", encoding="utf-8")

    assert read_hotwords(path) == [Hotword("张伟")]


def test_reads_lists_that_were_put_one_behind_another(tmp_path: Path) -> None:
    """Each by Windows' Notepad, which begins with a mark."""
    path = tmp_path / "words.txt"
    path.write_text("\ufeff张伟\n\ufeff# places, northern\n\ufeff重庆\n", encoding="utf-8")

    assert read_hotwords(path) == [Hotword("张伟"), Hotword("重庆")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("张伟\n".encode("gb18030"), r"line 1: not UTF-8 \(save the list as UTF-8\)"),
        ("张伟\n重庆 0\n".encode(), r"line 2: weight 0 of hotword '重庆', expected above 0 and at most 10"),
        ("张伟 nan\n".encode(), "weight nan"),
        (
            "张伟\n李明,王\n".encode(),
            "line 2: '李明,王' holds ',', as if it were several hotwords: expected one a line",
        ),
        ("华威桥\t七车\n".encode(), r"line 1: '华威桥\\t七车' holds '\\t', as if it were several hotwords"),
        ("李明　abc\n".encode(), "line 1: 'abc' after '李明' is no weight"),
        ("李明、王芳 2\n".encode(), "line 1: '李明、王芳' holds '、'"),
        (("长" * 17).encode(), "line 1: hotword of 17 characters, expected at most 16"),
        (
            "张伟\n李明 abc\n".encode(),
            "line 2: 'abc' after '李明' is no weight: expected WORD or WORD WEIGHT, as 张伟 or 张伟 2.5;",
        ),
        ("李明 2x\n".encode(), "line 1: '2x' after '李明' is no weight"),
        ("张伟：2.5\n".encode(), "line 1: '张伟：2.5': a weight stands after a space, as in '张伟 2.5'$"),
        ("比例3:1\n李明 :2\n".encode(), "line 2: '李明 :2': a weight stands after a space, as in '李明 2'$"),
        (b"AB\n" * 100_000, "more than 20,000 words"),
    ],
)
def test_refuses_a_bad_list(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "words.txt"
    path.write_bytes(content)

    with pytest.raises(SettingsError, match=message):
        read_hotwords(path)


def test_a_missing_list(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read hotwords .*No such file"):
        read_hotwords(tmp_path / "absent.txt")


def test_spells_every_reading() -> None:
    assert spell_hotwords([Hotword("重庆", 2.0)], READINGS, SYLLABLES) == (
        [SpelledHotword("重庆", (2, 4), 2.0), SpelledHotword("重庆", (3, 4), 2.0)],
        [],
    )


def test_letters_are_upper_case_and_spaces_go() -> None:
    assert spell_hotwords([Hotword("a i")], READINGS, SYLLABLES) == ([SpelledHotword("AI", (5, 6))], [])


def test_a_word_that_a_meeting_was_held_with_may_end_in_what_is_no_weight() -> None:
    assert parse_kept_hotword("李明 abc") == Hotword("李明 abc")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("hello", True),
        ("Open AI", True),
        ("微信App", True),
        ("GDP", False),
        ("a i", False),
        ("T恤", False),
        ("张伟", False),
    ],
)
def test_a_latin_word_that_is_not_all_capitals_looks_read(word: str, expected: bool) -> None:
    assert is_spelled_only(word) == expected


def test_what_cannot_be_favoured_is_named() -> None:
    spelled, unusable = spell_hotwords(
        [Hotword("张"), Hotword("龘庆"), Hotword("XY"), Hotword("·")], READINGS, SYLLABLES
    )

    assert (spelled, unusable) == ([], ["张", "龘庆", "XY", "·"])
