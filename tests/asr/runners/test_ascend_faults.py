from __future__ import annotations

import logging
from types import ModuleType

import numpy as np
import pytest
from ascend_simulation.faults import Fault

from streamer.asr.runners.ascend.api import Acl
from streamer.asr.runners.ascend.model import AscendModel
from streamer.asr.runners.ascend.runtime import AscendRuntime
from streamer.errors import AscendError
from streamer.settings.ascend import AscendSettings
from tests.acl_simulator.fixtures import TinyFiles

RELEASES = (
    "rt.free",
    "rt.free_host",
    "destroy_data_buffer",
    "mdl.destroy_dataset",
    "mdl.destroy_desc",
    "mdl.unload",
    "rt.destroy_stream",
    "rt.destroy_context",
    "rt.reset_device",
    "finalize_reference",
)
CALLS = (
    "init",
    "rt.set_device",
    "rt.get_run_mode",
    "rt.create_context",
    "rt.set_context",
    "rt.create_stream",
    "rt.malloc",
    "rt.malloc_host",
    "rt.memset",
    "rt.memcpy",
    "create_data_buffer",
    "mdl.load_from_file",
    "mdl.create_desc",
    "mdl.get_desc",
    "mdl.get_input_dims",
    "mdl.get_output_dims",
    "mdl.get_dynamic_batch",
    "mdl.create_dataset",
    "mdl.add_dataset_buffer",
    "mdl.execute_async",
    "rt.synchronize_stream_with_timeout",
    *RELEASES,
)
"""Every call with a code or a handle that a whole life of a model makes."""
GETTERS = {
    "get_recent_err_msg",
    "mdl.get_num_inputs",
    "mdl.get_num_outputs",
    "mdl.get_input_name_by_index",
    "mdl.get_output_name_by_index",
    "mdl.get_input_data_type",
    "mdl.get_output_data_type",
    "mdl.get_input_size_by_index",
    "mdl.get_output_size_by_index",
}
"""Calls without a code; what they give is checked against the contract."""


class Told(logging.Handler):
    """Collects warnings."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def life(acl: ModuleType, path: object, api: str | None = None, *, call: int = 1, code: int = 0) -> str:
    """Open a device, load a model, run it twice, release everything; one call fails. Everything that was told."""
    world = acl.simulator
    if api is not None:
        world.faults.append(Fault(api, call, code))
    told = Told()
    logging.getLogger("streamer").addHandler(told)
    try:
        with AscendRuntime(Acl(acl), AscendSettings()) as runtime:
            model = AscendModel(runtime, path)  # type: ignore[arg-type]
            try:
                for _ in range(2):
                    model.run({"inputs": np.zeros((1, 251), np.int32)})
            finally:
                model.close()
    except AscendError as error:
        told.lines += [str(error), *getattr(error, "__notes__", ())]
    finally:
        logging.getLogger("streamer").removeHandler(told)
    assert world.leftovers() == []
    assert world.misuses == []
    return "\n".join(told.lines)


def test_the_list_of_calls_is_complete(acl: ModuleType, tiny_files: TinyFiles) -> None:
    assert life(acl, tiny_files.language) == ""
    assert set(acl.simulator.calls) == {*CALLS, *GETTERS} - {"get_recent_err_msg"}


@pytest.mark.parametrize("which", ["first", "last"])
@pytest.mark.parametrize("api", CALLS)
@pytest.mark.parametrize("code", [507011, 207001], ids=["device fault", "ordinary failure"])
def test_every_call_that_fails_is_told_and_leaves_nothing(
    api: str, which: str, code: int, acl: ModuleType, tiny_files: TinyFiles
) -> None:
    life(acl, tiny_files.language)
    last = acl.simulator.calls[api]
    acl.simulator.reset()

    told = life(acl, tiny_files.language, api, call=1 if which == "first" else last, code=code)

    assert f"acl.{api}" in told
    if api not in ("create_data_buffer", "mdl.create_dataset", "mdl.create_desc"):
        assert str(code) in told


DOCUMENTED = {
    "no device": ("rt.set_device", 107001, "INVALID_DEVICEID: no such device, or the driver is not loaded"),
    "out of memory at the third piece": ("rt.malloc", 207001, "out of memory"),
    "no model file": ("mdl.load_from_file", 145002, "missing or unreadable"),
    "half a model file": ("mdl.load_from_file", 145006, "truncated"),
    "model failed": ("mdl.execute_async", 507011, "MODEL_EXECUTE: the model failed while running"),
    "AI CPU fault": ("rt.synchronize_stream_with_timeout", 507018, "AICPU_EXCEPTION: a fault on the device"),
    "no answer in time": ("rt.synchronize_stream_with_timeout", 507046, "did not answer in time"),
}


@pytest.mark.parametrize("case", DOCUMENTED)
def test_documented_faults_say_what_they_mean(case: str, acl: ModuleType, tiny_files: TinyFiles) -> None:
    api, code, words = DOCUMENTED[case]

    told = life(acl, tiny_files.language, api, call=1, code=code)

    assert words in told


def test_a_failed_run_is_not_repeated_in_the_lost_context(acl: ModuleType, tiny_files: TinyFiles) -> None:
    """After a device fault the context is lost; only another process has a good one."""
    acl.simulator.faults.append(Fault("mdl.execute_async", 1, 507015))
    given = {"inputs": np.zeros((1, 251), np.int32)}
    with AscendRuntime(Acl(acl), AscendSettings()) as runtime:
        model = AscendModel(runtime, tiny_files.language)
        for _ in range(2):
            with pytest.raises(AscendError, match="507015"):
                model.run(given)
        model.close()
