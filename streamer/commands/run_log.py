"""The log of a run: where it goes, and that a meeting never waits for whoever should read it."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
from collections.abc import Iterator
from functools import partial
from io import FileIO, TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from streamer.archive.archive import Archive, data_folder
from streamer.errors import StoreError
from streamer.outputs import LOG_NAME, Output, are_read_together
from streamer.pipeline import Worker
from streamer.rooms import ROOM
from streamer.settings import Settings
from streamer.sinks.standard_error import open_log

_STANDARD_ERROR = 2
_LOG_BYTES = 1_000_000
_READERS_PATIENCE, _DISK_PATIENCE = 0.5, 5.0
"""Seconds for the last lines: neither who does not read nor a disk that hangs must keep us."""


@contextlib.contextmanager
def run_log(output: Output, settings: Settings, data_dir: Path | None) -> Iterator[None]:
    """Warnings go to standard error, but not onto drawn captions: then they go to a file in the data folder.

    Where captions and warnings are read in one place, what a notice says among the captions is not said twice.
    A person who reads them is shown what is left as if it were a notice; a log has when it was, and whose it is.

    Raises:
        StoreError: the file cannot be written.
    """
    with contextlib.ExitStack() as held:
        target: logging.Handler
        form = "%(asctime)s %(levelname)s %(name)s: %(room)s%(message)s"
        if output is Output.TERMINAL:
            target = _log_file(Archive(data_folder(settings, data_dir)).data_dir / LOG_NAME)
            handler = _opened(held, target, _DISK_PATIENCE)
        else:
            target = logging.StreamHandler()
            handler = _opened(held, target, _READERS_PATIENCE)
            if are_together := are_read_together():
                handler.addFilter(lambda record: not getattr(record, "is_noticed", False))
            if os.isatty(_STANDARD_ERROR) or (are_together and output is Output.PLAIN):
                form = "! %(room)s%(message)s"
        handler.addFilter(_name_room)
        handler.setLevel(logging.WARNING)
        target.setFormatter(logging.Formatter(form))
        logging.getLogger().addHandler(handler)
        held.callback(logging.getLogger().removeHandler, handler)
        yield


def _opened(held: contextlib.ExitStack, target: logging.Handler, patience: float) -> _ThreadHandler:
    """What has a handler write, which is closed once it has written the last lines; that is waited for so long."""
    worker = held.enter_context(Worker("streamer-log", patience=patience))
    handler = _ThreadHandler(target, worker)
    held.callback(handler.close)
    return handler


def _log_file(path: Path) -> logging.Handler:
    try:
        return _OwnersFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    except OSError as error:
        raise StoreError(
            f"cannot write the log {path}: {error.strerror}; delete it or make it writable, or name another folder "
            "with --data-dir"
        ) from error


def _name_room(record: logging.LogRecord) -> bool:
    """Have a record say whose it is; asked in the task that makes it."""
    room = ROOM.get()
    record.room = f"[{room}] " if room else ""
    return True


class _OwnersFileHandler(RotatingFileHandler):
    """Makes files that only their owner may read."""

    def _open(self) -> TextIOWrapper:
        return TextIOWrapper(FileIO(open_log(self.baseFilename), self.mode), encoding=self.encoding, errors=self.errors)


class _ThreadHandler(logging.Handler):
    """Has another handler write, in a thread of its own.

    A terminal that was stopped (Ctrl-S), a full pipe and a disk that hangs block whoever writes.
    """

    def __init__(self, target: logging.Handler, worker: Worker) -> None:
        super().__init__()
        self._target = target
        self._worker = worker

    def close(self) -> None:
        """Close the other one behind what waits; where that has no end, it stays open."""
        super().close()
        with contextlib.suppress(queue.Full):
            self._worker.post(self._target.close)

    def emit(self, record: logging.LogRecord) -> None:
        """Have a record written; when a thousand wait, further ones are left out."""
        with contextlib.suppress(queue.Full):
            # Without its lock, which is for several threads: whoever closes it would wait where this one hangs.
            self._worker.post(partial(self._target.emit, record))
