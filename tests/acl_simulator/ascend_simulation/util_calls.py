"""``acl.util``: between Python objects and addresses."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from ascend_simulation.call import HANDLE, api
from ascend_simulation.memory import bytes_address
from ascend_simulation.world import WORLD


@api("util.bytes_to_ptr", "O", HANDLE)
def bytes_to_ptr(value: Any) -> int:
    if not isinstance(value, bytes):
        raise ValueError("bytes_to_ptr expects bytes")  # noqa: TRY004 (as the real one does)
    WORLD.memory.borrow(value, bytes_address(value))
    return bytes_address(value)


@api("util.ptr_to_bytes", "kk", HANDLE)
def ptr_to_bytes(address: int, size: int) -> bytes:
    block, view = WORLD.memory.find(address, size, "util.ptr_to_bytes")
    if block.owner is None:
        WORLD.misuse("acl.util.ptr_to_bytes of a device address crashes the process")
    return view.tobytes()


@api("util.numpy_to_ptr", "O", HANDLE)
def numpy_to_ptr(array: Any) -> int:
    warnings.warn("numpy_to_ptr is deprecated", DeprecationWarning, stacklevel=3)
    if not isinstance(array, np.ndarray) or not array.flags.c_contiguous:
        WORLD.misuse("acl.util.numpy_to_ptr of an array that is not contiguous copies wrong numbers")
    WORLD.memory.borrow(array, array.ctypes.data)
    return int(array.ctypes.data)
