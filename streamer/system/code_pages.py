"""Code that was needed to start, given back to the system: an eighth of a live meeting's resident memory.

Linux keeps such pages in its cache of files as long as it has room for them, and maps those that run again, 16 at a
time. Until they are given back they count as the program's, and are harder for the system to get.
"""

from __future__ import annotations

import contextlib
import ctypes
import functools
import mmap
import os
from collections.abc import Iterable
from pathlib import Path


def give_code_back() -> None:
    """Give back code and constants of the program and of its libraries, where the system can: 10 ms.

    Meant for when everything is loaded. What runs on comes back within a second, in half a millisecond of faults.
    """
    with contextlib.suppress(OSError, AttributeError):
        library, flags = _c_library(), os.RTLD_NOLOAD | os.RTLD_LAZY
        program = bytes(Path("/proc/self/exe").readlink())
        # Another thread that unloads a library may get its addresses for data: one that is held stays where it is.
        held = {path: handle for path in unwritten(_mappings()) if (handle := library.dlopen(path, flags))}
        try:
            for path, places in unwritten(_mappings()).items():
                for begin, end in places if path in held or path == program else []:
                    library.madvise(begin, end - begin, mmap.MADV_DONTNEED)
        finally:
            for handle in held.values():
                library.dlclose(handle)


def unwritten(mappings: Iterable[bytes]) -> dict[bytes, list[tuple[int, int]]]:
    """Addresses of mapped code and constants, by their file; the file has all that is there.

    Without what the loader has written to, be it in memory or swapped out, and files whose code is mapped twice: libffi
    maps its own for a while.

    Args:
        mappings: lines of Linux's ``/proc/PID/smaps``.
    """
    places: dict[bytes, list[tuple[int, int]]] = {}
    code: list[bytes] = []
    path, rights, place, written = b"", b"", (0, 0), False
    for line in mappings:
        name, *rest = line.rstrip().split(maxsplit=5)
        if not name.endswith(b":"):
            begin, _, end = name.partition(b"-")
            path, rights, place = rest[-1], rest[0], (int(begin, 16), int(end, 16))
            code += [path] if rights == b"r-xp" else []
        elif name == b"Anonymous:":
            written = rest[0] != b"0" or rights not in {b"r-xp", b"r--p"}
        elif name == b"Swap:" and rest[0] == b"0" and not written and path.startswith(b"/"):
            places.setdefault(path, []).append(place)
    return {path: found for path, found in places.items() if code.count(path) == 1}


def _mappings() -> list[bytes]:
    return Path("/proc/self/smaps").read_bytes().splitlines()


@functools.cache
def _c_library() -> ctypes.CDLL:
    library = ctypes.CDLL(None)
    library.dlopen.argtypes, library.dlopen.restype = [ctypes.c_char_p, ctypes.c_int], ctypes.c_void_p
    library.dlclose.argtypes = [ctypes.c_void_p]
    library.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
    return library
