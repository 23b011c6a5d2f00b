"""Ogg files: whether all of one is there. It says nowhere how long it is, but each page says how long that is."""

from __future__ import annotations

import os

PAGE = b"OggS\0"
"""What a page begins with: its name, and the version."""
_LAST = 4
"""The flag, in the byte behind that, of a stream's last page."""
_SERIAL = slice(14, 18)
"""Where a page says of which stream it is."""
_HEADER_BYTES = 27
_LONGEST_PAGE = _HEADER_BYTES + 255 + 255 * 255


def length_by_pages(descriptor: int) -> int:
    """Bytes to the end of the last page, or, where too little of that is there, more than there are; 0 without any."""
    start, page = _last_page(descriptor)
    if not page:
        return 0
    count = page[_HEADER_BYTES - 1] if len(page) >= _HEADER_BYTES else 0
    segments = page[_HEADER_BYTES : _HEADER_BYTES + count]
    return start + _HEADER_BYTES + count + sum(segments)


def is_unended(descriptor: int) -> bool:
    """Whether an Ogg file's last page is not marked as the last one: a whole number of pages may be missing."""
    if os.pread(descriptor, len(PAGE), 0) != PAGE:
        return False
    _, page = _last_page(descriptor)
    return len(page) >= _HEADER_BYTES and not page[5] & _LAST


def is_whole(descriptor: int) -> bool:
    """Whether an Ogg file has its end: what its times promise and it lacks was never written then."""
    return not is_unended(descriptor) and length_by_pages(descriptor) <= os.fstat(descriptor).st_size


def is_chained(descriptor: int) -> bool:
    """Whether an Ogg file ends with another stream than it begins with, as what records a radio station writes it."""
    first = os.pread(descriptor, _HEADER_BYTES, 0)
    return first.startswith(PAGE) and _last_page(descriptor)[1][_SERIAL] not in {first[_SERIAL], b""}


def _last_page(descriptor: int) -> tuple[int, bytes]:
    """Where it begins, and what is there of it."""
    tail_start = max(0, os.fstat(descriptor).st_size - _LONGEST_PAGE)
    tail = os.pread(descriptor, _LONGEST_PAGE, tail_start)
    start = tail.rfind(PAGE)
    return (tail_start + start, tail[start:]) if start >= 0 else (0, b"")
