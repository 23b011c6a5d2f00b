"""Constants of an ONNX file at multiples of their numbers' size, as :mod:`streamer.asr.runners.tables` needs them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

from streamer.asr.runners.tables import LEAST_BYTES
from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command


def align(path: Path) -> None:
    """Rewrite an ONNX file; what it computes stays the same.

    A constant is moved by blanks in the note of the one before it.

    Raises:
        MissingDependencyError: onnx (extra ``train``) is not installed.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by training only
        from onnx import numpy_helper  # noqa: PLC0415
    except ImportError as error:
        raise MissingDependencyError(f"{error.name} is not installed: {install_command('train')}") from error
    model = onnx.load(str(path))
    constants = model.graph.initializer
    for tensor in constants:
        tensor.ClearField("doc_string")
    for before, tensor in pairwise(constants):
        size = numpy_helper.to_array(tensor).itemsize
        if size > 1 and len(tensor.raw_data) >= LEAST_BYTES:
            _move(model, before, tensor, size)
    onnx.save(model, str(path))


def _move(model: Any, before: Any, tensor: Any, size: int) -> None:
    """Let a constant begin at a multiple of ``size`` bytes: a note takes 2 bytes more than its text."""
    for blanks in range(size + 1):
        before.doc_string = " " * blanks
        if model.SerializeToString().index(tensor.raw_data) % size == 0:
            return
