"""Locks that say which meetings are running: the kernel releases them when a process dies, however it dies."""

from __future__ import annotations

import fcntl
import os
import time
from pathlib import Path

from streamer.errors import StoreError
from streamer.places import anything_at

_PAUSE_SECONDS = 0.02
"""Between two looks at a lock that is waited for."""
_GLANCE_SECONDS = 0.5
"""Waited for a lock at least: whoever only looks at it holds it for a moment."""


class MeetingLock:
    """Held by the process that runs a meeting, or changes a closed one as a whole."""

    def __init__(self, folder: Path, meeting_id: str, *, patience_s: float = _GLANCE_SECONDS) -> None:
        """Take the lock.

        Args:
            folder: of the locks.
            meeting_id: the meeting's.
            patience_s: how long to wait for whoever holds it, seconds.

        Raises:
            StoreError: another process holds it, or the folder is not writable.
        """
        self._path = _path(folder, meeting_id)
        deadline = time.monotonic() + patience_s
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            while (descriptor := _locked(self._path)) is None:
                if time.monotonic() >= deadline:
                    raise StoreError(f"meeting {meeting_id} is in use by another streamer; wait for its end")
                time.sleep(_PAUSE_SECONDS)
        except OSError as error:
            raise StoreError(
                f"cannot lock the meeting with {self._path}: {error.strerror}; the data folder has to be writable, "
                "`--data-dir` names another"
            ) from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Give it back. Call once.

        Raises:
            StoreError: the file stays there, and locks nothing.
        """
        try:
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(
                f"cannot delete {self._path}: {error.strerror}; `streamer recover` does it once the disk takes that"
            ) from error
        finally:
            self.leave()

    def leave(self) -> None:
        """Give it back in place of :meth:`release`, and let its file say that something is left to do."""
        os.close(self._descriptor)


def _locked(path: Path) -> int | None:
    """A descriptor that holds the lock; None where another process does, or has just taken its file away."""
    descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.path.samestat(os.fstat(descriptor), path.stat()):
            return descriptor
    except (BlockingIOError, FileNotFoundError):
        pass
    os.close(descriptor)
    return None


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


def left_locks(folder: Path) -> tuple[str, ...]:
    """Ids of the meetings on which a process worked that died."""
    names = sorted(path.stem for path in folder.glob("*.lock"))
    return tuple(name for name in names if is_left(folder, name))


def is_left(folder: Path, meeting_id: str) -> bool:
    """Whether the process that held the lock of a meeting died: whoever gives it back takes its file away."""
    return anything_at(_path(folder, meeting_id)) and not is_locked(folder, meeting_id)


def _path(folder: Path, meeting_id: str) -> Path:
    return folder / f"{meeting_id}.lock"
