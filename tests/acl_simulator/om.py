"""Fake offline models: an ONNX model behind a description, in a file that only the simulator reads.

python om.py model.onnx model.om
"""

from __future__ import annotations

import json
import struct
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

MAGIC = b"IMOD\0simulated\0\0\0"
"""Real offline models begin with ``IMOD`` too; the rest says that this one is none."""
GEAR_INPUT = "ascend_mbatch_shape_data"
FLOAT, FLOAT16, INT32, INT64 = 0, 1, 3, 9
_DTYPES = {FLOAT: np.float32, FLOAT16: np.float16, INT32: np.int32, INT64: np.int64}
_FROM_ONNX = {1: FLOAT, 6: INT32, 7: INT64, 10: FLOAT16}


class OmError(ValueError):
    """The file is no fake offline model, or only part of one."""


@dataclass(frozen=True, slots=True)
class OmTensor:
    """One input or output."""

    name: str
    """As the description says it."""
    type: int
    """aclDataType."""
    dims: tuple[int, ...]
    onnx: str
    """Name in the ONNX model."""

    @property
    def dtype(self) -> np.dtype[Any]:
        """The same for numpy."""
        return np.dtype(_DTYPES[self.type])

    @property
    def size(self) -> int:
        """Bytes."""
        return abs(int(np.prod(self.dims))) * self.dtype.itemsize


@dataclass(frozen=True, slots=True)
class OfflineModel:
    """What a fake offline model holds."""

    inputs: tuple[OmTensor, ...]
    outputs: tuple[OmTensor, ...]
    graph: bytes = field(repr=False, default=b"")
    """The ONNX model."""
    gears: tuple[int, ...] = ()
    soc_version: str = "Ascend310P3"

    @property
    def device_bytes(self) -> int:
        """Device memory that it takes once loaded."""
        return len(self.graph) + (1 << 20)


def offline_model(onnx_file: Path) -> OfflineModel:
    """Describe a static ONNX model as ``atc`` would: inputs by name, outputs as ``<op>:<edge>:<name>``."""
    import onnx  # noqa: PLC0415 (the worker process reads models and needs no onnx)

    model = onnx.load(onnx_file)
    inputs = tuple(_tensor(value, value.name, _dims(value)) for value in model.graph.input)
    makers = {name: node.name or node.op_type for node in model.graph.node for name in node.output}
    shapes = _output_dims(onnx_file, inputs)
    outputs = tuple(
        _tensor(value, f"{makers[value.name]}:0:{value.name}", shapes[value.name]) for value in model.graph.output
    )
    return OfflineModel(inputs, outputs, model.SerializeToString())


def write_om(model: OfflineModel, path: Path) -> Path:
    """Write a model; its path."""
    description = {key: value for key, value in asdict(model).items() if key != "graph"}
    head = json.dumps(description).encode()
    path.write_bytes(MAGIC + struct.pack("<QQ", len(head), len(model.graph)) + head + model.graph)
    return path


def read_om(path: Path) -> OfflineModel:
    """Read a model.

    Raises:
        OmError: it is none, or truncated.
    """
    content = path.read_bytes()
    start = len(MAGIC) + 16
    if content[: len(MAGIC)] != MAGIC or len(content) < start:
        raise OmError(f"{path}: wrong magic")
    head, graph = struct.unpack("<QQ", content[len(MAGIC) : start])
    if len(content) != start + head + graph:
        raise OmError(f"{path}: truncated")
    description = json.loads(content[start : start + head])
    tensors = {
        side: tuple(
            OmTensor(each["name"], each["type"], tuple(each["dims"]), each["onnx"]) for each in description[side]
        )
        for side in ("inputs", "outputs")
    }
    gears, soc = tuple(description["gears"]), description["soc_version"]
    return OfflineModel(tensors["inputs"], tensors["outputs"], content[start + head :], gears, soc)


def _tensor(value: Any, name: str, dims: tuple[int, ...]) -> OmTensor:
    return OmTensor(name, _FROM_ONNX[value.type.tensor_type.elem_type], dims, value.name)


def _dims(value: Any) -> tuple[int, ...]:
    dims = tuple(dim.dim_value for dim in value.type.tensor_type.shape.dim)
    if 0 in dims:
        raise OmError(f"{value.name} has no static shape: {dims}")
    return dims


def _output_dims(onnx_file: Path, inputs: tuple[OmTensor, ...]) -> dict[str, tuple[int, ...]]:
    """Shapes of a run: exporters leave names where ``atc`` finds numbers."""
    import onnxruntime as ort  # noqa: PLC0415 (as above)

    session = ort.InferenceSession(onnx_file, providers=["CPUExecutionProvider"])
    names = [node.name for node in session.get_outputs()]
    arrays = session.run(names, {tensor.onnx: np.zeros(tensor.dims, tensor.dtype) for tensor in inputs})
    return {name: tuple(map(int, array.shape)) for name, array in zip(names, arrays, strict=True)}


if __name__ == "__main__":
    write_om(offline_model(Path(sys.argv[1])), Path(sys.argv[2]))
