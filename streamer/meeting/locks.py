"""Locks that say which meetings are running: the kernel releases them when a process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from streamer.errors import StoreError


class MeetingLock:
    """Held by the process that runs a meeting, or changes a closed one as a whole."""

    def __init__(self, folder: Path, meeting_id: str) -> None:
        """Take the lock.

        Raises:
            StoreError: another process holds it, or the folder is not writable.
        """
        self._path = _path(folder, meeting_id)
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        except OSError as error:
            raise StoreError(f"cannot lock the meeting with {self._path}: {error.strerror}") from error
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._descriptor)
            raise StoreError(f"meeting {meeting_id} is in use by another streamer; wait for its end") from error

    def release(self) -> None:
        """Give it back. Call once."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)


def is_locked(folder: Path, meeting_id: str) -> bool:
    """Whether a living process holds the lock of a meeting."""
    try:
        descriptor = os.open(_path(folder, meeting_id), os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        return True
    finally:
        os.close(descriptor)
    return False


def _path(folder: Path, meeting_id: str) -> Path:
    return folder / f"{meeting_id}.lock"
