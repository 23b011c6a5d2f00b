"""The static exports against the model contract: what `atc` compiles, and what the Ascend runner expects."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from onnxruntime import InferenceSession  # noqa: E402 - behind importorskip, as below

from streamer.asr.contract import acoustic_tensors, language_tensors  # noqa: E402
from streamer.asr.runners.onnx import OnnxRunner  # noqa: E402
from streamer.settings.recognizer import RecognizerSettings  # noqa: E402
from streamer.training.export import export_conformer  # noqa: E402
from streamer.training.language_export import export_language  # noqa: E402
from streamer.training.model import Conformer  # noqa: E402
from streamer.training.static_form import STATIC_OPSET  # noqa: E402
from tests.training.atc_operators import UNPROVEN, undocumented  # noqa: E402
from tests.training.conformer_samples import TINY, TOKENS  # noqa: E402
from tests.training.language_samples import tiny_model  # noqa: E402
from tests.training.lattice_samples import lattice  # noqa: E402

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

ON_SHAPES = {"Shape", "Range", "ConstantOfShape", "NonZero", "Loop", "If", "Scan", "Compress", "Unique", "Expand"}
"""Operators that make or need shapes known at run time only."""


@pytest.fixture(scope="module")
def conformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(5)
    path = tmp_path_factory.mktemp("static") / "conformer.onnx"
    model = Conformer(TINY, TOKENS).eval()
    torch.nn.init.normal_(model.scores.components, std=2.0)
    export_conformer(model, path, static=True)
    return path


@pytest.fixture(scope="module")
def transformer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("static") / "transformer.onnx"
    export_language(tiny_model(3), path, static=True)
    return path


@pytest.fixture(scope="module")
def joined(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The language stage as it is shipped: the network with the character trigram beside it."""
    path = tmp_path_factory.mktemp("static") / "transformer.onnx"
    export_language(tiny_model(3), path, lattice=lattice(), static=True)
    return path


@pytest.fixture(scope="module")
def dynamic(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same for any length."""
    path = tmp_path_factory.mktemp("dynamic") / "transformer.onnx"
    export_language(tiny_model(3), path, lattice=lattice(), quantise=False)
    return path


def described(values: object) -> list[tuple[str, str, list[int]]]:
    """Name, type and sizes; a size that has a name counts as 0."""
    kinds = {onnx.TensorProto.FLOAT: "float32", onnx.TensorProto.INT32: "int32"}
    return [
        (
            value.name,
            kinds[value.type.tensor_type.elem_type],
            [dimension.dim_value for dimension in value.type.tensor_type.shape.dim],
        )
        for value in values  # type: ignore[attr-defined]
    ]


def test_the_conformer_has_the_contracts_tensors(conformer: Path) -> None:
    graph = onnx.load(str(conformer)).graph

    assert described(graph.input) == [("features", "float32", [1, 1001, 80, 1]), ("length", "int32", [1, 1])]
    assert described(graph.output) == [
        ("ids", "int32", [1, 251]),
        ("log_probs", "float32", [1, 251, len(TOKENS) + 1]),
    ]


@pytest.mark.parametrize("name", ["transformer", "joined"])
def test_the_transformer_has_the_contracts_tensors(name: str, request: pytest.FixtureRequest) -> None:
    graph = onnx.load(str(request.getfixturevalue(name))).graph

    assert described(graph.input) == [("inputs", "int32", [1, 251])]
    assert described(graph.output) == [("ids", "int32", [1, 252]), ("log_probs", "float32", [1, 252, 9])]


@pytest.mark.parametrize("name", ["conformer", "transformer", "joined"])
def test_only_onnxs_own_operators_of_fixed_shape_are_used(name: str, request: pytest.FixtureRequest) -> None:
    model = onnx.load(str(request.getfixturevalue(name)))

    onnx.checker.check_model(model, full_check=True)
    assert [(each.domain, each.version) for each in model.opset_import] == [("", STATIC_OPSET)]
    assert {node.op_type for node in model.graph.node} & ON_SHAPES == set()
    assert {node.domain for node in model.graph.node} == {""}
    assert all(
        dimension.dim_value > 0 and not dimension.dim_param
        for value in [*model.graph.input, *model.graph.value_info, *model.graph.output]
        for dimension in value.type.tensor_type.shape.dim
    )


@pytest.mark.parametrize("name", ["conformer", "transformer", "joined"])
def test_every_operator_is_documented_for_its_types(name: str, request: pytest.FixtureRequest) -> None:
    assert undocumented(onnx.load(str(request.getfixturevalue(name)))) == UNPROVEN.get(name, [])


def test_an_operator_or_a_type_outside_the_list_is_noticed() -> None:
    graph = onnx.parser.parse_graph(
        "g (int64[1, 4] x, int64[1, 4] y) => (int64[1, 4] z) { m = Mod(x, y) z = Where(c, m, y) }"
    )
    graph.initializer.append(onnx.helper.make_tensor("c", onnx.TensorProto.BOOL, [1], [True]))
    model = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", STATIC_OPSET)])

    assert undocumented(model) == [
        "Mod input 0 int64 computed", "Mod input 1 int64 computed",
        "Where input 1 int64 computed", "Where input 2 int64 computed",
    ]  # fmt: skip


def test_the_recogniser_finds_every_tensor_by_its_name(conformer: Path, transformer: Path) -> None:
    settings = RecognizerSettings()
    heard = acoustic_tensors(OnnxRunner(conformer, settings), "conformer")
    written = language_tensors(OnnxRunner(transformer, settings), "transformer")

    assert (heard.features, heard.length, heard.ids, heard.log_probs) == ("features", "length", "ids", "log_probs")
    assert (written.inputs, written.ids, written.log_probs) == ("inputs", "ids", "log_probs")
    assert (heard.frames, written.tokens) == (1001, 251)


@pytest.mark.parametrize("length", [0, 1, 100, 250])
def test_ids_are_of_the_table_and_minus_one_after_the_last(conformer: Path, length: int) -> None:
    features = np.random.default_rng(7).standard_normal((1, 1001, 80, 1)).astype(np.float32)
    found = run(conformer, features=features, length=np.array([[length]], np.int32))[0]
    count = int((found >= 0).sum())

    assert (found[count:] == -1).all()
    assert count <= length
    assert set(found[:count].tolist()) <= set(range(len(TOKENS)))
    assert (count > 0) == (length > 0)


def test_sound_beyond_the_length_changes_no_id(conformer: Path) -> None:
    features = np.random.default_rng(7).standard_normal((1, 1001, 80, 1)).astype(np.float32)
    louder = features.copy()
    louder[:, 400:] *= 9
    length = np.array([[100]], np.int32)

    np.testing.assert_array_equal(
        run(conformer, features=features, length=length)[0], run(conformer, features=louder, length=length)[0]
    )


@pytest.mark.parametrize("count", [1, 2, 7, 250, 251])
@pytest.mark.parametrize("seed", [0, 1])
def test_static_ids_are_the_dynamic_ones_and_ends_follow(joined: Path, dynamic: Path, count: int, seed: int) -> None:
    spoken = np.random.default_rng(seed).integers(0, 5, (1, count)).astype(np.int32)
    padded = np.full((1, 251), -1, np.int32)
    padded[0, :count] = spoken
    wanted, found = run(dynamic, inputs=spoken), run(joined, inputs=padded)

    assert found[0].tolist() == wanted[0].tolist() + [2] * (251 - count)
    np.testing.assert_allclose(found[1][: count + 1], wanted[1], atol=2e-3)


def test_silence_alone_is_a_start_and_ends(joined: Path) -> None:
    ids, log_probs = run(joined, inputs=np.full((1, 251), -1, np.int32))

    assert ids.tolist() == [1] + [2] * 251
    assert np.isfinite(log_probs).all()


@pytest.mark.parametrize("count", [0, 1, 7, 251])
def test_a_start_comes_first_then_a_character_a_syllable_then_only_ends(transformer: Path, count: int) -> None:
    inputs = np.full((1, 251), -1, np.int32)
    inputs[0, :count] = np.arange(count) % 5
    found = run(transformer, inputs=inputs)[0].tolist()

    assert found[0] == 1
    assert min(found[1 : count + 1], default=3) > 2
    assert found[count + 1 :] == [2] * (251 - count)


def run(path: Path, **feeds: npt.NDArray[np.generic]) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]:
    """Ids and log-probabilities of the one utterance."""
    ids, log_probs = InferenceSession(str(path)).run(["ids", "log_probs"], feeds)
    assert (ids.dtype, log_probs.dtype) == (np.int32, np.float32)
    return ids[0], log_probs[0]
