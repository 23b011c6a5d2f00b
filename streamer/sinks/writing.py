"""Text on its way into a descriptor that may take little at a time."""

from __future__ import annotations

import os
import select


def write_all(descriptor: int, text: str) -> None:
    """Write text, however long that takes.

    A descriptor that must not block (another program on the same terminal has asked for that) is waited for: what was
    written once would be written twice if the whole were tried again.
    """
    rest = memoryview(text.encode("utf-8", "replace"))
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
