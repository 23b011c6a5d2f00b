"""Memory that decoding needed for a moment, given back to the system."""

from __future__ import annotations

import contextlib
import ctypes
from collections.abc import Callable

from streamer.interfaces import Recognizer
from streamer.types import Hypothesis, Utterance

_FINALS = 4
"""Finals between two times: giving back takes about 2 ms, half of it for taking the pages again."""


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
