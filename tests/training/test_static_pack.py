"""The static fp32 form of packs for CPUs: weights, operators, and what the models give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnxruntime.quantization import QuantType, quantize_dynamic

from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.commands.static import write
from streamer.errors import PackError
from streamer.packs.golden import GOLDEN_NAME, listen, read_golden
from streamer.packs.static import static_models
from streamer.scoring import compare
from streamer.settings.recognizer import RecognizerSettings
from streamer.training.older_operators import in_older_operators
from streamer.training.static_form import STATIC_OPSET
from streamer.training.static_pack import write_static_model, write_static_pack
from streamer.training.unquantised import unquantised
from tests.tonepack import write_tone_pack
from tests.training.atc_operators import UNPROVEN, undocumented

NEWER = """
g (int32[1, 6] ids, float[1, 6, 4] x) => (int64[1, 5] place, float[1, 4] y, int32[1, 6] kept, bool[6] early) {
    zero = Constant <value = int32[1] {0}> ()
    one = Constant <value = int64[1] {1}> ()
    last = Constant <value = int64[1] {6}> ()
    minus = Constant <value = int64[1] {-1}> ()
    first = Constant <value = int64[1] {0}> ()
    wide = Cast <to = 7> (ids)
    a = Slice (wide, first, minus, one)
    b = Slice (wide, one, last, one)
    by = Constant <value = int64 {6020}> ()
    modulus = Constant <value = int64 {32719}> ()
    scaled = Mul (a, by)
    key = Add (scaled, b)
    again = Mul (key, by)
    sum = Add (again, a)
    place = Mod (sum, modulus)
    weight = Constant <value = float[4] {1.0, 2.0, -1.0, 0.5}> ()
    bias = Constant <value = float[4] {0.1, 0.2, 0.3, 0.4}> ()
    n = LayerNormalization <axis = -1, epsilon = 0.00001> (x, weight, bias)
    y = ReduceLogSumExp <axes = [1], keepdims = 0> (n)
    low = Constant <value = int32 {2}> ()
    high = Constant <value = int32 {4000}> ()
    kept = Clip (ids, low, high)
    is_kept = GreaterOrEqual (ids, low)
    more = Unsqueeze (is_kept, minus)
    axes = Constant <value = int64[2] {0, 2}> ()
    early = Squeeze (more, axes)
}
"""


def run(model: Any, **inputs: npt.NDArray[Any]) -> list[npt.NDArray[Any]]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    return list(session.run(None, inputs))


def newer() -> Any:
    model = onnx.helper.make_model(
        onnx.parser.parse_graph(NEWER), opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8
    )
    graph = model.graph
    for node in [node for node in graph.node if node.op_type == "Constant"]:
        node.attribute[0].t.name = node.output[0]
        graph.initializer.append(node.attribute[0].t)
        graph.node.remove(node)
    onnx.checker.check_model(model, full_check=True)
    return model


def test_older_operators_compute_the_same() -> None:
    rng = np.random.default_rng(7)
    inputs = {
        "ids": rng.integers(0, 6020, (1, 6), dtype=np.int32),
        "x": rng.normal(size=(1, 6, 4)).astype(np.float32),
    }
    expected = run(newer(), **inputs)

    older = in_older_operators(newer(), 6020)
    onnx.checker.check_model(older, full_check=True)
    found = run(older, **inputs)
    assert [(each.domain, each.version) for each in older.opset_import] == [("", STATIC_OPSET)]
    assert {node.op_type for node in older.graph.node} & {"Mod", "LayerNormalization", "ReduceLogSumExp"} == set()
    for one, other in zip(expected, found, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-6)


def test_a_remainder_of_something_else_is_refused() -> None:
    model = newer()
    next(node for node in model.graph.node if node.op_type == "Mul").input[1] = "b"
    with pytest.raises(PackError, match="multiplies ids by something else than a constant"):
        in_older_operators(model, 6020)


def test_quantised_weights_are_what_they_were_rounded_to(tmp_path: Path) -> None:
    graph = onnx.parser.parse_graph("g (float[2, 64] x) => (float[2, 16] y) { y = MatMul(x, w) }")
    weights = np.random.default_rng(3).normal(size=(64, 16)).astype(np.float32)
    graph.initializer.append(onnx.numpy_helper.from_array(weights, "w"))
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, str(tmp_path / "plain.onnx"))
    quantize_dynamic(tmp_path / "plain.onnx", tmp_path / "small.onnx", per_channel=True, weight_type=QuantType.QInt8)

    back = unquantised(onnx.load(str(tmp_path / "small.onnx")))
    (tensor,) = back.graph.initializer
    steps = np.abs(weights).max(axis=0) / 127
    assert [node.op_type for node in back.graph.node] == ["MatMul"]
    assert (np.abs(onnx.numpy_helper.to_array(tensor) - weights) <= steps * 0.51).all()


def test_another_quantisation_is_refused() -> None:
    graph = onnx.parser.parse_graph("g (float[4] x, float s, uint8 z) => (uint8[4] y) { y = QuantizeLinear(x, s, z) }")
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
    with pytest.raises(PackError, match=r"cannot be undone \(QuantizeLinear\)"):
        unquantised(model)


def test_other_inputs_are_refused(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))
    with pytest.raises(PackError, match=r"has the inputs .*; expected inputs"):
        write_static_model(pack.path(pack.manifest.acoustic.file), tmp_path / "x.onnx", {"inputs": (1, 251)}, 9)


def test_a_taken_folder_is_left_alone(tmp_path: Path) -> None:
    pack = write_tone_pack(tmp_path / "tones")
    with pytest.raises(PackError, match="holds a pack already"):
        write_static_pack(load_pack(pack), pack)


@pytest.mark.slow
@pytest.mark.timeout(600)  # models of 38 and 55 MB are rewritten
def test_the_embedded_pack_becomes_one_that_atc_takes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "zh-static")

    made = load_pack(tmp_path / "zh-static")
    acoustic, language = static_models(made)
    assert capsys.readouterr().out.count("of steps agree") >= 3
    for model in (acoustic, language):
        graph = onnx.load(str(model.path))
        assert undocumented(graph) == UNPROVEN.get(model.path.stem, [])
        assert [(each.domain, each.version) for each in graph.opset_import] == [("", STATIC_OPSET)]


@pytest.mark.slow
@pytest.mark.timeout(600)  # models of 38 and 55 MB are rewritten
def test_the_static_models_give_nearly_what_the_quantised_ones_do(tmp_path: Path) -> None:
    """Not more than nearly: those round sound and words too, at every multiplication."""
    source, settings = load_pack(find_pack("zh")), RecognizerSettings()
    made = write_static_pack(source, tmp_path / "zh-static")
    clips = read_golden(made.path(GOLDEN_NAME))
    with load_models(made, settings) as static, load_models(source, settings) as small:
        for clip in clips:
            one, other = listen(static, clip.name, clip.pcm), listen(small, clip.name, clip.pcm)
            assert compare(one.syllables, other.syllables).rate <= 0.1
            ids = tuple(static.syllables.id(each) for each in clip.syllables)
            assert np.mean(np.array(static.write(ids).ids) == np.array(small.write(ids).ids)) >= 0.9
