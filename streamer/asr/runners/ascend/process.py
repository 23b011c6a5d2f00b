"""A worker process, as its supervisor sees it."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import struct
import subprocess
import tempfile
from multiprocessing.connection import Connection
from typing import IO

from streamer.asr.runners.ascend.messages import Answer, Failed, Load, Request, Start, Stop, Stopped
from streamer.errors import AscendError, AscendHungError
from streamer.system.processes import command_of

_STOP_SECONDS = 10.0
"""How long a worker may take to release everything: ``acl.finalize`` alone may take 2 s."""
_KEPT_OUTPUT = 1000


def command(descriptor: int) -> list[str]:
    """The command line of a worker that is asked over a socket of this number."""
    return command_of("streamer.asr.runners.ascend.worker", call=f"main({descriptor})")


class WorkerProcess:
    """Starts a worker, exchanges messages with it under time-outs, and ends it, by force where it does not answer."""

    def __init__(self, message_s: int = 10) -> None:
        """Start the process; it takes no device yet.

        Args:
            message_s: seconds that one message may take from end to end.

        Raises:
            AscendError: the system starts none: memory, processes, file descriptors or room in /tmp are short.
        """
        with contextlib.ExitStack() as opened:
            try:
                self._start(message_s, opened)
            except OSError as error:
                reason = error.strerror or str(error)
                raise AscendError(f"no process can be started that works with the Ascend device: {reason}") from error
            opened.pop_all()

    def _start(self, message_s: int, opened: contextlib.ExitStack) -> None:
        """Start it; ``opened`` closes what is there when that fails.

        Raises:
            OSError: it cannot be started.
        """
        self._said: IO[bytes] = opened.enter_context(tempfile.TemporaryFile())  # noqa: SIM115 (it is one)
        ours, theirs = socket.socketpair()
        with ours, theirs:
            for option in (socket.SO_SNDTIMEO, socket.SO_RCVTIMEO):
                # A worker that stops in the middle of a message must not stop its supervisor.
                ours.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", message_s, 0))
            self._connection: Connection[Request, Answer] = opened.enter_context(Connection(os.dup(ours.fileno())))
            # A program of its own rather than a fork; CANN's libraries write to stdout, which belongs to the captions.
            self._child = subprocess.Popen(  # noqa: S603 (fixed arguments)
                command(theirs.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=self._said,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,
            )

    @property
    def pid(self) -> int:
        """The process's id."""
        return self._child.pid

    def ask(self, request: Request, timeout_s: float) -> Answer:
        """Send a request and wait for its answer.

        Raises:
            AscendError: the process died or did not answer in time; end it.
            StreamerError: what the worker raised.
        """
        answer = self._exchange(request, timeout_s)
        if isinstance(answer, Failed):
            raise answer.error()
        return answer

    def stop(self) -> tuple[str, ...]:
        """End the process, orderly where it can; what it could not release. Safe to call twice."""
        failures: tuple[str, ...] = ()
        if self._child.returncode is None:
            with contextlib.suppress(AscendError):
                answer = self._exchange(Stop(), _STOP_SECONDS)
                failures = answer.failures if isinstance(answer, Stopped) else ()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._child.wait(_STOP_SECONDS)
        self.kill()
        return failures

    def kill(self) -> None:
        """End the process at once. Safe to call twice."""
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
        self._connection.close()
        self._said.close()

    def _exchange(self, request: Request, timeout_s: float) -> Answer:
        what = type(request).__name__.lower()
        with contextlib.suppress(OSError):
            # Where it ended by itself after a failure, what it said last is still there to read.
            self._connection.send(request)
        try:
            if self._connection.poll(timeout_s):
                return self._connection.recv()
        except (EOFError, OSError) as error:
            raise AscendError(f"the Ascend worker process died during {what}{self._why()}") from error
        self._child.kill()
        raise AscendHungError(
            f"the Ascend worker process did not answer within {timeout_s:g} s ({what}); it was killed",
            is_start=isinstance(request, Start | Load),
        )

    def _why(self) -> str:
        """How it ended, and the last line that it or CANN's libraries wrote."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(_STOP_SECONDS)
        code = self._child.poll()
        how = "" if code is None else f" (exit code {code})"
        if code is not None and code < 0:
            how = f" ({signal.Signals(-code).name})"
        size = self._said.seek(0, os.SEEK_END)
        self._said.seek(max(0, size - _KEPT_OUTPUT))
        lines = self._said.read().decode(errors="replace").split("\n")
        said = [line.strip() for line in lines if line.strip()]
        return f"{how}: {said[-1]}" if said else how
