"""Models, streams and datasets of the stand-in, as strict as the device or stricter."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from ascend_simulation.faults import Fault
from ascend_simulation.misuse import Misuse

from tests.acl_simulator.conftest import SIZE, Loaded


def test_a_run_gives_its_outputs_once_its_stream_is_synchronised(loaded: Loaded) -> None:
    loaded.send(np.full(251, -1))
    assert loaded.start() == 0
    assert (loaded.fetch() == np.int32(-0x41414142)).all()
    assert loaded.acl.rt.synchronize_stream(loaded.stream) == 0

    assert loaded.fetch().tolist() == [1] + [2] * 251


def test_answers_have_the_documented_arity(ready: ModuleType, loaded: Loaded) -> None:
    acl = ready
    description = acl.mdl.create_desc()
    assert acl.mdl.get_desc(description, loaded.model) == 0
    assert acl.mdl.get_num_inputs(description) == 1
    assert acl.mdl.get_input_dims(description, 0) == ({"name": "inputs", "dimCount": 2, "dims": [1, 251]}, 0)
    assert acl.mdl.get_input_dims(description, 1) == ({}, 100000)
    assert acl.mdl.get_input_size_by_index(description, 0) == SIZE
    assert acl.mdl.get_output_data_type(description, 0) == 3
    assert acl.mdl.get_output_data_type(description, 7) == -1
    assert acl.mdl.get_output_name_by_index(description, 0) == "concat_3:0:ids"
    assert acl.mdl.get_dynamic_batch(description) == ({"batchCount": 0, "batch": []}, 0)
    assert acl.mdl.query_size("none") == (0, 0, 145002)
    assert acl.rt.get_device_count() == (1, 0)
    assert acl.get_version() == (1, 14, 0, 0)


def test_a_context_belongs_to_a_thread(loaded: Loaded) -> None:
    codes: list[Any] = []

    def elsewhere() -> None:
        codes.extend([loaded.acl.rt.malloc(64, 0), loaded.start(), loaded.acl.rt.synchronize_stream(loaded.stream)])

    thread = threading.Thread(target=elsewhere)
    thread.start()
    thread.join()

    assert codes == [(0, 107002), 107002, 107002]


def test_models_and_streams_belong_to_contexts(loaded: Loaded) -> None:
    acl = loaded.acl
    acl.rt.create_context(0)
    stream, _ = acl.rt.create_stream()

    assert acl.mdl.unload(loaded.model) == 107004
    assert acl.mdl.execute_async(loaded.model, loaded.inputs, loaded.outputs, stream) == 107004
    assert loaded.start() == 107003
    assert acl.rt.synchronize_stream(loaded.stream) == 107003


def test_a_host_pointer_in_a_dataset_is_found(loaded: Loaded) -> None:
    host, _ = loaded.acl.rt.malloc_host(SIZE)
    with pytest.raises(Misuse, match="pinned memory, expected device memory"):
        loaded.acl.mdl.execute_async(loaded.model, loaded.dataset(host, SIZE), loaded.outputs, loaded.stream)


def test_a_record_of_another_size_is_found(loaded: Loaded) -> None:
    with pytest.raises(Misuse, match="has 1000 bytes, the model wants 1004"):
        loaded.acl.mdl.execute_async(loaded.model, loaded.dataset(loaded.given, 1000), loaded.outputs, loaded.stream)


def test_a_dataset_with_another_number_of_records_is_a_code(loaded: Loaded) -> None:
    empty = loaded.acl.mdl.create_dataset()

    assert loaded.acl.mdl.execute_async(loaded.model, empty, loaded.outputs, loaded.stream) == 145000


def test_inputs_that_change_under_a_run_are_found(loaded: Loaded) -> None:
    loaded.send(np.zeros(251))
    loaded.start()
    loaded.send(np.ones(251))
    with pytest.raises(Misuse, match="changed while it ran"):
        loaded.acl.rt.synchronize_stream(loaded.stream)


def test_a_second_run_before_the_first_ended_is_found(loaded: Loaded) -> None:
    loaded.start()
    with pytest.raises(Misuse, match="already runs"):
        loaded.start()


def test_memory_freed_under_a_run_is_found(loaded: Loaded) -> None:
    loaded.start()
    loaded.acl.rt.free(loaded.taken)
    with pytest.raises(Misuse, match="was freed"):
        loaded.acl.rt.synchronize_stream(loaded.stream)


ORDERS: dict[str, tuple[Callable[[Loaded], Any], str]] = {
    "unload": (lambda each: each.acl.mdl.unload(each.model), "while it runs"),
    "destroy stream": (lambda each: each.acl.rt.destroy_stream(each.stream), "synchronize first"),
}


@pytest.mark.parametrize("case", ORDERS)
def test_releases_before_the_run_ended_are_found(case: str, loaded: Loaded) -> None:
    call, message = ORDERS[case]
    loaded.start()
    with pytest.raises(Misuse, match=message):
        call(loaded)


def test_execute_is_synchronous(loaded: Loaded) -> None:
    loaded.send(np.full(251, -1))
    assert loaded.acl.mdl.execute(loaded.model, loaded.inputs, loaded.outputs) == 0

    assert loaded.fetch().tolist() == [1] + [2] * 251


def test_after_a_device_fault_nothing_works_any_more(loaded: Loaded) -> None:
    loaded.acl.simulator.faults.append(Fault("rt.synchronize_stream", 1, 507015))
    loaded.start()

    assert loaded.acl.rt.synchronize_stream(loaded.stream) == 507015
    assert loaded.start() == 507015
    assert loaded.acl.rt.malloc(64, 0) == (0, 507015)
    assert loaded.acl.rt.free(loaded.given) == 0


def test_a_file_that_is_no_model_or_half_a_model_is_refused(ready: ModuleType, language: Path, tmp_path: Path) -> None:
    (tmp_path / "half.om").write_bytes(language.read_bytes()[:-1])
    (tmp_path / "text.om").write_bytes(b"text" * 100)

    assert ready.mdl.load_from_file(str(tmp_path / "half.om")) == (0, 145006)
    assert ready.mdl.load_from_file(str(tmp_path / "text.om")) == (0, 145006)
