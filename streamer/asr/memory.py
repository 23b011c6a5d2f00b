"""Memory that decoding needed for a moment, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable

from streamer.interfaces import Recognizer
from streamer.types import Hypothesis, Utterance

_FINALS = 4
"""Finals between two times: giving back takes about 2 ms, half of it for taking the pages again."""
_LARGE_BLOCK = 1 << 20
"""Bytes from which a block is the system's. Smaller ones are asked for too often: 512 kB cost a third more time."""
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
"""Names of settings in glibc's <malloc.h>."""


def keep_memory_small() -> None:
    """Give large blocks back to the system as soon as they are free, where the C library can.

    Otherwise glibc learns from the first ones that large blocks come and go, and keeps 10 MB of activations between
    the holes that the models leave. Called before the models are loaded; for the whole process.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        for setting in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            library.mallopt(setting, _LARGE_BLOCK)


def give_memory_back() -> None:
    """Give back what is free, where the C library can. Otherwise it keeps what the longest utterance took, for good."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)


class ThriftyRecognizer:
    """A :class:`~streamer.interfaces.Recognizer` that gives memory back after every few finals."""

    def __init__(self, recognizer: Recognizer, give_back: Callable[[], None] = give_memory_back) -> None:
        self._recognizer = recognizer
        self._give_back = give_back
        self._finals = 0

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot.

        Raises:
            RecognizerError: it cannot be decoded.
        """
        hypothesis = self._recognizer.recognize(utterance)
        if utterance.end_reason is not None:
            self._finals += 1
            if self._finals % _FINALS == 0:
                self._give_back()
        return hypothesis
