"""Paths that a person names, and what lies there."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO

import platformdirs

_NOTHING_THERE = {errno.ENOENT, errno.ENOTDIR, errno.ELOOP}


def named(text: str | Path) -> Path:
    """The path, ``~`` filled in; that of a user who does not exist stays as it is, as in a shell."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path's raises for such a user


def own_data() -> Path:
    """The folder of this program's data that the user has without naming one.

    Whoever has no home, as a user whom a service or a container knows by number only, has the root folder as such: it
    can hardly be written to, which whoever opens it says.
    """
    try:
        folder = platformdirs.user_data_path("streamer", appauthor=False)
    except RuntimeError:
        folder = Path("~")
    return folder if folder.parts[0] != "~" else Path("/.local/share/streamer")  # older platformdirs leave the ~


def is_folder(path: Path) -> bool:
    """Whether it leads to a folder.

    Never raises: what this user may not look at is not there, and neither is a name that is too long; whoever opens
    it says why.
    """
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    """Whether it leads to a regular file; see :func:`is_folder`."""
    return os.path.isfile(path)  # noqa: PTH113


def is_there(path: Path) -> bool:
    """Whether it leads to anything; see :func:`is_folder`."""
    return os.path.exists(path)  # noqa: PTH110


def anything_at(path: Path) -> bool:
    """Whether anything lies there.

    Raises:
        OSError: this user may not look, as in a folder that is locked. From Python 3.14 on Path's own answer is no.
    """
    return _mode(path) != 0


def folder_at(path: Path) -> bool:
    """Whether a folder lies there; raises as :func:`anything_at`."""
    return stat.S_ISDIR(_mode(path))


def file_at(path: Path) -> bool:
    """Whether a regular file lies there; raises as :func:`anything_at`."""
    return stat.S_ISREG(_mode(path))


def new_private_file(path: Path) -> BinaryIO:
    """An empty file that only its owner may read, to write and read, in place of whatever file has this name.

    Raises:
        OSError: the disk refuses.
    """
    path.unlink(missing_ok=True)
    return os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600), "w+b")


def _mode(path: Path) -> int:
    try:
        return path.stat().st_mode
    except OSError as error:
        if error.errno not in _NOTHING_THERE:
            raise
    except ValueError:  # a character that no name can have
        pass
    return 0
