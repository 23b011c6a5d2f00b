from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("pypinyin")

from streamer.text.pinyin import LETTERS, canonical, parse_syllable
from streamer.training.inventory import (
    read_token_table,
    syllables_of_lines,
    syllables_of_table,
    token_table,
    write_token_table,
)

SHIPPED = Path(__file__).parents[2] / "streamer" / "models" / "zh" / "am_tokens.txt"


def test_syllables_are_spelled_and_what_cannot_be_read_is_left_out() -> None:
    assert syllables_of_lines(["吕女士，OK 2024", "\ue000你"]) == {"lv3", "nv3", "shi4", "ni3"}


def test_recordings_give_hanzi_and_spelled_syllables(tmp_path: Path) -> None:
    table = tmp_path / "set.tsv"
    table.write_text("file\tseconds\ttext\na\t1\tlv4\nb\t1\t你\nc\t1\tOK\n", encoding="utf-8")
    assert syllables_of_table(table) == {"lv4", "ni3"}


def test_a_table_is_sorted_and_ends_with_the_letters(tmp_path: Path) -> None:
    corpus = tmp_path / "text.txt"
    corpus.write_text("你好啊", encoding="utf-8")
    assert token_table([corpus], []) == ["a5", "hao3", "ni3", *LETTERS]


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    write_token_table(tmp_path / "tokens.txt", ["a1", "ba1", "A"])
    assert read_token_table(tmp_path / "tokens.txt") == ["a1", "ba1", "A"]


def test_the_shipped_table_holds_canonical_syllables_once_then_letters() -> None:
    tokens = read_token_table(SHIPPED)
    syllables = tokens[: -len(LETTERS)]
    assert tuple(tokens[-len(LETTERS) :]) == LETTERS
    assert syllables == sorted(set(syllables))
    assert all(parse_syllable(syllable) and canonical(syllable) == syllable for syllable in syllables)
