"""Memory of the stand-in: allocation and copies between the address spaces."""

from __future__ import annotations

from ascend_simulation.call import PAIR, api
from ascend_simulation.world import WORLD

_DIRECTIONS = {0: ("host", "host"), 1: ("host", "device"), 2: ("device", "host"), 3: ("device", "device")}
_POLICIES = (0, 1, 2, 3, 4, 5, 6, 7)


@api("rt.malloc", "ki", PAIR)
def malloc(size: int, policy: int) -> tuple[int, int]:
    if not size:
        return 0, 100000
    if not WORLD.context:
        return 0, 107002
    if policy not in _POLICIES:
        WORLD.misuse(f"acl.rt.malloc: policy {policy} is none of aclrtMemMallocPolicy")
    if not WORLD.memory.fits(size):
        return 0, 207001
    return WORLD.memory.allocate_device(size), 0


@api("rt.free", "k")
def free(address: int) -> int:
    if not address:
        return 100000
    return 0 if WORLD.memory.free(address, "rt.free", host=False) else 107000


@api("rt.malloc_host", "k", PAIR)
def malloc_host(size: int) -> tuple[int, int]:
    if not size:
        return 0, 100000
    if not WORLD.context:
        return 0, 107002
    return WORLD.memory.allocate_host(size), 0


@api("rt.free_host", "k")
def free_host(address: int) -> int:
    if not address:
        return 100000
    return 0 if WORLD.memory.free(address, "rt.free_host", host=True) else 107000


@api("rt.memset", "kkik")
def memset(address: int, maximum: int, value: int, count: int) -> int:
    if count > maximum:
        return 107000
    if not WORLD.context:
        return 107002
    _, view = WORLD.memory.find(address, count, "rt.memset")
    view[:] = value & 0xFF
    return 0


@api("rt.memcpy", "kkkki")
def memcpy(destination: int, maximum: int, source: int, count: int, kind: int) -> int:
    return _copy("rt.memcpy", (destination, maximum), source, count, kind)


@api("rt.memcpy_async", "kkkkik")
def memcpy_async(destination: int, maximum: int, source: int, count: int, kind: int, stream: int) -> int:
    if kind == 0:
        return 207000
    for address in (destination, source):
        if address % 64:
            WORLD.misuse(f"acl.rt.memcpy_async: {address:#x} is not aligned to 64 bytes")
    if stream and WORLD.streams.get(stream, "rt.memcpy_async").context != WORLD.context:
        return 107003
    return _copy("rt.memcpy_async", (destination, maximum), source, count, kind)


def _copy(name: str, target: tuple[int, int], source: int, count: int, kind: int) -> int:
    destination, maximum = target
    if not count:
        return 0
    if not destination or not source or not 0 <= kind <= 5:
        return 100000
    if count > maximum:
        return 107000
    if not WORLD.context:
        return 107002
    to_block, to_view = WORLD.memory.find(destination, maximum, name)
    from_block, from_view = WORLD.memory.find(source, count, name)
    if to_block.space == "python" and isinstance(to_block.owner, bytes):
        WORLD.misuse(f"acl.{name}: destination is a bytes object, which must never change")
    spaces = tuple("device" if block.space == "device" else "host" for block in (from_block, to_block))
    if kind in _DIRECTIONS and _DIRECTIONS[kind] != spaces:
        WORLD.misuse(f"acl.{name}: kind {kind} is {_DIRECTIONS[kind]}, the addresses are {spaces}")
    to_view[:count] = from_view
    return 0
