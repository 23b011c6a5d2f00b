"""Executes ONNX models with ONNX Runtime, on any processor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

from streamer.asr.runners.tables import tables_in
from streamer.asr.runners.turns import given_up
from streamer.errors import PackError, RecognizerError
from streamer.interfaces import TensorSpec
from streamer.settings.recognizer import RecognizerSettings

_DTYPES: dict[str, type[np.generic]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,
    "tensor(double)": np.float64,
    "tensor(int8)": np.int8,
    "tensor(uint8)": np.uint8,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}

_SLOWER = ["SkipLayerNormFusion"]
"""Optimisations that cost time: one operator for an addition and a normalisation takes 85 µs of 63 × 256 numbers, the
two that it replaces take 19 (ONNX Runtime 1.32, one core); a twentieth of the acoustic model."""

_UNSATURATED = ("session.x64quantprecision", "1")
"""Option of a session, and its value, for the same text on every processor: ones without VNNI add products of 8 bits in
pairs of 16 bits, which overflow. They are made to count otherwise, at no cost that could be measured; others do not
heed it."""

# ONNX Runtime's exceptions have no base of their own; RuntimeError and ValueError come from its Python layer.
_FAILURES: tuple[type[Exception], ...] = (
    ort_errors.EPFail,
    ort_errors.EngineError,
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoModel,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
    RuntimeError,
    ValueError,
)


class OnnxRunner:
    """One ONNX model in one session; implements :class:`streamer.interfaces.ModelRunner`."""

    def __init__(self, path: Path, settings: RecognizerSettings) -> None:
        """Load a model.

        Raises:
            PackError: the file is missing or no model, or none of the providers asked for is installed.
        """
        self._path = path
        options = _options(settings)
        self._tables = _keep_tables(path, options)
        self._session: ort.InferenceSession | None = _open(path, options, settings.providers)
        self._inputs = tuple(_spec(path, node) for node in self._session.get_inputs())
        self._outputs = tuple(_spec(path, node) for node in self._session.get_outputs())
        self._names = [spec.name for spec in self._outputs]

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` expects."""
        return self._inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` gives."""
        return self._outputs

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Execute the model; every output by name.

        Raises:
            RecognizerError: the runner is closed, an input does not fit the model, or ONNX Runtime failed.
        """
        if self._session is None:
            raise RecognizerError(f"model {self._path.name} is closed; open the pack again before recognising")
        try:
            with given_up():
                arrays = self._session.run(self._names, dict(feeds))
        except _FAILURES as error:
            given = ", ".join(f"{name} {array.dtype}{list(array.shape)}" for name, array in feeds.items())
            raise RecognizerError(f"model {self._path} failed with inputs {given}: {_first_line(error)}") from error
        return dict(zip(self._names, arrays, strict=True))

    def close(self) -> None:
        """Release the model. Safe to call twice."""
        self._session = None
        self._tables = []


def installed_providers(wanted: Sequence[str]) -> list[str]:
    """Those of some execution providers that are installed, in their order.

    Raises:
        PackError: none is.
    """
    available = ort.get_available_providers()
    providers = [name for name in wanted if name in available]
    if not providers:
        raise PackError(
            f"none of the execution providers {list(wanted)} is installed (available: {available}); "
            "set recognizer.providers, or install the matching onnxruntime package"
        )
    return providers


def _open(path: Path, options: ort.SessionOptions, wanted: Sequence[str]) -> ort.InferenceSession:
    providers = installed_providers(wanted)
    if not path.is_file():
        raise PackError(f"model file not found: {path}")
    try:
        return ort.InferenceSession(str(path), options, providers=providers, disabled_optimizers=_SLOWER)
    except _FAILURES as error:
        raise PackError(
            f"{path} is no model that ONNX Runtime {ort.__version__} loads: {_first_line(error)}"
        ) from error


def _options(settings: RecognizerSettings) -> ort.SessionOptions:
    options = ort.SessionOptions()
    options.intra_op_num_threads = settings.threads
    options.inter_op_num_threads = 1
    options.execution_mode = ort.ExecutionMode.ORT_SEQUENTIAL
    options.log_severity_level = 3
    # Utterances have a thousand lengths: the arena keeps room for the longest of every kind, and a memory pattern is
    # kept for each length that has come, for good. The C library's allocator is as fast and gives memory back.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    # Spinning threads would burn the cores that other rooms and the terminal need between two partials.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    options.add_session_config_entry("session.inter_op.allow_spinning", "0")
    options.add_session_config_entry(*_UNSATURATED)
    return options


def _keep_tables(path: Path, options: ort.SessionOptions) -> list[ort.OrtValue]:
    """Have a session look its tables up in the file; what is returned must live as long as it."""
    try:
        tables = tables_in(path)
    except (OSError, ValueError):
        return []  # no file or no model: ONNX Runtime finds it too, and says what is wrong
    kept = []
    for name, table in tables.items():
        kept.append(ort.OrtValue.ortvalue_from_numpy(table))
        options.add_initializer(name, kept[-1])
    return kept


def _spec(path: Path, node: ort.NodeArg) -> TensorSpec:
    if node.type not in _DTYPES:
        raise PackError(f"{path}: tensor {node.name!r} has the unsupported type {node.type} (expected {list(_DTYPES)})")
    shape = tuple(size if isinstance(size, int) else None for size in node.shape)
    return TensorSpec(node.name, np.dtype(_DTYPES[node.type]), shape)


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
