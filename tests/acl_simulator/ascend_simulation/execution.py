"""One run of a model on the simulated device."""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from ascend_simulation.memory import OUTPUT
from ascend_simulation.world import WORLD
from om import GEAR_INPUT, OfflineModel, OmTensor


class LoadedModel:
    """A model on the device. It owns one stream and one workspace, so only one run of it at a time makes sense."""

    def __init__(self, offline: OfflineModel, context: int) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        options.add_session_config_entry("session.x64quantprecision", "1")
        self.offline = offline
        self.context = context
        self.pending = False
        self.lock = threading.Lock()
        # The same operators and sums as our own runner: int8 models make other texts of other roundings.
        self._session = ort.InferenceSession(
            offline.graph, options, providers=["CPUExecutionProvider"], disabled_optimizers=["SkipLayerNormFusion"]
        )
        self._types = {node.name: _NUMPY[node.type] for node in self._session.get_inputs()}

    def compute(self, inputs: list[npt.NDArray[np.uint8]]) -> list[npt.NDArray[Any]]:
        """Outputs for the bytes of all inputs, in the description's order."""
        feeds = {}
        for tensor, content in zip(self.offline.inputs, inputs, strict=True):
            if tensor.name != GEAR_INPUT:
                array = content.view(tensor.dtype).reshape(tensor.dims)
                feeds[tensor.onnx] = array.astype(self._types[tensor.onnx])
        return self._session.run([tensor.onnx for tensor in self.offline.outputs], feeds)


_NUMPY = {"tensor(float)": np.float32, "tensor(int32)": np.int32, "tensor(int64)": np.int64}


class Execution:
    """A run that was asked for; it happens when its stream is synchronised."""

    def __init__(self, model: LoadedModel, inputs: list[int], outputs: list[int], api: str) -> None:
        if not model.lock.acquire(blocking=False):
            WORLD.misuse(f"acl.{api}: two threads are inside one model")
        try:
            if model.pending:
                WORLD.misuse(f"acl.{api}: the model already runs; its inputs, run and outputs are one unit")
            self._model, self._api = model, api
            self._inputs = [(handle, tensor) for handle, tensor in zip(inputs, model.offline.inputs, strict=True)]
            self._outputs = [(handle, tensor) for handle, tensor in zip(outputs, model.offline.outputs, strict=True)]
            self._seen = [view.tobytes() for view in self._views(self._inputs)]
            for view in self._views(self._outputs):
                view[:] = OUTPUT
            model.pending = True
        finally:
            model.lock.release()

    def perform(self) -> None:
        """Run on the inputs that lie in device memory now, which must be those of the request."""
        views = self._views(self._inputs)
        if [view.tobytes() for view in views] != self._seen:
            WORLD.misuse("the inputs of a model changed while it ran")
        results = self._model.compute(views)
        for (_, tensor), view, result in zip(self._outputs, self._views(self._outputs), results, strict=True):
            view[:] = np.frombuffer(np.ascontiguousarray(result.astype(tensor.dtype)).tobytes(), np.uint8)
        self._model.pending = False

    def abandon(self) -> None:
        """The device was lost; outputs stay garbage."""
        self._model.pending = False

    def _views(self, sides: list[tuple[int, OmTensor]]) -> list[npt.NDArray[np.uint8]]:
        views = []
        for handle, tensor in sides:
            buffer = WORLD.buffers.get(handle, self._api)
            if buffer.size != tensor.size:
                WORLD.misuse(f"acl.{self._api}: {tensor.name} has {buffer.size} bytes, the model wants {tensor.size}")
            block, view = WORLD.memory.find(buffer.address, buffer.size, self._api)
            if block.space != "device":
                WORLD.misuse(f"acl.{self._api}: {tensor.name} lies in {block.space} memory, expected device memory")
            views.append(view)
        return views
