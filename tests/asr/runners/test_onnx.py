from __future__ import annotations

import importlib.abc
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
import onnx.parser
import pytest

from streamer.asr.runners import open_runner
from streamer.asr.runners.onnx import OnnxRunner
from streamer.errors import MissingDependencyError, PackError, RecognizerError
from streamer.interfaces import TensorSpec
from streamer.settings.recognizer import RecognizerSettings
from tests.tonepack import acoustic_model, language_model


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[OnnxRunner]:
    onnx.save(language_model(), tmp_path / "language.onnx")
    runner = OnnxRunner(tmp_path / "language.onnx", RecognizerSettings())
    yield runner
    runner.close()


def test_says_what_the_model_expects_and_gives(runner: OnnxRunner) -> None:
    assert runner.inputs == (TensorSpec("inputs", np.dtype(np.int32), (1, None)),)
    assert runner.outputs == (
        TensorSpec("ids", np.dtype(np.int32), (1, None)),
        TensorSpec("log_probs", np.dtype(np.float32), (1, None, 8)),
    )


def test_runs(runner: OnnxRunner) -> None:
    outputs = runner.run({"inputs": np.array([[0, 4, -1]], np.int32)})

    assert outputs["ids"].tolist() == [[1, 3, 7, 2]]


def test_sums_of_quantised_weights_do_not_overflow(tmp_path: Path) -> None:
    """In pairs of 16 bits two products of 255 and 127 are cut off at half of their sum: processors without VNNI."""
    text = """<ir_version: 9, opset_import: ["": 20]>
        sums (float[1, 64] x, int8[64, 16] w) => (float[1, 16] y) {
            bytes, step, zero = DynamicQuantizeLinear(x)
            whole = MatMulInteger(bytes, w, zero)
            y = Cast<to = 1>(whole)
        }"""
    model = onnx.parser.parse_model(text)
    weights = model.graph.input.pop()
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.full((64, 16), 127, np.int8), weights.name))
    onnx.save(model, tmp_path / "sums.onnx")

    made = OnnxRunner(tmp_path / "sums.onnx", RecognizerSettings()).run({"x": np.ones((1, 64), np.float32)})

    assert made["y"].tolist() == [[64 * 255 * 127] * 16]


def test_static_sizes_are_known(tmp_path: Path) -> None:
    onnx.save(acoustic_model(static=True), tmp_path / "acoustic.onnx")

    runner = open_runner("onnx", tmp_path / "acoustic.onnx", RecognizerSettings())

    assert runner.inputs[0] == TensorSpec("features", np.dtype(np.float32), (1, 1001, 80, 1))


@pytest.mark.parametrize(
    ("feeds", "message"),
    [
        ({}, r"with inputs : Required inputs \(\['inputs'\]\) are missing"),
        ({"inputs": np.zeros((1, 2), np.float32)}, r"with inputs inputs float32\[1, 2\]: .*data type"),
        ({"inputs": np.zeros((2, 2), np.int32)}, r"inputs int32\[2, 2\]: .*INVALID_ARGUMENT"),
    ],
)
def test_inputs_that_do_not_fit(runner: OnnxRunner, feeds: dict[str, np.ndarray], message: str) -> None:
    with pytest.raises(RecognizerError, match=message):
        runner.run(feeds)


def test_closing_twice_and_running_after_it(runner: OnnxRunner) -> None:
    runner.close()
    runner.close()

    with pytest.raises(RecognizerError, match=r"language.onnx is closed"):
        runner.run({"inputs": np.zeros((1, 1), np.int32)})


def test_a_file_that_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "noise.onnx").write_bytes(b"\x00\x01noise")

    with pytest.raises(PackError, match=r"noise.onnx is no model that ONNX Runtime .* loads"):
        OnnxRunner(tmp_path / "noise.onnx", RecognizerSettings())


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(PackError, match="model file not found"):
        OnnxRunner(tmp_path / "absent.onnx", RecognizerSettings())


def test_a_provider_that_is_not_installed(tmp_path: Path) -> None:
    settings = RecognizerSettings(providers=("NobodysExecutionProvider",))

    with pytest.raises(PackError, match=r"NobodysExecutionProvider.* is installed \(available: .*CPUExecutionProvider"):
        OnnxRunner(tmp_path / "absent.onnx", settings)


def test_providers_that_are_absent_are_passed_over(tmp_path: Path) -> None:
    onnx.save(language_model(), tmp_path / "language.onnx")
    settings = RecognizerSettings(providers=("NobodysExecutionProvider", "CPUExecutionProvider"), threads=2)

    assert OnnxRunner(tmp_path / "language.onnx", settings).run({"inputs": np.zeros((1, 1), np.int32)})


def test_a_tensor_of_an_unsupported_type(tmp_path: Path) -> None:
    model = onnx.parser.parse_model(
        '<ir_version: 8, opset_import: ["" : 17]> g (string[1] words) => (string[1] same) { same = Identity (words) }'
    )
    onnx.save(model, tmp_path / "words.onnx")

    with pytest.raises(PackError, match=r"'words' has the unsupported type tensor\(string\)"):
        OnnxRunner(tmp_path / "words.onnx", RecognizerSettings())


def test_the_live_path_imports_nothing_heavy() -> None:
    code = (
        "import sys, streamer.asr.recognizer, streamer.asr.runners.onnx;"
        "print([m for m in ('librosa', 'scipy', 'torch', 'pypinyin', 'onnx', 'numba') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


def test_a_runtime_that_cannot_be_loaded_is_named_with_its_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slim container lacks a library, or memory is short; only an NPU's machine may have none at all."""
    monkeypatch.delitem(sys.modules, "streamer.asr.runners.onnx")
    monkeypatch.setitem(sys.modules, "onnxruntime", None)

    with pytest.raises(MissingDependencyError) as refused:
        open_runner("onnx", tmp_path / "language.onnx", RecognizerSettings())

    assert str(refused.value) == (
        "ONNX Runtime cannot be loaded (import of onnxruntime halted; None in sys.modules); "
        f"put what is missing there, or install it anew: {shlex.quote(sys.executable)} -m pip install onnxruntime"
    )


def test_ctrl_c_while_the_runtime_loads_is_no_failure_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Interrupted(importlib.abc.MetaPathFinder):
        def find_spec(self, name: str, path: object, target: object = None) -> None:
            if name == "onnxruntime":
                raise ImportError("initialization failed") from KeyboardInterrupt()  # as pybind11 has it

    for name in ("streamer.asr.runners.onnx", "onnxruntime"):
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])

    with pytest.raises(KeyboardInterrupt):
        open_runner("onnx", tmp_path / "language.onnx", RecognizerSettings())


def test_nothing_is_gathered_about_the_user(tmp_path: Path) -> None:
    """ONNX Runtime 1.32 writes an id and events for its maker into the home folder, and sends them."""
    onnx.save(language_model(), tmp_path / "language.onnx")
    home = tmp_path / "home"
    home.mkdir()
    program = (
        "import sys; from pathlib import Path; from streamer.asr.runners.onnx import OnnxRunner; "
        "from streamer.settings.recognizer import RecognizerSettings; "
        "OnnxRunner(Path(sys.argv[1]), RecognizerSettings())"
    )
    environment = {name: value for name, value in os.environ.items() if name != "ORT_DISABLE_TELEMETRY"}
    command = [sys.executable, "-c", program, str(tmp_path / "language.onnx")]

    subprocess.run(command, env={**environment, "HOME": str(home)}, check=True, timeout=60)

    assert list(home.rglob("*")) == []
