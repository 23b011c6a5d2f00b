"""What executes a model file."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from streamer.interfaces import ModelRunner
from streamer.settings.recognizer import RecognizerSettings


def open_runner(kind: Literal["onnx", "ascend"], path: Path, settings: RecognizerSettings) -> ModelRunner:
    """Load a model file.

    Raises:
        PackError: the file is no model of this kind.
        RecognizerError: the device failed.
        MissingDependencyError: what executes this kind is not installed.
    """
    # Imported here because a machine has one of the two: onnxruntime's wheel, or Ascend's pyACL.
    if kind == "ascend":
        from streamer.asr.runners.ascend import AscendRunner  # noqa: PLC0415

        return AscendRunner(path, settings)
    from streamer.asr.runners.onnx import OnnxRunner  # noqa: PLC0415

    return OnnxRunner(path, settings)
