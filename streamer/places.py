"""Paths that a person names: what this user may not look at is not there, and whoever opens it says why."""

from __future__ import annotations

import os
from pathlib import Path


def named(text: str | Path) -> Path:
    """The path, ``~`` filled in; that of a user who does not exist stays as it is, as in a shell."""
    return Path(os.path.expanduser(text))  # noqa: PTH111 - Path's raises for such a user


def is_folder(path: Path) -> bool:
    """Whether it leads to a folder. Never raises, as Path's does for a folder that is locked and a name too long."""
    return os.path.isdir(path)  # noqa: PTH112


def is_file(path: Path) -> bool:
    """Whether it leads to a regular file; see :func:`is_folder`."""
    return os.path.isfile(path)  # noqa: PTH113


def is_there(path: Path) -> bool:
    """Whether it leads to anything; see :func:`is_folder`."""
    return os.path.exists(path)  # noqa: PTH110
