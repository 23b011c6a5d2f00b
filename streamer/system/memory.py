"""Memory that was needed for a moment, given back to the system. Every thread has a heap of its own."""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import functools
import gc
from collections.abc import Callable, Iterator
from typing import Final

_LARGE_BLOCK = 1 << 20
"""Bytes from which a block is the system's. Smaller ones are asked for too often: 512 kB cost a third more time."""
_LARGEST_BLOCK = 1 << 25
"""The most that glibc takes for it."""
_MATRIX = 1 << 17
"""Bytes from which a block is the system's while models load: matrices of weights, and what files are read to."""
_NOTICED_BLOCK = 1 << 16
"""Bytes from which glibc looks at the end of a thread's heap when a block becomes free."""
_COLLECTION: Final = 64
"""Pauses and finals from one full collection of Python's garbage to the next. Left to itself Python makes one in an
hour or two. Until then it keeps up to 2000 freed tuples of each length, 4 MB, and takes all day to get there: a tuple
that is made of a generator takes none of them, and becomes one of them."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Names of settings in glibc's <malloc.h>."""


@contextlib.contextmanager
def loading() -> Iterator[None]:
    """Load models so that they leave no holes, and have large blocks given back as soon as they are free from then on.

    Models read files and pack matrices anew, and keep the second copy only. On the heap the holes of the first one,
    9 MB, would stay between what is kept, and activations would fill them. Afterwards glibc would learn from the first
    large blocks that such ones come and go, and keep 10 MB of them. For the whole process, where the C library can.

    What is there by then stays: Python's collector need not go through it again, 4 ms instead of 30.
    It does when the process ends: soxr complains of whatever of its own is not given back then.
    """
    _own_blocks_from(_MATRIX)
    try:
        yield
    finally:
        _own_blocks_from(_LARGE_BLOCK)
        give_memory_back()
        gc.freeze()
        atexit.unregister(gc.unfreeze)
        atexit.register(gc.unfreeze)


def keep_what_is_free() -> None:
    """Have large blocks kept for the next one from now on, for what decodes one utterance after another.

    Asked of the system anew, activations are pages full of zeros each time: a twentieth of all time. The largest
    memory of transcribing is that of before, within 3 MB.
    """
    _own_blocks_from(_LARGEST_BLOCK, kept=_LARGEST_BLOCK)


def _own_blocks_from(size: int, kept: int = _LARGE_BLOCK) -> None:
    """``kept``: bytes that may stay free at the end of the heap."""
    with contextlib.suppress(OSError, AttributeError):
        _library().mallopt(_TRIM_THRESHOLD, kept)
        _library().mallopt(_MMAP_THRESHOLD, size)


def give_memory_back() -> None:
    """Give back what is free, where the C library can. Otherwise it keeps what the longest utterance took, for good.

    From all heaps what is free between blocks; from this thread's own what is free behind the last one, too, which
    ``malloc_trim`` leaves: as much as the threshold allows, 1 MB that hours filled little by little.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = _library()
        library.malloc_trim(0)
        library.mallopt(_TRIM_THRESHOLD, 0)
        library.free(library.malloc(_NOTICED_BLOCK))
        library.mallopt(_TRIM_THRESHOLD, _LARGE_BLOCK)


@functools.cache
def _library() -> ctypes.CDLL:
    """The C library, opened once: what opening leaves, a class in a cycle, grew by 1 MB an hour between collections."""
    library = ctypes.CDLL(None)
    library.malloc.argtypes, library.malloc.restype = [ctypes.c_size_t], ctypes.c_void_p
    library.free.argtypes, library.free.restype = [ctypes.c_void_p], None
    return library


class Thrift:
    """Gives memory back whenever it is called, after a pause decoded ahead and after a final: half a millisecond.

    Every 64th time Python's own, too, which takes 4 ms more.
    """

    def __init__(self, give_back: Callable[[], None] = give_memory_back) -> None:
        self._give_back = give_back
        self._times = 0

    def __call__(self) -> None:
        """All of an utterance was decoded."""
        self._times += 1
        if self._times % _COLLECTION == 0:
            gc.collect()
        self._give_back()
