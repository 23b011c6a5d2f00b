"""The process that makes the calls into pyACL, started by :mod:`streamer.asr.runners.ascend.process`.

A device fault spoils the process that met it, and a hung call its whole interpreter; so the device lives in a process
of its own, which is replaced. It is started afresh, never forked: pyACL does not survive a fork.
"""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from multiprocessing.connection import Connection
from pathlib import Path

from streamer.asr.runners.ascend.api import Acl, import_acl
from streamer.asr.runners.ascend.limit import limited
from streamer.asr.runners.ascend.messages import (
    Answer,
    Failed,
    Load,
    Loaded,
    Ran,
    Request,
    Run,
    Start,
    Started,
    Stop,
    Stopped,
)
from streamer.asr.runners.ascend.model import AscendModel
from streamer.asr.runners.ascend.runtime import AscendRuntime
from streamer.errors import AscendError, PackError, RecognizerError, StreamerError
from streamer.settings.ascend import AscendSettings

_BEYOND_SECONDS = 30.0
"""What a call may take beyond its time-out: its supervisor, if it lives, has ended this process long before."""


class Worker:
    """Answers requests in order, in one thread, until it is told to stop, its supervisor dies, or the device fails."""

    def __init__(
        self, load_acl: Callable[[], Acl], limit: Callable[[float], AbstractContextManager[None]] = limited
    ) -> None:
        """Prepare.

        Args:
            load_acl: gives pyACL; called with the first request, so that a failure can be told.
            limit: ends the process where what is done inside takes longer than so many seconds, whoever still lives.
        """
        self._load_acl = load_acl
        self._limit = limit
        self._settings = AscendSettings()
        self._runtime: AscendRuntime | None = None
        self._models: list[AscendModel] = []

    def serve(self, connection: Connection[Answer, Request]) -> None:
        """Answer until the end; whatever happens, everything is released."""
        try:
            self._answer_all(connection)
        except (EOFError, ConnectionResetError, BrokenPipeError):
            pass  # The supervisor died: nobody is left to tell.
        finally:
            with self._limit(_BEYOND_SECONDS):
                failures = self._release()
        try:
            connection.send(Stopped(failures))
        except OSError:
            return

    def _answer_all(self, connection: Connection[Answer, Request]) -> None:
        while not isinstance(request := connection.recv(), Stop):
            try:
                with self._limit(self._time_out_of(request) + _BEYOND_SECONDS):
                    answer = self._answer(request)
            except StreamerError as error:
                connection.send(Failed.of(error))
                if not isinstance(error, RecognizerError | PackError) or isinstance(error, AscendError):
                    return
            else:
                connection.send(answer)

    def _time_out_of(self, request: Request) -> float:
        if isinstance(request, Start):
            self._settings = request.settings
        return self._settings.timeout_ms / 1000 if isinstance(request, Run) else self._settings.start_timeout_s

    def _answer(self, request: Request) -> Answer:
        match request:
            case Start(settings):
                acl = self._load_acl()
                self._runtime = AscendRuntime(acl, settings)
                return Started(acl.soc_name())
            case Load(path) if self._runtime is not None:
                model = AscendModel(self._runtime, Path(path))
                self._models.append(model)
                return Loaded(model.inputs, model.outputs)
            case Run(number, feeds) if number < len(self._models):
                return Ran(self._models[number].run(feeds))
        raise AscendError(f"the worker process was asked for {type(request).__name__} before it was ready")

    def _release(self) -> tuple[str, ...]:
        failures: list[AscendError] = []
        while self._models:
            failures.extend(self._models.pop().release())
        if self._runtime is not None:
            failures.extend(self._runtime.release())
            self._runtime = None
        return tuple(map(str, failures))


def main(descriptor: int) -> None:
    """Serve the supervisor at the other end of a socket."""
    # Ctrl-C in a terminal, and systemd that stops a service, reach all processes; the supervisor drains first and then
    # says when to stop. One that dies is noticed without any signal.
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    connection: Connection[Answer, Request] = Connection(descriptor)
    with connection:
        Worker(import_acl).serve(connection)
