"""What models on the Ascend runner give, and how their tensors are told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto

from streamer.asr.runners.ascend.model import AscendModel
from streamer.asr.runners.ascend.runtime import AscendRuntime
from tests.acl_simulator import om, tiny
from tests.acl_simulator.fixtures import TinyFiles

FEATURES = tiny.features()


def feeds(length: int = 250) -> dict[str, np.ndarray]:
    return {"features": FEATURES, "length": np.array([[length]], np.int32)}


def onnx_outputs(path: Path, given: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    session = ort.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [node.name for node in session.get_outputs()]
    return dict(zip(names, session.run(names, given), strict=True))


def assert_same(found: dict[str, np.ndarray], expected: dict[str, np.ndarray]) -> None:
    assert list(found) == list(expected)
    for name, array in expected.items():
        rows = found[name].shape[1] if name == "log_probs" else array.shape[1]
        np.testing.assert_array_equal(found[name], array[:, :rows])
        assert found[name].dtype == array.dtype


def test_gives_what_onnx_runtime_gives(runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    acoustic, language = AscendModel(runtime, tiny_files.acoustic), AscendModel(runtime, tiny_files.language)
    heard = acoustic.run(feeds(length=180))

    assert_same(heard, onnx_outputs(tiny_files.acoustic_onnx, feeds(length=180)))
    given = {"inputs": heard["ids"]}
    assert_same(language.run(given), onnx_outputs(tiny_files.language_onnx, given))
    language.close()
    acoustic.close()


@pytest.mark.parametrize(("length", "rows"), [(0, 1), (1, 3), (180, 182), (250, 251)])
def test_rows_of_padding_are_not_copied(length: int, rows: int, runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    model = AscendModel(runtime, tiny_files.acoustic)
    found = model.run(feeds(length))["log_probs"]
    expected = onnx_outputs(tiny_files.acoustic_onnx, feeds(length))["log_probs"]
    model.close()

    assert found.shape == (1, rows, 80)
    np.testing.assert_array_equal(found, expected[:, :rows])


def test_names_the_tensors_as_the_contract_does(runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    model = AscendModel(runtime, tiny_files.acoustic)

    assert [(spec.name, str(spec.dtype), spec.shape) for spec in (*model.inputs, *model.outputs)] == [
        ("features", "float32", (1, 1001, 80, 1)),
        ("length", "int32", (1, 1)),
        ("ids", "int32", (1, 251)),
        ("log_probs", "float32", (1, 251, 80)),
    ]
    model.close()


def test_a_model_with_the_bare_contract_offers_ids_alone(
    runtime: AscendRuntime, tmp_path: Path, altered: Callable[..., Path]
) -> None:
    source = tiny.acoustic(tmp_path / "bare.onnx", log_probs=False)
    model = AscendModel(runtime, altered(source))

    assert list(model.run(feeds())) == ["ids"]
    model.close()


def test_inputs_in_another_order_are_bound_by_name(
    runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]
) -> None:
    described = om.offline_model(tiny_files.acoustic_onnx)
    model = AscendModel(runtime, altered(tiny_files.acoustic_onnx, inputs=described.inputs[::-1]))

    assert_same(model.run(feeds()), onnx_outputs(tiny_files.acoustic_onnx, feeds()))
    model.close()


def test_inputs_with_other_names_are_bound_by_type_and_shape(
    runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]
) -> None:
    renamed = tuple(replace(each, name=f"Placeholder_{each.dims[1]}") for each in
                    om.offline_model(tiny_files.acoustic_onnx).inputs[::-1])  # fmt: skip
    model = AscendModel(runtime, altered(tiny_files.acoustic_onnx, inputs=renamed))

    assert_same(model.run(feeds()), onnx_outputs(tiny_files.acoustic_onnx, feeds()))
    model.close()


def test_outputs_in_another_order_are_told_by_type(
    runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]
) -> None:
    described = om.offline_model(tiny_files.acoustic_onnx)
    model = AscendModel(runtime, altered(tiny_files.acoustic_onnx, outputs=described.outputs[::-1]))

    assert_same(model.run(feeds()), onnx_outputs(tiny_files.acoustic_onnx, feeds()))
    model.close()


@pytest.mark.parametrize("role", ["acoustic", "language"])
def test_int64_ids_are_converted(
    role: str, runtime: AscendRuntime, tmp_path: Path, altered: Callable[..., Path], tiny_files: TinyFiles
) -> None:
    """Assuming int32 would read every second id as 0 or −1."""
    wide = altered(getattr(tiny, role)(tmp_path / "wide.onnx", ids_type=TensorProto.INT64))
    given = feeds() if role == "acoustic" else {"inputs": np.arange(251, dtype=np.int32)[None] - 1}
    model = AscendModel(runtime, wide)

    assert_same(model.run(given), onnx_outputs(getattr(tiny_files, f"{role}_onnx"), given))
    model.close()


def test_float16_log_probabilities_are_widened(
    runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]
) -> None:
    """What atc's default precision gives."""
    ids, scores = om.offline_model(tiny_files.acoustic_onnx).outputs
    model = AscendModel(runtime, altered(tiny_files.acoustic_onnx, outputs=(ids, replace(scores, type=om.FLOAT16))))

    found = model.run(feeds())["log_probs"]
    expected = onnx_outputs(tiny_files.acoustic_onnx, feeds())["log_probs"]
    np.testing.assert_array_equal(found, expected.astype(np.float16).astype(np.float32))
    model.close()
