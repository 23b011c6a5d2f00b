"""The table of alike sounds that a pack is given."""

from __future__ import annotations

from pathlib import Path

from typer.testing import CliRunner

from streamer.asr.search.alikes import read_alikes
from streamer.asr.tokens import TokenTable
from streamer.training.alikes import alike_sounds
from streamer.training.cli import app


def test_what_differs_in_one_pair_is_alike_one_way() -> None:
    assert set(alike_sounds(["bing1", "bin1", "bin2", "ding1", "min1"])) == {
        ("bin1", "bing1", 0.1), ("ding1", "bing1", 0.1),
    }  # fmt: skip


def test_the_vowels_of_zhi_and_zi_are_one() -> None:
    assert set(alike_sounds(["zhi1", "zi1", "zha1"])) == {("zi1", "zhi1", 0.1)}


def test_a_syllable_may_have_been_a_letter_but_no_letter_a_syllable() -> None:
    assert list(alike_sounds(["D", "M", "di1", "di2", "di4"])) == [("di4", "D", 1.0), ("di1", "D", 1.0)]


def test_the_table_is_written_as_the_recogniser_reads_it(tmp_path: Path) -> None:
    tokens = tmp_path / "tokens.txt"
    tokens.write_text("bin1\nbing1\nD\ndi4\n", encoding="utf-8")

    outcome = CliRunner().invoke(app, ["language", "alikes", str(tmp_path / "alikes.tsv"), str(tokens)])

    assert outcome.exit_code == 0, outcome.output
    table = TokenTable(("bin1", "bing1", "D", "di4"), first_id=0)
    assert read_alikes(tmp_path / "alikes.tsv", table) == [(0, 1, 0.1), (3, 2, 1.0)]
