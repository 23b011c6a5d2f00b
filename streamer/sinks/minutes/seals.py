"""Seals: when a file was last changed, to the microsecond, says whether it still holds what was written here.

Text and subtitles have no place for a mark of their own, and whoever saves a file dates it: a file whose microseconds
are not those of its text was written by somebody else, or on a disk that does not count so finely.
"""

from __future__ import annotations

import hashlib
import os
import time
from pathlib import Path
from typing import BinaryIO

_MICROSECONDS = 1_000_000


def seal(file: BinaryIO, digest: bytes) -> None:
    """Date an open file within the last second.

    Args:
        file: what nothing more is written into.
        digest: SHA-256 of all that it holds.

    Raises:
        OSError: the disk refuses.
    """
    file.flush()
    now = time.time_ns() // 1000
    dated = now - now % _MICROSECONDS + _microseconds(digest)
    if dated > now:
        dated -= _MICROSECONDS
    os.utime(file.fileno(), ns=(now * 1000, dated * 1000))


def seal_whole(path: Path) -> bytes:
    """Seal a file that somebody else's code has written, and that nothing more is written into; its SHA-256.

    Raises:
        OSError: the disk refuses.
    """
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").digest()
        seal(file, digest)
    return digest


def is_sealed(path: Path, same: bytes = b"") -> bool:
    """Whether a file holds what was written here; of one that may not be read nobody knows.

    Args:
        path: the file.
        same: SHA-256 of what may be in it, too, whoever wrote that; empty: of nothing.

    Raises:
        OSError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            dated = os.fstat(file.fileno()).st_mtime_ns
    except PermissionError:
        return False
    return digest == same or dated // 1000 % _MICROSECONDS == _microseconds(digest)


def _microseconds(digest: bytes) -> int:
    return int.from_bytes(digest[:8]) % _MICROSECONDS
