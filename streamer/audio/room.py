"""Disks that refuse, and the room that sound leaves to what is said: text is small, and nobody says it again."""

from __future__ import annotations

import errno
import os
from pathlib import Path

_RESERVED_BYTES = 32 * 2**20
"""Text, minutes and the store's log of several hours."""
_SMALLEST_SHARE = 8
"""Of a small disk no more than the eighth part is kept free."""
_MEGABYTE = 2**20
_ADVICE = {
    errno.ENOSPC: "free some space",
    errno.EDQUOT: "free some space, or raise the quota",
    errno.EFBIG: "raise the limit on file sizes (ulimit -f)",
    errno.EROFS: "the disk has become read-only; check it",
    errno.ENOENT: "put its folder back to where it was",
    errno.EACCES: "make the folder writable",
}


def missing_room(folder: Path, *, is_full: bool) -> str:
    """Why sound must not be written into a folder now; empty where it may.

    Args:
        folder: on the disk in question.
        is_full: whether it must not have been the last time: then there has to be some more room than that, so that
            sound does not come and go with every piece that is compressed.

    Raises:
        OSError: the disk does not say how full it is.
    """
    disk = os.statvfs(folder)
    reserved = min(_RESERVED_BYTES, disk.f_blocks * disk.f_frsize // _SMALLEST_SHARE)
    if disk.f_bavail * disk.f_frsize >= reserved + (reserved // 4 if is_full else 0):
        return ""
    return f"the last {max(1, round(reserved / _MEGABYTE))} MB of the disk are kept for the captions"


def explained(error: OSError) -> str:
    """Why a disk refuses, and what to do."""
    return f"{error.strerror}; {_ADVICE.get(error.errno or 0, 'check the disk')}"


def ask_the_disk(path: Path) -> None:
    """Write on where libsndfile could not: it says "System error" whatever it was.

    Raises:
        OSError: the disk refuses, and why.
    """
    with path.open("ab") as file:
        file.write(bytes(_MEGABYTE // 32))
