"""The stand-in must be at least as strict as the device: what it lets pass is what the runner gets away with."""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import threading
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from ascend_simulation.faults import Fault, parse_faults
from ascend_simulation.misuse import Misuse


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


def test_a_fault_hits_the_call_it_names(ready: ModuleType) -> None:
    ready.simulator.faults.append(Fault("rt.malloc", 2, 207001))

    assert [ready.rt.malloc(64, 0)[1] for _ in range(3)] == [0, 207001, 0]


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


def test_the_process_id_is_noted_at_init(ready: ModuleType) -> None:
    assert ready.simulator.pid == os.getpid()
