"""One offline model on the device."""

from __future__ import annotations

import ctypes
import logging
import math
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from streamer.asr.contract import MAX_LENGTH
from streamer.asr.runners.ascend.contract import Binding, BoundTensor, bind
from streamer.asr.runners.ascend.releases import Releases
from streamer.asr.runners.ascend.runtime import AscendRuntime
from streamer.errors import AscendError, PackError, RecognizerError
from streamer.interfaces import TensorSpec

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Transfer:
    """Memory of one tensor, allocated once and used by every run."""

    tensor: BoundTensor
    device: int
    """Address on the device."""
    host: int
    """Address of the pinned memory."""
    array: npt.NDArray[Any]
    """The pinned memory, with the tensor's shape and stored type."""


class AscendModel:
    """A model file loaded into a runtime; implements :class:`streamer.interfaces.ModelRunner` inside one process."""

    def __init__(self, runtime: AscendRuntime, path: Path) -> None:
        """Load a model and allocate what its runs need.

        Raises:
            PackError: the model does not follow the contract.
            AscendError: a call failed; everything taken was released.
        """
        self._runtime = runtime
        self._acl = runtime.acl
        self._path = path
        self._lock = threading.Lock()
        self._releases = Releases()
        runtime.bind()
        runtime.retain()
        try:
            self._model_id = self._acl.load(str(path))
            self._releases.add(lambda: self._acl.unload(self._model_id))
            self._binding = self._describe()
            self._given, self._input_set = self._allocate(self._binding.inputs)
            self._taken, self._output_set = self._allocate(self._binding.outputs)
        except (AscendError, PackError) as failure:
            self._releases.undo(failure)
            runtime.release()
            raise
        self._is_open = True

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` expects."""
        return tuple(tensor.spec for tensor in self._binding.inputs)

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` gives."""
        return tuple(tensor.spec for tensor in self._binding.outputs)

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Execute the model; every output by name, of log-probabilities the rows that hold something.

        Raises:
            AscendError: a call failed; the context counts as lost.
            RecognizerError: the model is closed, or an input does not fit.
        """
        # Filling inputs, running and reading outputs are one unit: the model owns one set of memory.
        with self._lock:
            if not self._is_open:
                raise RecognizerError(f"model {self._path.name} is closed; open the pack again before recognising")
            self._runtime.bind()
            for transfer in self._given:
                self._fill(transfer, feeds)
            self._acl.execute(self._model_id, self._input_set, self._output_set, self._runtime.stream)
            self._runtime.synchronize()
            return {transfer.tensor.spec.name: self._fetch(transfer, feeds) for transfer in self._taken}

    def close(self) -> None:
        """Release the model. Safe to call twice; failures are logged and kept from nothing else."""
        for failure in self.release():
            logger.warning("releasing %s: %s", self._path.name, failure)

    def release(self) -> tuple[AscendError, ...]:
        """Release the model, and the runtime with the last one; what failed."""
        with self._lock:
            if not self._is_open:
                return ()
            self._is_open = False
            self._releases.add(self._runtime.synchronize)
            self._releases.add(self._runtime.bind)
            # Arrays over pinned memory must not outlive it.
            self._given = self._taken = ()
            return (*self._releases.run(), *self._runtime.release())

    def _describe(self) -> Binding:
        description = self._acl.create_description()
        self._releases.add(lambda: self._acl.destroy_description(description))
        self._acl.describe(description, self._model_id)
        return bind(
            self._acl.inputs(description),
            self._acl.outputs(description),
            self._acl.batch_gears(description),
            self._path.name,
        )

    def _allocate(self, tensors: tuple[BoundTensor, ...]) -> tuple[tuple[_Transfer, ...], int]:
        """Memory and a dataset; records are added in the model's order, not in the contract's."""
        dataset = self._acl.create_dataset()
        self._releases.add(lambda: self._acl.destroy_dataset(dataset))
        transfers = {tensor.index: self._transfer(tensor) for tensor in tensors}
        for index in sorted(transfers):
            record = self._acl.create_buffer(transfers[index].device, transfers[index].tensor.size)
            self._releases.add(lambda record=record: self._acl.destroy_buffer(record))  # type: ignore[misc]
            self._acl.add_buffer(dataset, record)
        return tuple(transfers[tensor.index] for tensor in tensors), dataset

    def _transfer(self, tensor: BoundTensor) -> _Transfer:
        device = self._acl.malloc(tensor.size, self._runtime.settings.memory_policy)
        self._releases.add(lambda: self._acl.free(device))
        self._acl.clear(device, tensor.size)
        host = self._acl.malloc_host(tensor.size)
        self._releases.add(lambda: self._acl.free_host(host))
        memory = (ctypes.c_uint8 * tensor.size).from_address(host)
        shape = tuple(size or 0 for size in tensor.spec.shape)
        return _Transfer(tensor, device, host, np.ndarray(shape, tensor.stored, memoryview(memory)))

    def _fill(self, transfer: _Transfer, feeds: Mapping[str, npt.NDArray[Any]]) -> None:
        spec = transfer.tensor.spec
        array = feeds.get(spec.name)
        if array is None or array.dtype != spec.dtype or array.shape != spec.shape:
            found = "nothing" if array is None else f"{array.dtype}{list(array.shape)}"
            raise RecognizerError(
                f"model {self._path.name}: input {spec.name} is {found}, expected {spec.dtype}{list(spec.shape)}"
            )
        transfer.array[...] = array
        size, on_board = transfer.tensor.size, self._runtime.on_board
        self._acl.to_device(transfer.device, transfer.host, size, on_board=on_board)

    def _fetch(self, transfer: _Transfer, feeds: Mapping[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
        """A copy: the pinned memory changes with the next run."""
        array, size, on_board = transfer.array, transfer.tensor.size, self._runtime.on_board
        spec = transfer.tensor.spec
        if spec.name == "log_probs":
            array = array[:, : _rows(array.shape[1], feeds)]
            size = array.nbytes
        self._acl.to_host(transfer.host, transfer.device, size, on_board=on_board)
        fetched = array.astype(spec.dtype)
        if spec.dtype == np.int32 and not np.array_equal(fetched, array):
            raise RecognizerError(
                f"model {self._path.name}: ids from {array.min()} to {array.max()} found, expected token ids"
            )
        return fetched


def _rows(steps: int, feeds: Mapping[str, npt.NDArray[Any]]) -> int:
    """How many first rows of log-probabilities hold something: of several MB, most is padding.

    Of the acoustic model those that ``length`` covers, of the language stage the start, a row a syllable and the end.
    """
    if "length" in feeds:
        return min(steps, math.ceil(int(feeds["length"].max()) * steps / MAX_LENGTH) + 1)
    return min(steps, int((feeds["inputs"] >= 0).sum()) + 2)
