"""Packs of the published weights, converted from frozen TensorFlow graphs to ONNX."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from streamer.asr.contract import MAX_TOKENS
from streamer.asr.fbank import MAX_FRAMES
from streamer.asr.mel import MEL_BINS
from streamer.asr.modelpack import ModelPack
from streamer.asr.tokens import read_tokens
from streamer.errors import MissingDependencyError, PackError
from streamer.packs.tensorflow_graph import FrozenGraph, import_tensorflow, read_graph
from streamer.packs.writer import AM_TOKENS, LM_TOKENS, PackFacts, check_folder, manifest_of, write_pack
from streamer.system.installation import install_command

_OPSET = 17
_FEATURES_SHAPE = [1, MAX_FRAMES, MEL_BINS, 1]
_TOLERANCE = 1e-2
"""How far a converted model's log-probabilities may be from TensorFlow's."""

Arrays = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class ConvertedPack:
    """A pack made of frozen graphs."""

    pack: ModelPack
    difference: float
    """Largest difference of a log-probability from what TensorFlow computes, on random features."""


def import_frozen(
    facts: PackFacts, conformer: Path, transformer: Path, folder: Path, say: Callable[[str], None]
) -> ConvertedPack:
    """Convert both graphs, compare them with TensorFlow, and make a pack for the ONNX runner.

    Raises:
        PackError: a graph is not understood, does not fit its table, or the conversion changed what it computes.
        MissingDependencyError: TensorFlow or tf2onnx is not installed.
    """
    check_folder(folder)
    manifest = manifest_of(facts, "onnx", ".onnx")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    acoustic_graph, language_graph = read_graph(conformer), read_graph(transformer)
    differences: list[float] = []

    def convert(draft: Path) -> None:
        say(f"converting {conformer.name}")
        classes = len(read_tokens(facts.am_tokens, facts.am_first_id)) + 1
        acoustic = _acoustic_onnx(acoustic_graph, manifest.acoustic.blank_id, classes)
        differences.append(_compare_acoustic(acoustic_graph, acoustic))
        say(f"converting {transformer.name}")
        language = _language_onnx(language_graph)
        _compare_language(language_graph, language, classes - 1)
        (draft / manifest.acoustic.file).write_bytes(acoustic)
        (draft / manifest.language.file).write_bytes(language)

    pack = write_pack(folder, manifest, {AM_TOKENS: facts.am_tokens, LM_TOKENS: facts.lm_tokens}, convert)
    return ConvertedPack(pack, differences[0])


def _acoustic_onnx(graph: FrozenGraph, blank_id: int, classes: int) -> bytes:
    """The acoustic model up to its scores, then log-probabilities and the contract's ids in ONNX."""
    from onnx import TensorProto, helper  # noqa: PLC0415 (extra convert)

    from streamer.packs.collapse import collapse_nodes  # noqa: PLC0415 (extra convert)

    cut = graph.acoustic_cut()
    inputs = ["features:0"] + (["length:0"] if graph.needs(cut.scores, "length") else [])
    model = _converted(graph, inputs, [cut.scores])
    steps, batch, found = _shape_of(model, cut.scores)
    if batch != 1 or found != classes or steps > MAX_TOKENS:
        raise PackError(
            f"{graph.name}: scores have the shape [{steps}, {batch}, {found}], expected [≤ {MAX_TOKENS}, 1, {classes}] "
            f"(the token table has {classes - 1} tokens, and there is one blank)"
        )
    if blank_id != cut.blank_index % classes:
        raise PackError(f"{graph.name}: the blank is {cut.blank_index % classes}, the pack says {blank_id}")
    body = model.graph
    if len(inputs) == 1:
        body.input.append(helper.make_tensor_value_info("length", TensorProto.INT32, [1, 1]))
    body.node.extend(
        [
            helper.make_node("Transpose", [cut.scores], ["ctc_scores"], perm=[1, 0, 2]),
            helper.make_node("LogSoftmax", ["ctc_scores"], ["log_probs"], axis=2),
        ]
    )
    nodes, constants = collapse_nodes("log_probs", "length", "ids", steps, blank_id)
    body.node.extend(nodes)
    body.initializer.extend(constants)
    del body.output[:]
    body.output.extend(
        [
            helper.make_tensor_value_info("ids", TensorProto.INT32, [1, MAX_TOKENS]),
            helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, [1, steps, classes]),
        ]
    )
    return _finished(model)


def _language_onnx(graph: FrozenGraph) -> bytes:
    """The language stage, its ids as int32, and its log-probabilities where its ArgMax is found."""
    from onnx import TensorProto, helper  # noqa: PLC0415 (extra convert)

    cut = graph.language_cut()
    model = _converted(graph, ["inputs:0"], [cut.ids] + ([cut.logits] if cut.logits else []))
    shape = _shape_of(model, cut.ids)
    if shape != (1, MAX_TOKENS + 1):
        raise PackError(f"{graph.name}: ids have the shape {list(shape)}, expected [1, {MAX_TOKENS + 1}]")
    body = model.graph
    outputs = [helper.make_tensor_value_info("ids", TensorProto.INT32, [1, MAX_TOKENS + 1])]
    body.node.append(helper.make_node("Cast", [cut.ids], ["ids"], to=TensorProto.INT32))
    if cut.logits and len(_shape_of(model, cut.logits)) == len(outputs[0].type.tensor_type.shape.dim) + 1:
        outputs.append(helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, _shape_of(model, cut.logits)))
        body.node.append(helper.make_node("LogSoftmax", [cut.logits], ["log_probs"], axis=2))
    del body.output[:]
    body.output.extend(outputs)
    return _finished(model)


def _converted(graph: FrozenGraph, inputs: list[str], outputs: list[str]) -> Any:
    """tf2onnx's model, its inputs named as the contract does."""
    try:
        import tf2onnx  # noqa: PLC0415 (extra convert)
    except ImportError as error:
        raise MissingDependencyError(
            f"converting a frozen graph needs tf2onnx ({error}): {install_command('convert')}"
        ) from error
    shapes = {"features:0": _FEATURES_SHAPE, "length:0": [1, 1], "inputs:0": [1, MAX_TOKENS]}
    try:
        model, _ = tf2onnx.convert.from_graph_def(
            graph.graph,
            input_names=inputs,
            output_names=list(outputs),
            opset=_OPSET,
            shape_override={name: shapes[name] for name in inputs},
        )
    except (ValueError, RuntimeError, KeyError, NotImplementedError) as error:
        raise PackError(f"tf2onnx cannot convert {graph.name}: {error}") from error
    for name in inputs:
        _rename_input(model.graph, name, name.removesuffix(":0"))
    return model


def _rename_input(body: Any, old: str, new: str) -> None:
    for value in body.input:
        if value.name == old:
            value.name = new
    for node in body.node:
        for index, name in enumerate(node.input):
            if name == old:
                node.input[index] = new


def _shape_of(model: Any, output: str) -> tuple[int, ...]:
    """Shape of an output, by running the model: inferred shapes of converted graphs have gaps."""
    return tuple(_run(model.SerializeToString(), _zeros(model), [output])[output].shape)


def _zeros(model: Any) -> Arrays:
    shapes = {"features": _FEATURES_SHAPE, "length": [1, 1], "inputs": [1, MAX_TOKENS]}
    return {
        value.name: np.zeros(shapes[value.name], np.float32 if value.name == "features" else np.int32)
        for value in model.graph.input
    }


def _finished(model: Any) -> bytes:
    import onnx  # noqa: PLC0415 (extra convert)

    model.ir_version = min(model.ir_version, 8)
    try:
        onnx.checker.check_model(model)
    except onnx.checker.ValidationError as error:
        raise PackError(f"the converted model is not valid ONNX: {error}") from error
    return bytes(model.SerializeToString())


def _run(model: bytes, feeds: Mapping[str, npt.NDArray[Any]], outputs: list[str]) -> Arrays:
    import onnxruntime as ort  # noqa: PLC0415 (only this command runs models that have no file yet)

    session = ort.InferenceSession(model, providers=["CPUExecutionProvider"])
    known = {node.name for node in session.get_inputs()}
    arrays = session.run(outputs, {name: array for name, array in feeds.items() if name in known})
    return dict(zip(outputs, arrays, strict=True))


def _run_tensorflow(graph: FrozenGraph, feeds: Mapping[str, npt.NDArray[Any]], outputs: list[str]) -> list[Any]:
    tensorflow = import_tensorflow()
    with tensorflow.Graph().as_default() as built, tensorflow.compat.v1.Session(graph=built) as session:
        tensorflow.import_graph_def(graph.graph, name="")
        return list(session.run(outputs, {f"{name}:0": array for name, array in feeds.items()}))


def _compare_acoustic(graph: FrozenGraph, model: bytes) -> float:
    """Random features through both; the ids must be the graph's own."""
    cut = graph.acoustic_cut()
    feeds: Arrays = {
        "features": np.random.default_rng(0).standard_normal(_FEATURES_SHAPE).astype(np.float32),
        "length": np.full((1, 1), MAX_TOKENS - 1, np.int32),
    }
    scores, dense = _run_tensorflow(graph, feeds, [cut.scores, cut.ids])
    found = _run(model, feeds, ["ids", "log_probs"])
    expected = scores.transpose(1, 0, 2)
    expected = expected - np.log(np.exp(expected).sum(axis=2, keepdims=True))
    difference = float(np.abs(expected - found["log_probs"]).max())
    ids = [int(each) for each in dense.reshape(-1) if each >= 0]
    ours = [int(each) for each in found["ids"].reshape(-1) if each >= 0]
    if difference > _TOLERANCE or ids != ours:
        raise PackError(
            f"{graph.name}: the converted model gives other numbers than TensorFlow: log-probabilities differ by up to "
            f"{difference:.3g} (expected ≤ {_TOLERANCE}), ids {ours[:8]} … instead of {ids[:8]} …"
        )
    return difference


def _compare_language(graph: FrozenGraph, model: bytes, tokens: int) -> None:
    """Random syllables, then nothing, through both."""
    ids = np.full((1, MAX_TOKENS), -1, np.int32)
    ids[0, :40] = np.random.default_rng(0).integers(2, tokens, 40)
    [expected] = _run_tensorflow(graph, {"inputs": ids}, [graph.language_cut().ids])
    found = _run(model, {"inputs": ids}, ["ids"])["ids"]
    if not np.array_equal(found, expected):
        wrong = int((found != expected).sum())
        raise PackError(f"{graph.name}: the converted model gives other ids than TensorFlow at {wrong} of 252 places")
