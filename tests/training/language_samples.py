"""A tiny prepared corpus of the language stage: five syllables, seven characters, meetings in miniature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnxruntime
import torch

from streamer.training.language_model import LanguageModel
from streamer.training.language_settings import LanguageSettings, ModelSettings, read_language_settings
from streamer.training.language_spans import Ids, Tables, reading_table

SYLLABLES = ("hang2", "ma1", "shi4", "yin2", "A")
"""Acoustic ids from 0."""
CHARACTERS = ("<S>", "</S>", "银", "行", "是", "市", "妈", "A")
"""Language ids from 1."""
READINGS = {"银": ["yin2"], "行": ["hang2"], "是": ["shi4"], "市": ["shi4"], "妈": ["ma1"], "A": ["A"]}

TINY = ModelSettings(width=16, layers=1, heads=2, feed_forward=32, context=3, dropout=0.0)
"""A network that trains in a moment."""

CONFIG = """
seed = 1
work_folder = "work"
acoustic_tokens = "am_tokens.txt"
language_tokens = "lm_tokens.txt"
readings = "readings.tsv"
table_size = 40
dictionary = "dict.txt"
evaluation_lists = "lists"
tune_meetings = ["2"]
test_meetings = ["3"]

[[corpora]]
name = "meetings"
path = "meetings.txt"
layout = "meetings"

[model]
width = 16
layers = 1
heads = 2
feed_forward = 32
context = 3
memory = 13

[training]
tokens_per_batch = 64
steps = 6
warm_up = 2
bfloat16 = false

[punctuation]
width = 16
layers = 1
heads = 2
feed_forward = 32
context = 3
memory = 13

[punctuation_training]
tokens_per_batch = 300
steps = 2
bfloat16 = false
"""

_MEETINGS = "# 1_0\n银行是市，妈是市。\n市是银行。\n\n打开红豆。\n\n# 2_0\n是银行。\n妈是妈？\n\n# 3_0\n行，是市。\n"


def tables() -> Tables:
    """The two tiny tables."""
    return Tables.of(SYLLABLES, CHARACTERS)


def readings() -> Ids:
    """Readings of the tiny tables."""
    return reading_table(READINGS, tables())


def tiny_model(seed: int = 0) -> LanguageModel:
    """Random weights."""
    torch.manual_seed(seed)
    return LanguageModel(TINY, SYLLABLES, torch.from_numpy(readings())).eval()


def tiny_project(folder: Path) -> tuple[Path, LanguageSettings]:
    """A configuration file and its corpora in a folder; the text 打开红豆 is held out."""
    (folder / "meetings.txt").write_text(_MEETINGS, encoding="utf-8")
    syllables = sorted({*SYLLABLES[:-1], "da3", "kai1", "hong2", "dou4"})
    (folder / "am_tokens.txt").write_text("\n".join([*syllables, "A"]) + "\n", encoding="utf-8")
    (folder / "dict.txt").write_text("银行 20 n\n市 3 n\n银市 4 nr\n", encoding="utf-8")
    (folder / "lists").mkdir()
    (folder / "lists" / "test.tsv").write_text("file\tseconds\ttext\nx.flac\t1.0\t打开红豆\n", encoding="utf-8")
    config = folder / "train-language.toml"
    config.write_text(CONFIG, encoding="utf-8")
    return config, read_language_settings(config)


def run_exported(path: Path, pinyin: npt.NDArray[np.int32]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Outputs ``ids`` and ``log_probs`` of an exported file on one utterance, int32 (1, n), on one thread."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    ids, log_probs = session.run(["ids", "log_probs"], {session.get_inputs()[0].name: pinyin})
    return ids, log_probs
