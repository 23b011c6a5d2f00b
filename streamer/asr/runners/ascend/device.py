"""An NPU that outlives its worker processes."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

import numpy.typing as npt

from streamer.asr.runners.ascend.messages import Load, Loaded, Ran, Run, Start
from streamer.asr.runners.ascend.process import WorkerProcess
from streamer.errors import AscendError, AscendHungError, PackError, RecognizerError, StreamerError
from streamer.interfaces import TensorSpec
from streamer.settings.ascend import AscendSettings
from streamer.settings.recognizer import RecognizerSettings

logger = logging.getLogger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AscendStatistics:
    """How the device did since it was opened."""

    runs: int = 0
    """Model runs that succeeded."""
    failures: int = 0
    """Model runs, starts and loads that failed."""
    replacements: int = 0
    """Worker processes that were replaced."""
    last_failure: str = ""
    """What the latest failure said."""


class AscendDevice:
    """Runs models in a worker process; after a failure a new process runs them again.

    A run depends on nothing but its inputs, so that a repeated run gives what the first would have given. Used from
    one thread. The process starts with the first model and ends when the last one is closed.
    """

    def __init__(
        self,
        settings: AscendSettings,
        *,
        launch: Callable[[], WorkerProcess] = WorkerProcess,
        pause: Callable[[float], None] = time.sleep,
        grace_s: float = 5.0,
        has_fallback: bool = False,
        is_replaced: Callable[[], bool] = lambda: False,
    ) -> None:
        """Prepare; nothing is started.

        Args:
            settings: device, time-outs, retries.
            launch: starts a worker process.
            pause: waits so many seconds before a process is replaced.
            grace_s: what a worker may take beyond the device's own time-out before it counts as hung.
            has_fallback: whether something else can decode: then a start that hangs is not tried again, for all
                captions wait meanwhile.
            is_replaced: whether something else decodes while the device is away, which then is tried once at a time:
                a device that hangs keeps all captions waiting.
        """
        self._settings = settings
        self._launch = launch
        self._pause = pause
        self._has_fallback = has_fallback
        self._is_replaced = is_replaced
        self._run_timeout_s = settings.timeout_ms / 1000 + grace_s
        self._worker: WorkerProcess | None = None
        self._runners: list[AscendRunner] = []
        self._numbers: dict[AscendRunner, int] = {}
        self.statistics = AscendStatistics()
        """How it did so far."""
        self.soc_name = ""
        """The chip, once a model was opened."""

    def open_runner(self, kind: Literal["onnx", "ascend"], path: Path, settings: RecognizerSettings) -> AscendRunner:  # noqa: ARG002
        """Load a model; fits :data:`streamer.asr.models.RunnerFactory`. Retried like any run.

        Raises:
            PackError: it does not follow the contract, or is no ``.om``.
            AscendError: the device failed each time.
            MissingDependencyError: pyACL cannot be imported.
        """
        if kind != "ascend":
            raise PackError(f"{path.name}: an Ascend device runs offline models only, the pack says runner = {kind!r}")
        if not path.is_file():
            raise PackError(f"model file not found: {path}")
        runner = AscendRunner(self, path)
        self._runners.append(runner)
        try:
            self._attempt(lambda _: None)
        except StreamerError:
            self.close_runner(runner)
            raise
        return runner

    def run(self, runner: AscendRunner, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Run a model, in new worker processes as often as the settings allow.

        Raises:
            AscendError: the device failed each time.
            RecognizerError: the inputs do not fit, or the model is closed.
        """
        if runner not in self._runners:
            raise RecognizerError(f"model {runner.path.name} is closed; open the pack again before recognising")

        def ask(worker: WorkerProcess) -> dict[str, npt.NDArray[Any]]:
            answer = worker.ask(Run(self._numbers[runner], dict(feeds)), self._run_timeout_s)
            if not isinstance(answer, Ran):
                raise AscendError(f"the Ascend worker process answered {type(answer).__name__}, expected Ran")
            return answer.outputs

        try:
            outputs = self._attempt(ask)
        except PackError as error:
            raise AscendError(f"the model cannot be loaded again after the device failed: {error}") from error
        self.statistics = replace(self.statistics, runs=self.statistics.runs + 1)
        return outputs

    def close_runner(self, runner: AscendRunner) -> None:
        """Forget a model; with the last one the device is given back. Safe to call twice."""
        if runner in self._runners:
            self._runners.remove(runner)
        if not self._runners:
            self.close()

    def close(self) -> None:
        """Give the device back; a later run takes it again. Safe to call twice."""
        for failure in self._end_worker():
            logger.warning("releasing the Ascend device: %s", failure)

    def _end_worker(self) -> tuple[str, ...]:
        """End the worker process, if there is one; what it could not release."""
        worker, self._worker = self._worker, None
        self._numbers.clear()
        return () if worker is None else worker.stop()

    def _attempt(self, ask: Callable[[WorkerProcess], T]) -> T:
        tries = 1 if self._is_replaced() else self._settings.retries + 1
        for attempt in range(1, tries + 1):
            try:
                return ask(self._ready())
            except AscendError as error:
                failure, made = error, attempt
                self._replace(error)
            if isinstance(failure, AscendHungError) and failure.is_start and self._has_fallback:
                break
            if attempt < tries:
                self._pause(self._settings.retry_pause_ms / 1000 * 2 ** (attempt - 1))
        message = f"the Ascend device failed {made} times in a row, the last time: {failure}"
        if made == 1:
            message = f"the Ascend device failed: {failure}"
        raise AscendError(message, api=failure.api, code=failure.code) from failure

    def _ready(self) -> WorkerProcess:
        """A worker with every open model loaded."""
        timeout_s = self._settings.start_timeout_s
        if self._worker is None:
            self._worker = self._launch()
            started = self._worker.ask(Start(self._settings), timeout_s)
            self.soc_name = getattr(started, "soc_name", "")
        for runner in self._runners:
            if runner not in self._numbers:
                loaded = self._worker.ask(Load(str(runner.path)), timeout_s)
                if not isinstance(loaded, Loaded):
                    raise AscendError(f"the Ascend worker process answered {type(loaded).__name__}, expected Loaded")
                runner.accept(loaded)
                self._numbers[runner] = len(self._numbers)
        return self._worker

    def _replace(self, error: AscendError) -> None:
        logger.warning("the Ascend device failed, its worker process is replaced: %s", error)
        done = self.statistics
        self.statistics = replace(
            done, failures=done.failures + 1, replacements=done.replacements + 1, last_failure=str(error)
        )
        for failure in self._end_worker():  # no news of a device that has failed
            logger.info("releasing the Ascend device: %s", failure)


class AscendRunner:
    """One model file on a device; implements :class:`streamer.interfaces.ModelRunner`."""

    def __init__(self, device: AscendDevice, path: Path) -> None:
        """Made by :meth:`AscendDevice.open_runner`."""
        self.path = path
        """The model file."""
        self._device = device
        self._loaded = Loaded((), ())

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` expects."""
        return self._loaded.inputs

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` gives."""
        return self._loaded.outputs

    def accept(self, loaded: Loaded) -> None:
        """Note what the model offers.

        Raises:
            PackError: it offered something else before: the file was exchanged under a running program.
        """
        if self._loaded.inputs and self._loaded != loaded:
            raise PackError(f"{self.path} changed while it was in use: found {loaded}, expected {self._loaded}")
        self._loaded = loaded

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Execute the model; every output by name.

        Raises:
            AscendError: the device failed, and failed again in new worker processes.
            RecognizerError: an input does not fit, or the model is closed.
        """
        return self._device.run(self, feeds)

    def close(self) -> None:
        """Release the model, and with the last one the device. Safe to call twice."""
        self._device.close_runner(self)
