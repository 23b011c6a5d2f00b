"""Token table and readings of the language stage."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.tokens import read_tokens
from streamer.training.language_tokens import (
    ReadingCounts,
    choose_characters,
    read_readings,
    read_token_table,
    readings_of,
    readings_of_others,
    write_readings,
    write_token_table,
)
from streamer.training.text_corpus import Passage

PACK = Path(__file__).parents[2] / "streamer" / "models" / "zh"


def test_characters_come_by_frequency_then_from_the_dictionary() -> None:
    counts = {"的": 9, "银": 3, "罕": 1, "A": 5}

    assert choose_characters(counts, {"银行": 50, "罕见": 7}, most=4) == ["的", "银", "罕", "行"]


def test_the_table_begins_with_start_and_end_and_closes_with_letters(tmp_path: Path) -> None:
    write_token_table(tmp_path / "lm_tokens.txt", ["的", "银"])
    tokens = read_token_table(tmp_path / "lm_tokens.txt")

    assert (tokens[:4], tokens[-1], len(tokens)) == (["<S>", "</S>", "的", "银"], "Z", 30)
    assert read_tokens(tmp_path / "lm_tokens.txt", first_id=1).id("S") == 23


def test_readings_are_those_seen_and_those_of_the_dictionary() -> None:
    pytest.importorskip("pypinyin")
    passage = Passage("银行行", ("yin2", "hang2", "hang2"), ("", "", ""))
    counts = ReadingCounts.of([passage])

    assert readings_of("行", counts.readings, ["hang2", "xing2", "yin2"]) == ["hang2", "xing2"]
    assert readings_of("B", counts.readings, ["B"]) == ["B"]


def test_characters_that_are_never_written_are_read_as_the_dictionary_has_them() -> None:
    pytest.importorskip("pypinyin")
    others = readings_of_others(["鲲"], ["gao4", "peng2", "kun1"])

    assert "鲲" not in others
    assert [others[each] for each in "郜鹏䶮"] == [["gao4"], ["peng2"], []]


def test_readings_survive_their_file(tmp_path: Path) -> None:
    write_readings(tmp_path / "readings.tsv", {"行": ["hang2", "xing2"], "〇": []})

    assert read_readings(tmp_path / "readings.tsv") == {"行": ["hang2", "xing2"]}


def test_every_character_of_the_shipped_table_has_a_reading_of_the_acoustic_table() -> None:
    acoustic = set(read_token_table(PACK / "am_tokens.txt"))
    tokens = read_token_table(PACK / "lm_tokens.txt")[2:]
    readings = read_readings(PACK / "readings.tsv")

    assert list(readings)[: len(tokens)] == tokens
    assert readings["鲲"] == ["kun1"]
    assert all(set(spellings) <= acoustic for spellings in readings.values())
