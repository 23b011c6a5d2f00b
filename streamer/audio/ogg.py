"""Ogg files: whether all of one is there. It says nowhere how long it is, but each page says how long that is."""

from __future__ import annotations

import os

_CAPTURE = b"OggS\0"
"""What a page begins with: its name, and the version."""
_HEADER_BYTES = 27
_LONGEST_PAGE = _HEADER_BYTES + 255 + 255 * 255


def missing_bytes(descriptor: int) -> int:
    """How many bytes of the last page are not there; 0 where it is whole, or no page is found."""
    size = os.fstat(descriptor).st_size
    tail = os.pread(descriptor, _LONGEST_PAGE, max(0, size - _LONGEST_PAGE))
    start = tail.rfind(_CAPTURE)
    if start < 0:
        return 0
    page = tail[start:]
    if len(page) < _HEADER_BYTES:
        return _HEADER_BYTES - len(page)
    count = page[_HEADER_BYTES - 1]
    segments = page[_HEADER_BYTES : _HEADER_BYTES + count]
    return max(0, _HEADER_BYTES + count + sum(segments) - len(page))
