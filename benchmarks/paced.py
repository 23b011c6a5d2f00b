"""What the sources of live benchmarks share: sound that comes in the running loop's time, until it is closed."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

_HISS = 8
"""Largest sample of the hiss between words: −77 dBFS, for no microphone gives exact zeros."""


class PacedSource:
    """Base of an :class:`~streamer.interfaces.AudioSource`: whoever inherits gives the frames."""

    def __init__(self, name: str) -> None:
        """``name``: for a person to read."""
        self.name = name
        self.is_closed = False
        """Whether the frames are to end."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def close(self) -> None:
        """End with the frame that is due next."""
        self.is_closed = True


async def wait_until(due: float) -> float:
    """Wait for a time of the running loop; how many seconds later it is then."""
    loop = asyncio.get_running_loop()
    await asyncio.sleep(max(0.0, due - loop.time()))
    return loop.time() - due


def noise(rng: np.random.Generator, samples: int, largest: int = _HISS) -> npt.NDArray[np.int16]:
    """Even noise, (samples,) int16."""
    return rng.integers(-largest, largest + 1, samples).astype(np.int16)
