"""How the Ascend runner treats the device: memory, return codes, threads, older versions of CANN."""

from __future__ import annotations

import logging
import re
import threading
import warnings
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from streamer.asr.runners.ascend.api import Acl
from streamer.asr.runners.ascend.model import AscendModel
from streamer.asr.runners.ascend.runtime import AscendRuntime
from streamer.errors import AscendError, MissingDependencyError, RecognizerError
from streamer.settings.ascend import AscendSettings
from tests.acl_simulator.fixtures import TinyFiles
from tests.asr.runners.test_ascend_faults import CALLS, life
from tests.asr.runners.test_ascend_model import assert_same, feeds, onnx_outputs

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


def test_the_device_id_is_a_setting(acl: ModuleType) -> None:
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
