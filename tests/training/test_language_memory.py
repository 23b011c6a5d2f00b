"""Counted pairs of syllables: what the table keeps, and what the network finds in it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from streamer.training.language_export import STATIC_LENGTH, export_language
from streamer.training.language_memory import CODE, PairMemory, character_codes, count_pairs
from streamer.training.language_model import LanguageModel
from streamer.training.language_spans import EncodedText
from streamer.training.text_corpus import Passage
from tests.training.language_samples import CHARACTERS, SYLLABLES, TINY, readings, run_exported, tables

CLASSES = len(CHARACTERS) + 1
BANK = Passage("银行", ("yin2", "hang2"), ("", ""))
RARE = Passage("妈A", ("ma1", "A"), ("", ""))


def memory(places: int = 31) -> PairMemory:
    texts = [(EncodedText.of([BANK] * 6 + [RARE], tables()), 1.0)]
    pairs = PairMemory(places, len(SYLLABLES))
    pairs.fill(count_pairs(texts, len(SYLLABLES), CLASSES, places))
    return pairs


def test_a_pair_recalls_both_its_characters() -> None:
    before, after = memory()(torch.tensor([[3, 0, 2]]))
    codes = character_codes(CLASSES)

    np.testing.assert_allclose(after[0, 0].numpy(), codes[tables().characters["银"]], atol=0.01)
    np.testing.assert_allclose(before[0, 1].numpy(), codes[tables().characters["行"]], atol=0.01)
    assert before[0, 0].abs().max() == after[0, 1].abs().max() == 0.0


def test_rare_pairs_and_passage_ends_are_not_kept() -> None:
    before, after = memory()(torch.tensor([[1, 4], [0, 3]]))

    assert before.abs().max() == after.abs().max() == 0.0


def test_padding_recalls_nothing() -> None:
    before, after = memory()(torch.tensor([[3, -1, 0]]))

    assert before.abs().max() == after.abs().max() == 0.0


def test_ambiguous_pairs_keep_the_mean_of_the_codes() -> None:
    texts = [Passage(word, ("shi4", "ma1"), ("", "")) for word in ("是妈", "市妈", "是妈", "市妈", "是妈", "市妈")]
    pairs = PairMemory(31, len(SYLLABLES))
    pairs.fill(count_pairs([(EncodedText.of(texts, tables()), 2.0)], len(SYLLABLES), CLASSES, 31))
    codes = character_codes(CLASSES)
    mean = (codes[tables().characters["是"]] + codes[tables().characters["市"]]) / 2

    np.testing.assert_allclose(pairs(torch.tensor([[2, 1]]))[1][0, 0].numpy(), mean, atol=0.01)


def test_a_full_table_keeps_the_most_frequent_pairs() -> None:
    texts = [(EncodedText.of([BANK] * 9 + [Passage("是妈", ("shi4", "ma1"), ("", ""))] * 6, tables()), 1.0)]
    table = count_pairs(texts, len(SYLLABLES), CLASSES, 1)

    assert table.keys.tolist() == [3 * (len(SYLLABLES) + 1) + 0]
    assert table.codes.shape == (1, 2 * CODE)


def test_the_exported_network_recalls_the_same(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    torch.manual_seed(4)
    model = LanguageModel(dataclasses.replace(TINY, memory=31), SYLLABLES, torch.from_numpy(readings())).eval()
    assert model.memory is not None
    model.memory.load_state_dict(memory().state_dict())
    torch.nn.init.constant_(model.memory_gates.bias, 50.0)
    export_language(model, tmp_path / "dynamic.onnx", quantise=False)
    export_language(model, tmp_path / "static.onnx", static=True)
    pinyin = np.array([[3, 0, 2, 3, 0]], np.int32)
    padded = np.full((1, STATIC_LENGTH), -1, np.int32)
    padded[0, :5] = pinyin
    wanted = model.log_probabilities(torch.from_numpy(pinyin)).detach().numpy()

    dynamic, static = run_exported(tmp_path / "dynamic.onnx", pinyin), run_exported(tmp_path / "static.onnx", padded)

    np.testing.assert_allclose(dynamic[1], wanted, atol=3e-3)
    assert static[0][0, :6].tolist() == dynamic[0][0].tolist() == wanted.argmax(-1)[0].tolist()
    assert dynamic[0][0, 1:3].tolist() == [tables().characters["银"], tables().characters["行"]]
