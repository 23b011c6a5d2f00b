"""What executes a model file."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from streamer.errors import MissingDependencyError
from streamer.interfaces import ModelRunner
from streamer.settings.recognizer import RecognizerSettings
from streamer.system.installation import package_command

RunnerFactory = Callable[[Literal["onnx", "ascend"], Path, RecognizerSettings], ModelRunner]
"""Loads a model file; :func:`open_runner`, what :func:`runner_factory` gives, or a fake in tests."""


def runner_factory(kind: Literal["onnx", "ascend"], settings: RecognizerSettings) -> RunnerFactory:
    """What loads the model files of one pack: those of an Ascend pack share one device and its worker process."""
    if kind == "ascend":
        from streamer.asr.runners.ascend import AscendDevice  # noqa: PLC0415 (as below)

        return AscendDevice(settings.ascend).open_runner
    return open_runner


def open_runner(kind: Literal["onnx", "ascend"], path: Path, settings: RecognizerSettings) -> ModelRunner:
    """Load a model file.

    Raises:
        PackError: the file is no model of this kind.
        RecognizerError: the device failed.
        MissingDependencyError: what executes this kind is not installed, or cannot be loaded.
    """
    # Imported here because a machine has one of the two: onnxruntime's wheel, or Ascend's pyACL.
    if kind == "ascend":
        return runner_factory(kind, settings)(kind, path, settings)
    with _importing():
        from streamer.asr.runners.onnx import OnnxRunner  # noqa: PLC0415
    return OnnxRunner(path, settings)


def check_providers(settings: RecognizerSettings) -> None:
    """Find out whether ONNX Runtime has a provider for its models, before any is loaded.

    Raises:
        PackError: none of those asked for is installed.
        MissingDependencyError: ONNX Runtime is not installed, or cannot be loaded.
    """
    # Each build of it has that one. To ask for others takes a quarter of a second: too long for whom it does not help.
    if "CPUExecutionProvider" in settings.providers:
        return
    with _importing():
        from streamer.asr.runners.onnx import installed_providers  # noqa: PLC0415
    installed_providers(settings.providers)


@contextmanager
def _importing() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        if error.__cause__ is not None and not isinstance(error.__cause__, Exception):
            raise error.__cause__ from None  # Ctrl-C or a signal, which its C++ part turns into a failure of its own
        raise MissingDependencyError(
            f"ONNX Runtime cannot be loaded ({error}); put what is missing there, or install it anew: "
            f"{package_command('onnxruntime')}"
        ) from error
