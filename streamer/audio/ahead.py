"""A sound file that is read ahead, in a thread: a slow disk must not hold up the loop that serves all rooms."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import queue
import threading

from streamer.audio.files import SoundFile
from streamer.types import FrameRun

logger = logging.getLogger(__name__)

_AHEAD_RUNS = 4
"""Runs of a second or more that wait to be taken."""
_STOP_SECONDS = 2.0
"""How long a reader may take to stop; one that hangs at a dead disk is left behind."""


class AheadReader:
    """The frames of one file; opened, read and closed by a daemon thread, taken on the event loop."""

    def __init__(self, file: SoundFile) -> None:
        """``file``: not open yet."""
        self._file = file
        # Policy: nothing is dropped; where it is full the thread waits.
        self._runs: queue.Queue[FrameRun | Exception | None] = queue.Queue(_AHEAD_RUNS)
        self._stopping = threading.Event()
        self._came = asyncio.Event()
        self._is_over = asyncio.Event()
        self._thread = threading.Thread(target=self._read, name="streamer-file", daemon=True)
        self._loop: asyncio.AbstractEventLoop | None = None
        self.remarks: tuple[str, ...] = ()
        """Those of the file, once it was read or :meth:`stop` has returned."""

    def start(self) -> None:
        """Begin to read."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def take(self) -> FrameRun | None:
        """The next run; None at the end, and after :meth:`cancel` where none is there.

        Raises:
            AudioFileError: the file cannot be opened, or its rest not be read.
        """
        while True:
            try:
                taken = self._runs.get_nowait()
            except queue.Empty:
                if self._stopping.is_set():
                    return None
                self._came.clear()
                await self._came.wait()
            else:
                if isinstance(taken, Exception):
                    raise taken
                return taken

    def cancel(self) -> None:
        """Read no more; whoever waits is woken. Safe to call twice."""
        self._stopping.set()
        self._came.set()

    async def stop(self) -> None:
        """End the thread and close the file, unless the disk hangs. Safe to call twice."""
        self.cancel()
        self._file.abandon()
        if self._loop is None:
            return
        while not self._runs.empty():  # the thread may wait for room
            self._runs.get_nowait()
        try:
            async with asyncio.timeout(_STOP_SECONDS):
                await self._is_over.wait()
        except TimeoutError:
            logger.warning("%s is still being read: its disk hangs", self._file.path)
        else:
            self._thread.join()  # it has only to return: a thread that is left at the program's end keeps what it holds

    def _read(self) -> None:
        last: Exception | None = None
        try:
            with self._file as file:
                try:
                    for run in file.runs():
                        if not self._give(run):
                            break
                finally:
                    self.remarks = file.remarks
        except Exception as error:  # noqa: BLE001 - it belongs to whoever takes the runs, whatever it is
            last = error
        self._give(last)
        self._call(self._is_over)

    def _give(self, item: FrameRun | Exception | None) -> bool:
        """Pass on; False where nobody wants more."""
        if self._stopping.is_set():
            return False
        self._runs.put(item)
        self._call(self._came)
        return True

    def _call(self, event: asyncio.Event) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended: a disk hung for long
            if self._loop is not None:
                self._loop.call_soon_threadsafe(event.set)
