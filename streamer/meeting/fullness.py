"""A disk that is full before a meeting begins: nothing was said yet, and whoever begins it can name another one."""

from __future__ import annotations

import errno
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from streamer.errors import StoreError

_FULL = {errno.ENOSPC, errno.EDQUOT}
_PERHAPS_FULL = {sqlite3.SQLITE_IOERR, sqlite3.SQLITE_BUSY, sqlite3.SQLITE_CANTOPEN}
"""What SQLite says where it finds no room for the files beside the store; without them one program locks out others."""


@contextmanager
def fullness_told(data_dir: Path) -> Iterator[None]:
    """Around what is opened in a data folder: where it fails because the disk is full, what helps is said.

    Raises:
        StoreError: as within; in other words where the disk is full.
    """
    try:
        yield
    except StoreError as error:
        if not _is_full(error.__cause__, data_dir):
            raise
        raise StoreError(
            f"the disk of the data folder {data_dir} is full; free some space, or name a folder on another disk with "
            "--data-dir"
        ) from error


def _is_full(cause: BaseException | None, data_dir: Path) -> bool:
    if isinstance(cause, OSError):
        return cause.errno in _FULL
    code = getattr(cause, "sqlite_errorcode", 0) & 0xFF
    return code == sqlite3.SQLITE_FULL or (code in _PERHAPS_FULL and _has_no_room(data_dir))


def _has_no_room(folder: Path) -> bool:
    try:
        return os.statvfs(folder).f_bavail == 0
    except OSError:
        return False
