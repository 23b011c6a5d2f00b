"""The capture process seen from its parent: started, listened to, ended."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections import deque

from streamer.audio.capturing.capture_wire import CaptureRequest, Message, unpack
from streamer.audio.pipe_reader import PipeReader
from streamer.errors import AudioDeviceError
from streamer.system.processes import command_of

logger = logging.getLogger(__name__)

_KILL_SECONDS = 1.0


def command(request: CaptureRequest) -> list[str]:
    """The command line of a capture process."""
    return command_of("streamer.audio.capturing.capture", request.encode())


class CaptureProcess:
    """One capture process, from its start to its end; a device is opened at most once in it."""

    def __init__(self, request: CaptureRequest) -> None:
        self._request = request
        self._process: subprocess.Popen[bytes] | None = None
        self._reader: PipeReader | None = None
        self._rest = bytearray()
        # Bounded by what one read gives: it is filled only when it is empty.
        self._arrived: deque[Message] = deque()

    async def start(self) -> None:
        """Start the process; the device opens meanwhile.

        Raises:
            AudioDeviceError: the system starts none: memory, processes, file descriptors or room in /tmp are short.
        """
        try:
            self._process = self._started()
        except OSError as error:
            reason = error.strerror or str(error)
            raise AudioDeviceError(f"no process can be started that listens to the microphone: {reason}") from error
        if self._process.stdout is None:
            raise AssertionError("it was asked for as a pipe")
        os.set_blocking(self._process.stdout.fileno(), False)
        self._reader = PipeReader(self._process.stdout.fileno())

    def _started(self) -> subprocess.Popen[bytes]:
        # Its complaints are read only when it dies without a word; a pipe for them could fill up and block it.
        self._complaints = tempfile.TemporaryFile()  # noqa: SIM115 - closed by kill()
        try:
            return subprocess.Popen(  # noqa: S603 - starting takes milliseconds
                command(self._request),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._complaints,
                # Signals of the terminal are for the parent alone.
                start_new_session=True,
            )
        except OSError:
            self._complaints.close()
            raise

    def take(self) -> Message | None:
        """A message that is here already."""
        return self._arrived.popleft() if self._arrived else None

    async def receive(self, least: int = 1, seconds: float = 0.0) -> Message | None:
        """The next message; None when the process has ended. May be cancelled without losing anything.

        Args:
            least: bytes of messages that are worth waking up for, where none has come yet.
            seconds: how long so many take; 0 where that is not known.
        """
        while not self._arrived:
            received = await self._reader.read(least, seconds) if self._reader is not None else b""
            if not received:
                return None
            self._rest += received
            self._arrived.extend(unpack(self._rest))
        return self._arrived.popleft()

    def finish(self) -> None:
        """Ask for the end: what was captured still comes out."""
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()

    def kill(self) -> None:
        """End the process now and release everything. Safe to call twice, and before :meth:`start`."""
        if self._process is None:
            return
        self.finish()
        if self._reader is not None:
            self._reader.close()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.kill()
        try:
            self._process.wait(_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            logger.warning("capture process %d does not die; it hangs in the kernel", self._process.pid)
        self._complaints.close()

    def last_words(self) -> str:
        """What the process complained about last, for a process that ended without saying why."""
        if self._complaints.closed:
            return "it was ended"
        self._complaints.seek(0)
        lines = self._complaints.read().decode("utf-8", "replace").split("\n")
        return next(
            (line.strip() for line in reversed(lines) if line.strip()),
            "the process that listens to it ended without a word",
        )
