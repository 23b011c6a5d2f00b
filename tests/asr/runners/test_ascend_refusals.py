"""Models and inputs that the Ascend runner refuses, before a device sees them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from onnx import TensorProto

from streamer.asr.runners.ascend.model import AscendModel
from streamer.asr.runners.ascend.runtime import AscendRuntime
from streamer.errors import AscendError, PackError, RecognizerError
from tests.acl_simulator import om, tiny
from tests.acl_simulator.fixtures import TinyFiles
from tests.asr.runners.test_ascend_model import FEATURES, feeds

ODD_INPUTS = {
    "more frames": ({"dims": (1, 1201, 80, 1)}, r"features float32\[1, 1001, 80, 1\] expected.*\[1, 1201, 80, 1\]"),
    "channels first": ({"dims": (1, 1, 1001, 80)}, r"features float32\[1, 1001, 80, 1\] expected.*\[1, 1, 1001, 80\]"),
    "batch of four": ({"dims": (4, 1001, 80, 1)}, r"features float32\[1, 1001, 80, 1\] expected.*\[4, 1001, 80, 1\]"),
    "half precision": ({"type": om.FLOAT16}, r"features float32\[1, 1001, 80, 1\] expected.*features float16"),
}


@pytest.mark.parametrize("odd", ODD_INPUTS)
def test_other_inputs_are_refused(
    odd: str, runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]
) -> None:
    changes, message = ODD_INPUTS[odd]
    features, length = om.offline_model(tiny_files.acoustic_onnx).inputs
    path = altered(tiny_files.acoustic_onnx, inputs=(replace(features, **changes), length))

    with pytest.raises(PackError, match=message):
        AscendModel(runtime, path)


ODD_OUTPUTS = {
    "1002 rows' worth of ids": ({"dims": (1, 252)}, r"found outputs.*\[1, 252\].*expected ids int32/int64\[1, 251\]"),
    "float ids": ({"type": om.FLOAT}, r"found outputs Cast_12:0:ids float32.*expected ids int32/int64"),
}


@pytest.mark.parametrize("odd", ODD_OUTPUTS)
def test_other_outputs_are_refused(
    odd: str, runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]
) -> None:
    changes, message = ODD_OUTPUTS[odd]
    ids, scores = om.offline_model(tiny_files.acoustic_onnx).outputs
    path = altered(tiny_files.acoustic_onnx, outputs=(replace(ids, **changes), scores))

    with pytest.raises(PackError, match=message):
        AscendModel(runtime, path)


def test_batch_gears_are_refused(runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]) -> None:
    gear = om.OmTensor(om.GEAR_INPUT, om.INT64, (1,), om.GEAR_INPUT)
    described = om.offline_model(tiny_files.language_onnx)
    path = altered(tiny_files.language_onnx, inputs=(*described.inputs, gear), gears=(1, 2, 4, 8))

    with pytest.raises(PackError, match=r"batch gears \[1, 2, 4, 8\].*expected a static batch of 1"):
        AscendModel(runtime, path)


def test_a_third_input_is_refused(runtime: AscendRuntime, tiny_files: TinyFiles, altered: Callable[..., Path]) -> None:
    described = om.offline_model(tiny_files.acoustic_onnx)
    path = altered(tiny_files.acoustic_onnx, inputs=(*described.inputs, replace(described.inputs[1], name="mask")))

    with pytest.raises(PackError, match=r"found 3 inputs \(.*mask int32\[1, 1\]\), expected 2 for an acoustic model"):
        AscendModel(runtime, path)


FILES = {
    "missing": (None, r"acl.mdl.load_from_file of .* returned 145002, EXEC_MODEL_PATH_INVALID: .*missing"),
    "truncated": (lambda whole: whole[:-100], r"returned 145006, .*truncated"),
    "text": (lambda _: b"this is no model\n" * 10, r"returned 145006"),
    "for another chip": (lambda whole: whole.replace(b"Ascend310P3", b"Ascend910B4"), r"545005.*another chip"),
}


@pytest.mark.parametrize("state", FILES)
def test_a_file_that_does_not_load_is_a_clear_error(
    state: str, runtime: AscendRuntime, tiny_files: TinyFiles, tmp_path: Path
) -> None:
    change, message = FILES[state]
    path = tmp_path / "bad.om"
    if change is not None:
        path.write_bytes(change(tiny_files.language.read_bytes()))

    with pytest.raises(AscendError, match=message):
        AscendModel(runtime, path)


FEEDS = {
    "1002 rows": ({"features": np.zeros((1, 1002, 80, 1), np.float32)}, r"features is float32\[1, 1002, 80, 1\]"),
    "double precision": ({"features": FEATURES.astype(np.float64)}, r"features is float64"),
    "a missing input": ({"features": None}, r"features is nothing, expected float32\[1, 1001, 80, 1\]"),
    "a wide length": ({"length": np.array([[250]])}, r"length is int64\[1, 1\], expected int32\[1, 1\]"),
}


@pytest.mark.parametrize("odd", FEEDS)
def test_inputs_that_do_not_fit_are_refused_before_the_device_sees_them(
    odd: str, runtime: AscendRuntime, tiny_files: TinyFiles, acl: ModuleType
) -> None:
    """The first application copied 1002 rows for sound over 10 s into room for 1001."""
    changes, message = FEEDS[odd]
    given = {name: array for name, array in {**feeds(), **changes}.items() if array is not None}
    model = AscendModel(runtime, tiny_files.acoustic)

    with pytest.raises(RecognizerError, match=message):
        model.run(given)
    assert acl.simulator.calls["mdl.execute_async"] == 0
    model.close()


def test_ids_that_are_no_token_ids_are_an_error(
    runtime: AscendRuntime, tmp_path: Path, altered: Callable[..., Path]
) -> None:
    source = tiny.acoustic(tmp_path / "far.onnx", ids_type=TensorProto.INT64, first_id=1 << 40)
    model = AscendModel(runtime, altered(source))

    with pytest.raises(RecognizerError, match=r"odd.om: ids from -1 to 10995\d+ found, expected token ids"):
        model.run(feeds())
    model.close()
