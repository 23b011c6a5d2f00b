from __future__ import annotations

import logging
import re
import threading
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import onnxruntime as ort
import pytest
from onnx import TensorProto

from streamer.asr.runners.ascend.api import Acl
from streamer.asr.runners.ascend.model import AscendModel
from streamer.asr.runners.ascend.runtime import AscendRuntime
from streamer.errors import AscendError, MissingDependencyError, PackError, RecognizerError
from streamer.settings.ascend import AscendSettings
from tests.acl_simulator import om, tiny
from tests.acl_simulator.fixtures import TinyFiles
from tests.asr.runners.test_ascend_faults import CALLS, life

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


# What the first application did wrong


def test_host_memory_is_not_leaked_at_each_call(runtime: AscendRuntime, tiny_files: TinyFiles, acl: ModuleType) -> None:
    model = AscendModel(runtime, tiny_files.acoustic)
    model.run(feeds())
    before = acl.simulator.memory.device_used, acl.simulator.memory.host_used, dict(acl.simulator.calls)
    for _ in range(20):
        model.run(feeds())

    after = acl.simulator.calls
    assert (acl.simulator.memory.device_used, acl.simulator.memory.host_used) == before[:2]
    allocating = ("rt.malloc", "rt.malloc_host", "create_data_buffer", "mdl.create_dataset", "rt.create_stream")
    assert {name: after[name] for name in allocating} == {name: before[2][name] for name in allocating}
    model.close()


def test_no_return_code_is_ignored(acl: ModuleType, tiny_files: TinyFiles) -> None:
    """Every call of a whole life is made to fail once; each failure is an error that names the call."""
    for api in CALLS:
        acl.simulator.reset()
        told = life(acl, tiny_files.language, api, call=1, code=507899)
        assert f"acl.{api}" in told


def test_the_device_id_is_a_setting(acl: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    acl.simulator.device_count = 4
    with AscendRuntime(Acl(acl), AscendSettings(device_id=3)):
        assert list(acl.simulator.devices) == [3]


def test_a_device_that_is_not_there_is_a_clear_error(acl: ModuleType) -> None:
    with pytest.raises(AscendError, match=r"acl.rt.set_device returned 107001, INVALID_DEVICEID: no such device"):
        AscendRuntime(Acl(acl), AscendSettings(device_id=5))


def test_two_models_share_one_initialisation(runtime: AscendRuntime, tiny_files: TinyFiles, acl: ModuleType) -> None:
    """The first application initialised and finalised for each model, which took the device from the other one."""
    first, second = AscendModel(runtime, tiny_files.acoustic), AscendModel(runtime, tiny_files.language)
    first.close()

    second.run({"inputs": np.zeros((1, 251), np.int32)})
    assert acl.simulator.calls["init"] == 1
    assert acl.simulator.calls["finalize_reference"] == 0
    second.close()


def test_the_real_length_reaches_the_model(runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    """The first application always said 250, so that padding was decoded too."""
    model = AscendModel(runtime, tiny_files.acoustic)

    assert (model.run(feeds(length=60))["ids"][0, 60:] == -1).all()
    assert (model.run(feeds(length=250))["ids"][0, 60:] != -1).any()
    model.close()


# Threads, order, older versions


def test_a_model_runs_in_another_thread_than_it_was_loaded_in(runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    """A context belongs to a thread: without set_context every call there fails with 107002."""
    model = AscendModel(runtime, tiny_files.acoustic)
    found: list[dict[str, Any]] = []
    thread = threading.Thread(target=lambda: found.append(model.run(feeds())))
    thread.start()
    thread.join()

    assert_same(found[0], onnx_outputs(tiny_files.acoustic_onnx, feeds()))
    model.close()


def test_a_model_is_released_in_another_thread(acl: ModuleType, tiny_files: TinyFiles) -> None:
    runtime = AscendRuntime(Acl(acl), AscendSettings())
    model = AscendModel(runtime, tiny_files.acoustic)
    runtime.release()
    thread = threading.Thread(target=model.close)
    thread.start()
    thread.join()

    assert acl.simulator.users == 0


def test_two_threads_take_turns(runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    model = AscendModel(runtime, tiny_files.acoustic)
    lengths = (40, 200)
    found: dict[int, list[bool]] = {length: [] for length in lengths}
    expected = {length: onnx_outputs(tiny_files.acoustic_onnx, feeds(length))["ids"] for length in lengths}

    def run(length: int) -> None:
        for _ in range(20):
            found[length].append(np.array_equal(model.run(feeds(length))["ids"], expected[length]))

    threads = [threading.Thread(target=run, args=(length,)) for length in lengths]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == {length: [True] * 20 for length in lengths}
    model.close()


def test_the_interpreter_is_not_held_while_a_model_runs(
    runtime: AscendRuntime, tiny_files: TinyFiles, acl: ModuleType
) -> None:
    model = AscendModel(runtime, tiny_files.acoustic)
    model.run(feeds())

    assert acl.simulator.calls["mdl.execute"] == 0
    assert acl.simulator.calls["rt.synchronize_stream_with_timeout"] == 1
    model.close()


def test_nothing_deprecated_is_called(runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = AscendModel(runtime, tiny_files.acoustic)
        model.run(feeds())
        model.close()


def test_runs_on_the_devices_own_processor(acl: ModuleType, tiny_files: TinyFiles) -> None:
    """There host memory is device memory, and copies have another direction."""
    acl.simulator.run_mode, acl.simulator.memory.device_host = 0, True
    with AscendRuntime(Acl(acl), AscendSettings()) as runtime:
        model = AscendModel(runtime, tiny_files.acoustic)
        assert_same(model.run(feeds()), onnx_outputs(tiny_files.acoustic_onnx, feeds()))
        model.close()


def test_an_older_cann_without_the_newer_calls_is_enough(acl: ModuleType, tiny_files: TinyFiles) -> None:
    rt = SimpleNamespace(**{name: value for name, value in vars(acl.rt).items() if "timeout" not in name})
    old = SimpleNamespace(**{name: value for name, value in vars(acl).items() if name != "finalize_reference"})
    old.rt = rt
    with AscendRuntime(Acl(old), AscendSettings()) as runtime:
        model = AscendModel(runtime, tiny_files.acoustic)
        model.run(feeds())
        model.close()

    assert (acl.simulator.calls["finalize"], acl.simulator.calls["rt.synchronize_stream"]) == (1, 2)


def test_an_initialisation_by_somebody_else_is_left_alone(acl: ModuleType) -> None:
    """torch_npu or ais_bench in the same process may have been first; a finalize of ours would break them."""
    assert acl.init() == 0
    with AscendRuntime(Acl(acl), AscendSettings()):
        assert acl.simulator.users == 2

    assert acl.simulator.users == 1
    assert acl.finalize() == 0


def test_another_module_named_acl_is_told_apart() -> None:
    with pytest.raises(MissingDependencyError, match=r"/usr/lib/acl.py is not Ascend's pyACL"):
        Acl(SimpleNamespace(__file__="/usr/lib/acl.py", init=print))


def test_a_closed_model_says_so(runtime: AscendRuntime, tiny_files: TinyFiles) -> None:
    model = AscendModel(runtime, tiny_files.language)
    model.close()
    model.close()

    with pytest.raises(RecognizerError, match=r"language.om is closed"):
        model.run({"inputs": np.zeros((1, 251), np.int32)})


def test_the_error_carries_the_devices_own_message(acl: ModuleType) -> None:
    acl.simulator.device_count = 0
    with pytest.raises(AscendError, match=re.escape("(EZ9999: [simulated] acl.rt.set_device returned 107001)")) as told:
        AscendRuntime(Acl(acl), AscendSettings())

    assert (told.value.api, told.value.code) == ("acl.rt.set_device", 107001)
    assert acl.get_recent_err_msg() is None


def test_memory_pages_follow_the_settings(acl: ModuleType, tiny_files: TinyFiles, caplog: Any) -> None:
    seen: list[int] = []
    rt = SimpleNamespace(**vars(acl.rt))
    rt.malloc = lambda size, policy: (seen.append(policy), acl.rt.malloc(size, policy))[1]
    with (
        caplog.at_level(logging.WARNING),
        AscendRuntime(
            Acl(SimpleNamespace(**{**vars(acl), "rt": rt})), AscendSettings(memory_policy="normal_only")
        ) as rt_,
    ):
        AscendModel(rt_, tiny_files.language).close()

    assert seen == [2, 2]
    assert caplog.messages == []
