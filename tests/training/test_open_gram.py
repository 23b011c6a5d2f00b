"""Drawing text from a word trigram in open-gram's format."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from streamer.errors import SettingsError
from streamer.training.open_gram import SEPARATOR, WordTrigram, drawn_characters

WORDS = {70: "，", 71: "。", 72: "银行", 73: "是", 74: "龘"}
"""Spellings by word id; lower ids are marks of the model."""
TABLE = {"银": 3, "行": 4, "是": 5}


def node(word: int, probability: int, child: int) -> bytes:
    return struct.pack("<3I", word, probability | (child & 0xFFFF) << 16, (child >> 16) << 25)


def leaf(word: int, probability: int) -> bytes:
    return struct.pack("<2I", word | (probability & 0x3FFF) << 18, (probability >> 14) << 25)


def write_model(folder: Path) -> tuple[Path, Path]:
    """是 is always followed by 银行, 是银行 by a full stop, all else by 是."""
    probabilities = np.zeros(1 << 16, np.float32)
    probabilities[20_000] = 1.0
    singles = [node(71, 0, 0), node(72, 0, 0), node(73, 20_000, 0), node(0, 0, 1)]
    pairs = [node(72, 20_000, 0), node(0, 0, 1)]
    triples = [leaf(71, 20_000), leaf(0, 0)]
    header = struct.pack("<6I", 3, 0, 2, len(singles), len(pairs), len(triples))
    levels = b"".join([node(0, 0, 0), node(0, 0, len(singles) - 1), *singles, *pairs, *triples])
    model, dictionary = folder / "lm_sc.t3g", folder / "pydict_sc.bin"
    model.write_bytes(header + probabilities.tobytes() + bytes(4 * (1 << 14)) + levels)
    spellings = "\0".join(WORDS.get(word, "") for word in range(75))
    dictionary.write_bytes(struct.pack("<4I", 75, 0, 16, 0) + spellings.encode("utf-32-le"))
    return model, dictionary


def test_triples_go_before_pairs_and_pairs_before_words(tmp_path: Path) -> None:
    trigram = WordTrigram.read(*write_model(tmp_path))
    drawn = trigram.draw(12, np.random.default_rng(1), chains=2)
    spelled = ["".join(trigram.words[word] for word in chain) for chain in drawn]

    assert trigram.words == ("。", "银行", "是")
    assert drawn.shape == (2, 6)
    assert all(text in "是银行。" * 3 for text in spelled)


def test_drawing_is_a_function_of_the_seed(tmp_path: Path) -> None:
    trigram = WordTrigram.read(*write_model(tmp_path))
    first, second = (trigram.draw(40, np.random.default_rng(5), chains=4) for _ in range(2))

    assert first.tolist() == second.tolist()


def test_silent_marks_vanish_and_foreign_words_end_a_passage() -> None:
    empty = np.zeros(1)
    none = np.zeros(0, np.int64)
    words = ("银行", "，", "是", "。", "龘", "")
    trigram = WordTrigram(words, empty, none, none, empty, none, none, empty)
    drawn = np.array([[0, 1, 2, 3, 2, 4, 0, 5]], np.int32)

    ends = SEPARATOR
    assert drawn_characters(trigram, drawn, TABLE).tolist() == [3, 4, 5, ends, 5, ends, 3, 4, ends]


def test_another_file_is_named_with_the_package_that_holds_the_right_one(tmp_path: Path) -> None:
    model, dictionary = write_model(tmp_path)
    model.write_bytes(model.read_bytes()[:-1])

    with pytest.raises(SettingsError, match="sunpinyin-data"):
        WordTrigram.read(model, dictionary)
