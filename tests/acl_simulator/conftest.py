"""A fresh machine for each test of the simulator."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

import om
import tiny

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
