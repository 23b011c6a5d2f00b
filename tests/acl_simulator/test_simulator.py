"""The stand-in must be at least as strict as the device: what it lets pass is what the runner gets away with."""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import om
import tiny
from ascend_simulation.faults import Fault, parse_faults
from ascend_simulation.misuse import Misuse

SIZE = 1004


@pytest.fixture
def acl() -> Iterator[ModuleType]:
    module = importlib.import_module("acl")
    module.simulator.reset()
    yield module
    module.simulator.reset()


@pytest.fixture
def ready(acl: ModuleType) -> ModuleType:
    assert acl.init() == 0
    assert acl.rt.set_device(0) == 0
    return acl


@pytest.fixture(scope="module")
def language(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    return om.write_om(om.offline_model(tiny.language(folder / "language.onnx")), folder / "language.om")


class Loaded:
    """A loaded language stage with all it needs for a run."""

    def __init__(self, acl: ModuleType, path: Path) -> None:
        self.acl = acl
        self.stream, _ = acl.rt.create_stream()
        self.model, code = acl.mdl.load_from_file(str(path))
        assert code == 0
        self.given, _ = acl.rt.malloc(SIZE, 0)
        self.taken, _ = acl.rt.malloc(SIZE + 4, 0)
        self.inputs = self.dataset(self.given, SIZE)
        self.outputs = self.dataset(self.taken, SIZE + 4)

    def dataset(self, address: int, size: int) -> int:
        dataset = self.acl.mdl.create_dataset()
        assert self.acl.mdl.add_dataset_buffer(dataset, self.acl.create_data_buffer(address, size)) == (dataset, 0)
        return int(dataset)

    def send(self, ids: np.ndarray) -> None:
        content = ids.astype(np.int32).tobytes()
        assert self.acl.rt.memcpy(self.given, SIZE, self.acl.util.bytes_to_ptr(content), SIZE, 1) == 0

    def start(self) -> int:
        return int(self.acl.mdl.execute_async(self.model, self.inputs, self.outputs, self.stream))

    def fetch(self) -> np.ndarray:
        host, _ = self.acl.rt.malloc_host(SIZE + 4)
        assert self.acl.rt.memcpy(host, SIZE + 4, self.taken, SIZE + 4, 2) == 0
        fetched = np.frombuffer(self.acl.util.ptr_to_bytes(host, SIZE + 4), np.int32)
        assert self.acl.rt.free_host(host) == 0
        return fetched


@pytest.fixture
def loaded(ready: ModuleType, language: Path) -> Loaded:
    return Loaded(ready, language)


def test_a_run_gives_its_outputs_once_its_stream_is_synchronised(loaded: Loaded) -> None:
    loaded.send(np.full(251, -1))
    assert loaded.start() == 0
    assert (loaded.fetch() == np.int32(-0x41414142)).all()
    assert loaded.acl.rt.synchronize_stream(loaded.stream) == 0

    assert loaded.fetch().tolist() == [1] + [2] * 251


def test_it_has_no_constants_and_is_no_package(acl: ModuleType) -> None:
    assert not [name for name in dir(acl) if name.startswith("ACL_")]
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("acl.rt")


ARGUMENTS: dict[str, Callable[[ModuleType], Any]] = {
    "a keyword": lambda acl: acl.rt.set_device(device_id=0),
    "too few": lambda acl: acl.rt.malloc(64),
    "too many": lambda acl: acl.rt.get_device_count(1),
    "a numpy size": lambda acl: acl.rt.malloc(np.int64(64), 0),
    "a float": lambda acl: acl.rt.malloc(64.0, 0),
    "a bool": lambda acl: acl.rt.malloc(True, 0),
    "None for a null pointer": lambda acl: acl.rt.free(None),
    "None for no configuration": lambda acl: acl.init(None),
    "a Path": lambda acl: acl.mdl.load_from_file(Path("a.om")),
    "bytes for a str": lambda acl: acl.mdl.load_from_file(b"a.om"),
    "a NUL inside a str": lambda acl: acl.mdl.load_from_file("a\0.om"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_arguments_of_other_types_are_refused(case: str, ready: ModuleType) -> None:
    with pytest.raises(TypeError):
        ARGUMENTS[case](ready)


def test_a_negative_size_is_found(ready: ModuleType) -> None:
    with pytest.raises(Misuse, match="mask"):
        ready.rt.malloc(-1, 0)


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


CODES: dict[str, tuple[Callable[[ModuleType], Any], Any]] = {
    "init twice": (lambda acl: acl.init(), 100002),
    "a device that is not there": (lambda acl: acl.rt.set_device(9), 107001),
    "reset of a device that is not set": (lambda acl: acl.rt.reset_device(3), 507007),
    "no size": (lambda acl: acl.rt.malloc(0, 0), (0, 100000)),
    "a null pointer": (lambda acl: acl.rt.free(0), 100000),
    "a foreign pointer": (lambda acl: acl.rt.free(64), 107000),
    "no context given": (lambda acl: acl.rt.set_context(0), 100000),
    "an unknown context": (lambda acl: acl.rt.set_context(64), 107000),
    "the default context destroyed": (lambda acl: acl.rt.destroy_context(acl.rt.get_context()[0]), 107002),
    "an unknown model": (lambda acl: acl.mdl.unload(9), 145003),
    "a missing model file": (lambda acl: acl.mdl.load_from_file("/none.om"), (0, 145002)),
    "more memory than there is": (lambda acl: acl.rt.malloc(1 << 40, 0), (0, 207001)),
    "no time at all": (lambda acl: acl.rt.synchronize_stream_with_timeout(0, 0), 107000),
}


@pytest.mark.parametrize("case", CODES)
def test_documented_failures_are_codes(case: str, ready: ModuleType) -> None:
    call, expected = CODES[case]

    assert call(ready) == expected


def test_a_count_over_the_destinations_size_is_a_code(ready: ModuleType) -> None:
    device, _ = ready.rt.malloc(64, 0)
    content = bytes(128)

    assert ready.rt.memcpy(device, 64, ready.util.bytes_to_ptr(content), 128, 1) == 107000


def test_the_message_is_of_the_failed_call_and_read_once(ready: ModuleType) -> None:
    ready.rt.set_device(9)

    assert "acl.rt.set_device returned 107001" in ready.get_recent_err_msg()
    assert ready.get_recent_err_msg() is None


def test_messages_belong_to_threads(ready: ModuleType) -> None:
    ready.rt.set_device(9)
    seen: list[Any] = []
    thread = threading.Thread(target=lambda: seen.append(ready.get_recent_err_msg()))
    thread.start()
    thread.join()

    assert seen == [None]


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


def _host(acl: ModuleType) -> int:
    return int(acl.rt.malloc_host(64)[0])


def _device(acl: ModuleType) -> int:
    return int(acl.rt.malloc(64, 0)[0])


def _freed(acl: ModuleType) -> int:
    address = _device(acl)
    assert acl.rt.free(address) == 0
    return address


MISUSES: dict[str, tuple[Callable[[ModuleType], Any], str]] = {
    "memory freed twice": (lambda acl: acl.rt.free(_freed(acl)), "freed before"),
    "a copy from freed memory": (lambda acl: acl.rt.memcpy(_host(acl), 64, _freed(acl), 64, 2), "was freed"),
    "a copy past the end": (lambda acl: acl.rt.memcpy(_device(acl), 80, _host(acl), 64, 1), "past the end"),
    "a copy in the wrong direction": (lambda acl: acl.rt.memcpy(_device(acl), 64, _host(acl), 64, 2), "kind 2"),
    "an address of nobody": (lambda acl: acl.rt.memcpy(_device(acl), 64, 0x1234, 64, 1), "nobody owns"),
    "an unknown policy": (lambda acl: acl.rt.malloc(64, 77), "policy"),
    "a device address as bytes": (lambda acl: acl.util.ptr_to_bytes(_device(acl), 64), "crashes"),
    "a stream for a context": (lambda acl: acl.rt.destroy_stream(acl.rt.get_context()[0]), "is no stream"),
    "a dataset destroyed twice": (
        lambda acl: [acl.mdl.destroy_dataset(each) for each in [acl.mdl.create_dataset()] * 2],
        "destroyed before",
    ),
    "a finalize with leftovers": (lambda acl: (_device(acl), acl.finalize()), "leftovers: .*device memory"),
}


@pytest.mark.parametrize("case", MISUSES)
def test_undefined_calls_are_found(case: str, ready: ModuleType) -> None:
    call, message = MISUSES[case]
    with pytest.raises(Misuse, match=message):
        call(ready)

    assert len(ready.simulator.misuses) <= 1


def test_writing_past_pinned_memory_is_found(ready: ModuleType) -> None:
    address = _host(ready)
    ctypes.memset(address + 64, 0, 4)

    with pytest.raises(Misuse, match="wrote past the end"):
        ready.rt.free_host(address)


def test_memory_is_dirty_at_first_and_poisoned_at_last(ready: ModuleType) -> None:
    address = _host(ready)
    assert ready.util.ptr_to_bytes(address, 64) == b"\xa5" * 64
    ready.rt.free_host(address)

    with pytest.raises(Misuse, match="was freed"):
        ready.util.ptr_to_bytes(address, 64)


def test_bytes_that_died_before_the_copy_are_found(ready: ModuleType) -> None:
    address = ready.util.bytes_to_ptr(np.zeros(16, np.int32).tobytes())
    gc.collect()

    with pytest.raises(Misuse, match="died before it was copied"):
        ready.rt.memcpy(_device(ready), 64, address, 64, 1)


def test_a_copy_into_bytes_is_found(ready: ModuleType) -> None:
    content = bytes(64)
    with pytest.raises(Misuse, match="must never change"):
        ready.rt.memcpy(ready.util.bytes_to_ptr(content), 64, _device(ready), 64, 2)


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


def test_a_context_destroyed_before_its_stream_is_found(ready: ModuleType) -> None:
    context, _ = ready.rt.create_context(0)
    ready.rt.create_stream()
    with pytest.raises(Misuse, match="while it holds stream"):
        ready.rt.destroy_context(context)


def test_a_reset_before_explicit_contexts_are_destroyed_is_found(ready: ModuleType) -> None:
    ready.rt.create_context(0)
    with pytest.raises(Misuse, match="destroy them first"):
        ready.rt.reset_device(0)


def test_uses_are_counted(ready: ModuleType) -> None:
    assert ready.init() == 100002
    assert ready.rt.set_device(0) == 0
    assert [ready.rt.reset_device(0) for _ in range(3)] == [0, 0, 507007]
    assert [ready.finalize_reference() for _ in range(3)] == [(1, 0), (0, 0), (0, 100037)]
    assert ready.init() == 0
    assert ready.finalize() == 0
    assert ready.finalize() == 100037


def test_loading_before_init_is_a_code_and_a_device_a_misuse(acl: ModuleType) -> None:
    assert acl.mdl.load_from_file("a.om") == (0, 145001)
    with pytest.raises(Misuse, match=r"before acl\.init"):
        acl.rt.set_device(0)


def _call_after_fork(answers: Any) -> None:
    import acl  # noqa: PLC0415

    try:
        acl.rt.get_device_count()
    except Misuse as error:
        answers.put(str(error))


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")
def test_a_call_after_fork_is_found(ready: ModuleType) -> None:
    context = multiprocessing.get_context("fork")
    answers = context.SimpleQueue()
    child = context.Process(target=_call_after_fork, args=(answers,))
    child.start()

    assert "forked process" in answers.get()
    child.join()


def test_execute_is_synchronous(loaded: Loaded) -> None:
    loaded.send(np.full(251, -1))
    assert loaded.acl.mdl.execute(loaded.model, loaded.inputs, loaded.outputs) == 0

    assert loaded.fetch().tolist() == [1] + [2] * 251


def test_a_fault_hits_the_call_it_names(ready: ModuleType) -> None:
    ready.simulator.faults.append(Fault("rt.malloc", 2, 207001))

    assert [ready.rt.malloc(64, 0)[1] for _ in range(3)] == [0, 207001, 0]


def test_after_a_device_fault_nothing_works_any_more(loaded: Loaded) -> None:
    loaded.acl.simulator.faults.append(Fault("rt.synchronize_stream", 1, 507015))
    loaded.start()

    assert loaded.acl.rt.synchronize_stream(loaded.stream) == 507015
    assert loaded.start() == 507015
    assert loaded.acl.rt.malloc(64, 0) == (0, 507015)
    assert loaded.acl.rt.free(loaded.given) == 0


def test_faults_are_read_from_the_environment(acl: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACL_SIMULATOR_FAULTS", "rt.malloc:3:207001,mdl.execute_async:1+:hang")
    acl.simulator.reset()

    assert acl.simulator.faults == [Fault("rt.malloc", 3, 207001), Fault("mdl.execute_async", 1, "hang", lasting=True)]


def test_a_fault_that_fires_once_does_so_over_all_processes(tmp_path: Path) -> None:
    first, second = (parse_faults("rt.malloc:1:207001", tmp_path, once=True)[0] for _ in range(2))

    assert [first.fires("rt.malloc", 1), second.fires("rt.malloc", 1)] == [True, False]


def test_outputs_before_a_run_are_poison_and_sizes_are_padded(ready: ModuleType) -> None:
    before = ready.simulator.memory.device_used
    ready.rt.malloc(65, 0)

    assert ready.simulator.memory.device_used - before == 96 + 32


def test_a_file_that_is_no_model_or_half_a_model_is_refused(ready: ModuleType, language: Path, tmp_path: Path) -> None:
    (tmp_path / "half.om").write_bytes(language.read_bytes()[:-1])
    (tmp_path / "text.om").write_bytes(b"text" * 100)

    assert ready.mdl.load_from_file(str(tmp_path / "half.om")) == (0, 145006)
    assert ready.mdl.load_from_file(str(tmp_path / "text.om")) == (0, 145006)


def test_the_process_id_is_noted_at_init(ready: ModuleType) -> None:
    assert ready.simulator.pid == os.getpid()
