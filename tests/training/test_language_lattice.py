"""The network joined with a character trigram: against sums over all paths, and in both exported forms."""

from __future__ import annotations

import dataclasses
import itertools
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from streamer.training.language_export import STATIC_LENGTH, ExportedLanguageModel, export_language
from streamer.training.language_lattice import (
    CANDIDATES,
    OTHERS,
    log_sum_in_steps,
    reading_shares,
)
from streamer.training.language_model import IMPOSSIBLE
from streamer.training.language_tokens import FIRST_CHARACTER_ID
from tests.training.language_samples import readings, run_exported, tables, tiny_model
from tests.training.lattice_samples import CLASSES, SETTINGS, TEXTS, lattice, trigram


def network(count: int, seed: int = 2) -> torch.Tensor:
    torch.manual_seed(seed)
    special = IMPOSSIBLE * (torch.arange(CLASSES) < FIRST_CHARACTER_ID)
    return torch.log_softmax(3 * torch.randn(1, count, CLASSES) + special, dim=-1)


def summed(scores: torch.Tensor, syllables: torch.Tensor) -> npt.NDArray[np.float64]:
    """(n, classes) probabilities from the sum over every path of candidates."""
    joined, ngram = lattice(), trigram()
    best, ids = (each[0] for each in scores.topk(CANDIDATES, dim=-1))
    heard = joined.hearing(ids[None], syllables)[0]
    own = (SETTINGS.network * best + SETTINGS.hearing * heard).numpy()
    totals = np.zeros((len(ids), CLASSES))
    start = CLASSES
    for path in itertools.product(range(CANDIDATES), repeat=len(ids)):
        characters = np.array([start, start, *(int(ids[place, pick]) for place, pick in enumerate(path))])
        score = SETTINGS.trigram * ngram.score(characters[:-2], characters[1:-1], characters[2:]).sum()
        score += sum(own[place, pick] for place, pick in enumerate(path))
        for place, character in enumerate(characters[2:]):
            totals[place, character] += np.exp(score)
    return np.asarray(totals / totals.sum(1, keepdims=True), np.float64)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_candidates_have_their_share_of_all_paths(count: int) -> None:
    scores, syllables = network(count), torch.tensor([[3, 0, 1, 2, 4][:count]])
    found = np.exp(lattice()(scores, syllables)[1][0].numpy())
    wanted = summed(scores, syllables)
    candidates = np.zeros_like(wanted, dtype=bool)
    np.put_along_axis(candidates, scores.topk(CANDIDATES).indices[0].numpy(), True, axis=1)

    np.testing.assert_allclose(found[candidates], (1 - OTHERS) * wanted[candidates], atol=0.02)
    np.testing.assert_allclose(found[~candidates], OTHERS * np.exp(scores[0].numpy()[~candidates]), rtol=1e-5)


def test_sums_in_steps_give_the_same() -> None:
    scores, syllables = network(9), torch.tensor([[3, 0, 1, 2, 4, 2, 1, -1, -1]])
    (ids, spread), (ids_in_steps, spread_in_steps) = (
        lattice()(scores, syllables, in_steps=each) for each in (False, True)
    )

    assert ids.tolist() == ids_in_steps.tolist()
    torch.testing.assert_close(spread, spread_in_steps)


@pytest.mark.parametrize("dim", [-1, -2, -3])
def test_onnxruntime_takes_the_highest_score_out_of_sums_as_the_steps_do(dim: int) -> None:
    onnx, onnxruntime = pytest.importorskip("onnx"), pytest.importorskip("onnxruntime")
    helper, numbers = onnx.helper, onnx.TensorProto.FLOAT
    shapes = [helper.make_tensor_value_info(name, numbers, None) for name in ("scores", "sum")]
    node = helper.make_node("ReduceLogSumExp", ["scores"], ["sum"], axes=[dim], keepdims=0)
    model = helper.make_model(
        helper.make_graph([node], "sum", shapes[:1], shapes[1:]),
        opset_imports=[helper.make_opsetid("", 17)],
        ir_version=8,
    )
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    torch.manual_seed(1)
    scores = torch.randn(3, 4, 4, 4) + torch.tensor([-1000.0, IMPOSSIBLE, 1000.0])[:, None, None, None]
    (found,), wanted = session.run(None, {"scores": scores.numpy()}), log_sum_in_steps(scores, dim)

    torch.testing.assert_close(wanted, torch.logsumexp(scores, dim))
    np.testing.assert_allclose(found, wanted.numpy(), rtol=1e-6)


def test_what_comes_after_the_end_changes_nothing() -> None:
    scores = network(9)
    short = lattice()(scores[:, :4], torch.tensor([[3, 0, 1, 2]]))
    padded = lattice()(scores, torch.tensor([[3, 0, 1, 2, -1, -1, -1, -1, -1]]))

    np.testing.assert_allclose(padded[1][:, :4].numpy(), short[1].numpy(), atol=1e-4)
    assert padded[0].tolist() == [short[0][0].tolist() + [2] * 5]
    assert padded[1][0, 4:].argmax(-1).tolist() == [2] * 5


def test_an_undecided_network_is_told_by_the_trigram() -> None:
    scores = torch.full((1, 2, CLASSES), -20.0)
    for place, characters in enumerate(("银市", "行市")):
        for character in characters:
            scores[0, place, tables().characters[character]] = -0.7
    found = lattice()(scores, torch.tensor([[3, 0]]))[0]

    assert found.tolist() == [[tables().characters["银"], tables().characters["行"]]]


def test_shares_of_readings_count_each_reading_once() -> None:
    shares = reading_shares(TEXTS, readings())

    assert shares[tables().characters["银"]].tolist() == [1.0, 0.0, 0.0, 0.0]
    assert shares[0].tolist() == [0.0] * 4


def test_both_exported_forms_give_the_joined_ids(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    model, joined = tiny_model(3), lattice()
    export_language(model, tmp_path / "dynamic.onnx", lattice=joined, quantise=False)
    export_language(model, tmp_path / "static.onnx", lattice=joined, static=True)
    pinyin = np.array([[3, 0, 2, 2, 4, 1, 0]], np.int32)
    padded = np.full((1, STATIC_LENGTH), -1, np.int32)
    padded[0, :7] = pinyin
    with torch.no_grad():
        wanted = ExportedLanguageModel(model, joined)(torch.from_numpy(pinyin))

    dynamic, static = run_exported(tmp_path / "dynamic.onnx", pinyin), run_exported(tmp_path / "static.onnx", padded)

    assert dynamic[0].tolist() == wanted[0].tolist()
    assert static[0].tolist() == [dynamic[0][0].tolist() + [2] * (STATIC_LENGTH - 7)]
    np.testing.assert_allclose(dynamic[1], wanted[1].numpy(), atol=2e-3)


def test_the_fixed_form_computes_no_shapes(tmp_path: Path) -> None:
    onnx = pytest.importorskip("onnx")
    export_language(tiny_model(), tmp_path / "static.onnx", lattice=lattice(), static=True)
    operators = {node.op_type for node in onnx.load(tmp_path / "static.onnx").graph.node}

    assert not operators & {"Shape", "Range", "ConstantOfShape", "NonZero", "Loop", "If", "Scan", "Expand"}


def test_contradicted_utterances_trust_hearing_less() -> None:
    settings = dataclasses.replace(SETTINGS, hearing=2.0, noisy_hearing=0.0, trigram=0.0, noisy_trigram=0.0)
    scores = torch.full((1, 1, CLASSES), -20.0)
    scores[0, 0, tables().characters["银"]], scores[0, 0, tables().characters["妈"]] = -0.1, -2.4
    agreed, contradicted = (lattice(settings)(scores, torch.tensor([[heard]]))[0] for heard in (3, 1))
    trusting = lattice(dataclasses.replace(settings, noisy_hearing=2.0))

    assert agreed.item() == contradicted.item() == tables().characters["银"]
    assert trusting(scores, torch.tensor([[1]]))[0].item() == tables().characters["妈"]
