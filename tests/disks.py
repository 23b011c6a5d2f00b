"""Disks that refuse, for tests."""

from __future__ import annotations

import ctypes
import resource
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_CAPABILITY_VERSION_3 = 0x20080522
_MAY_PASS_PERMISSIONS = 0b110
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH, which root has."""


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """A folder on a disk of its own, of a size as ``mount`` understands it (``1m``)."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", folder],
        check=False,
        capture_output=True,
        text=True,
    )
    if mounted.returncode:
        pytest.skip(f"mounting needs root: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def remount(folder: Path, options: str) -> None:
    """Change a :func:`small_disk`: ``size=8m``, ``ro``."""
    subprocess.run(["mount", "-o", f"remount,{options}", folder], check=True)


@contextmanager
def file_size_limit(limit_bytes: int) -> Iterator[Callable[[], None]]:
    """No file of this process may grow beyond a size: a full disk where nothing can be mounted. Gives its end."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, hard))
    try:
        yield lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Nobody may read, write or enter it, not even root, as long as the calling thread is the one to try."""
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITY_VERSION_3, 0)
    own = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable: the lower 32 of each, then the higher
    assert libc.capget(header, own) == 0
    fewer = (ctypes.c_uint32 * 6)(own[0] & ~_MAY_PASS_PERMISSIONS, *own[1:])
    mode = path.stat().st_mode
    path.chmod(0)
    assert libc.capset(header, fewer) == 0
    try:
        yield
    finally:
        assert libc.capset(header, own) == 0
        path.chmod(mode)
