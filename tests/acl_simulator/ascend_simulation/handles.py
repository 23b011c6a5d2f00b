"""Opaque handles: what is alive, and what was destroyed."""

from __future__ import annotations

from collections import deque
from typing import Generic, TypeVar

from ascend_simulation.misuse import Misuse

T = TypeVar("T")


class Handles(Generic[T]):
    """One kind of handle; the ranges of two kinds never meet, so that mixing them up is found."""

    def __init__(self, kind: str, number: int) -> None:
        self.kind = kind
        self.alive: dict[int, T] = {}
        self._dead: deque[int] = deque(maxlen=10_000)
        self._next = (0x5A00 + number) << 32

    def add(self, item: T) -> int:
        """A new handle."""
        self._next += 64
        self.alive[self._next] = item
        return self._next

    def get(self, handle: int, api: str) -> T:
        """The object behind a handle.

        Raises:
            Misuse: it was destroyed, or never was one of this kind.
        """
        if handle in self.alive:
            return self.alive[handle]
        state = "was destroyed before" if handle in self._dead else f"is no {self.kind}"
        raise Misuse(f"acl.{api}: {handle:#x} {state} (expected a live {self.kind})")

    def remove(self, handle: int, api: str) -> T:
        """Destroy a handle; the object it had."""
        item = self.get(handle, api)
        del self.alive[handle]
        self._dead.append(handle)
        return item
