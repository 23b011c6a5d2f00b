"""Memory of the simulated machine: device and host are different spaces, and every address has an owner."""

from __future__ import annotations

import bisect
import ctypes
import sys
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from ascend_simulation.misuse import Misuse

FRESH, FREED, OUTPUT, GUARD = 0xA5, 0xDD, 0xBE, 0xC7
"""Bytes that fill new memory, freed memory, outputs before a model wrote them, and the fence behind host memory."""
_FENCE = 64
_DEVICE_BASE = 0x0100_0000_0000_0000
_BYTES_OVERHEAD = bytes.__basicsize__ - 1


@dataclass(eq=False)
class Block:
    """One allocation."""

    base: int
    size: int
    space: str
    """``device``, ``pinned`` or ``python``."""
    content: npt.NDArray[np.uint8]
    owner: object = None
    """Keeps real memory alive."""
    freed: bool = False


class AddressSpaces:
    """All memory that calls may name. Device addresses are no addresses of this process: touching one is a crash."""

    def __init__(self, capacity: int, *, device_host: bool) -> None:
        self.capacity = capacity
        """Bytes of device memory."""
        self.device_host = device_host
        """RC mode: what ``malloc_host`` gives is device memory."""
        self.device_used = 0
        self.device_peak = 0
        self.host_used = 0
        self.host_peak = 0
        self._bases: list[int] = []
        self._blocks: dict[int, Block] = {}
        self._tombs: deque[Block] = deque(maxlen=256)
        self._borrowed: deque[Block] = deque(maxlen=64)
        self._next_device = _DEVICE_BASE

    def alive(self) -> Iterator[Block]:
        """Every allocation that nobody freed."""
        return iter(self._blocks.values())

    def fits(self, size: int) -> bool:
        """Whether the device has so much left."""
        return self.device_used + _padded(size) <= self.capacity

    def reserve(self, size: int) -> None:
        """Account for (or, negative, give back) device memory that models hold."""
        self.device_used += size
        self.device_peak = max(self.device_peak, self.device_used)

    def allocate_device(self, size: int) -> int:
        """Device memory, full of garbage."""
        base = self._next_device
        self._next_device += (_padded(size) + 4096) // 4096 * 4096
        self._add(Block(base, size, "device", np.full(size, FRESH, np.uint8)))
        self.reserve(_padded(size))
        return base

    def allocate_host(self, size: int) -> int:
        """Pinned host memory: real, aligned to 64, with a fence behind it."""
        owner = ctypes.create_string_buffer(size + _FENCE + 64)
        base = (ctypes.addressof(owner) + 63) // 64 * 64
        content = np.frombuffer(owner, np.uint8)[base - ctypes.addressof(owner) :][: size + _FENCE]
        content[:size], content[size:] = FRESH, GUARD
        space = "device" if self.device_host else "pinned"
        self._add(Block(base, size, space, content[:size], owner=content))
        self.host_used += size
        self.host_peak = max(self.host_peak, self.host_used)
        return base

    def free(self, base: int, api: str, *, host: bool) -> bool:
        """Free an allocation; False where the address is none of this kind.

        Raises:
            Misuse: freed twice, or written past its end.
        """
        block = self._blocks.get(base)
        if block is None:
            if any(tomb.base == base for tomb in self._tombs):
                raise Misuse(f"acl.{api}: {base:#x} was freed before")
            return False
        if (block.owner is not None) != host:
            return False
        if host and (block.owner[block.size :] != GUARD).any():  # type: ignore[index]
            raise Misuse(f"acl.{api}: something wrote past the end of {base:#x} ({block.size} bytes)")
        block.content[:] = FREED
        block.freed = True
        del self._blocks[base]
        self._bases.remove(base)
        self._tombs.append(block)
        if host:
            self.host_used -= block.size
        else:
            self.reserve(-_padded(block.size))
            block.content = block.content[:0]
        return True

    def borrow(self, owner: bytes | npt.NDArray[np.generic], base: int) -> None:
        """Note memory of a Python object; nothing but a count of references keeps it alive."""
        content = np.frombuffer(owner, np.uint8) if isinstance(owner, bytes) else owner.reshape(-1).view(np.uint8)
        self._borrowed.append(Block(base, content.size, "python", content, owner))

    def find(self, address: int, count: int, api: str) -> tuple[Block, npt.NDArray[np.uint8]]:
        """The allocation an address lies in, and a view of ``count`` bytes from there.

        Raises:
            Misuse: nobody owns it, it was freed, its owner died, or it is too short.
        """
        block = self._lookup(address, api)
        offset = address - block.base
        if offset + count > block.size:
            raise Misuse(
                f"acl.{api}: {count} bytes at {block.base:#x}+{offset} reach past the end ({block.space}, {block.size})"
            )
        return block, block.content[offset : offset + count]

    def _lookup(self, address: int, api: str) -> Block:
        index = bisect.bisect_right(self._bases, address) - 1
        if index >= 0:
            block = self._blocks[self._bases[index]]
            if address < block.base + block.size:
                return block
        for block in reversed(self._borrowed):
            if block.base <= address < block.base + block.size:
                # Two references are this module's own: the block's, and the array over it; the third is getrefcount's.
                if sys.getrefcount(block.owner) <= 3:
                    raise Misuse(f"acl.{api}: the Python object behind {address:#x} died before it was copied")
                return block
        for tomb in self._tombs:
            if tomb.base <= address < tomb.base + tomb.size:
                raise Misuse(f"acl.{api}: {address:#x} lies in memory that was freed")
        raise Misuse(f"acl.{api}: nobody owns the address {address:#x}")

    def _add(self, block: Block) -> None:
        bisect.insort(self._bases, block.base)
        self._blocks[block.base] = block


def bytes_address(value: bytes) -> int:
    """Address of the first byte inside a bytes object."""
    return id(value) + _BYTES_OVERHEAD


def _padded(size: int) -> int:
    return (size + 31) // 32 * 32 + 32
