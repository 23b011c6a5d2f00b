"""The exported forms of the language stage: the contract's interface, equal ids in both."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import pytest
import torch

from streamer.training.language_export import STATIC_LENGTH, export_language
from tests.training.language_samples import run_exported, tiny_model

pytest.importorskip("onnxruntime")


def test_both_forms_give_the_networks_ids(tmp_path: Path) -> None:
    model = tiny_model(3)
    export_language(model, tmp_path / "dynamic.onnx", quantise=False)
    export_language(model, tmp_path / "static.onnx", static=True)
    pinyin = np.array([[3, 0, 2, 2, 4, 1, 0]], np.int32)
    padded = np.full((1, STATIC_LENGTH), -1, np.int32)
    padded[0, :7] = pinyin
    wanted = model.log_probabilities(torch.from_numpy(pinyin)).detach().numpy()

    dynamic, static = run_exported(tmp_path / "dynamic.onnx", pinyin), run_exported(tmp_path / "static.onnx", padded)

    assert dynamic[0].dtype == np.int32
    assert dynamic[0].tolist() == wanted.argmax(-1).tolist()
    assert static[0].tolist() == [dynamic[0][0].tolist() + [2] * (STATIC_LENGTH - 7)]
    np.testing.assert_allclose(dynamic[1], wanted, atol=2e-3)


def test_the_fixed_form_computes_no_shapes(tmp_path: Path) -> None:
    export_language(tiny_model(), tmp_path / "static.onnx", static=True)
    operators = {node.op_type for node in onnx.load(tmp_path / "static.onnx").graph.node}

    assert not operators & {"Shape", "Range", "ConstantOfShape", "NonZero", "Loop", "If", "Cos", "Sin"}


def test_the_quantised_form_has_the_same_interface(tmp_path: Path) -> None:
    export_language(tiny_model(), tmp_path / "int8.onnx")
    ids, log_probs = run_exported(tmp_path / "int8.onnx", np.array([[1, 2, 3]], np.int32))

    assert (ids.shape, log_probs.shape) == ((1, 4), (1, 4, 9))
    assert log_probs.dtype == np.float32
    assert ids[0, 0] == 1


def test_one_syllable_and_the_longest_input_are_taken(tmp_path: Path) -> None:
    export_language(tiny_model(), tmp_path / "int8.onnx")

    assert run_exported(tmp_path / "int8.onnx", np.array([[1]], np.int32))[0].shape == (1, 2)
    assert run_exported(tmp_path / "int8.onnx", np.ones((1, 251), np.int32))[0].shape == (1, 252)
