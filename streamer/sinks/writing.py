"""Text on its way into a descriptor that may take little at a time."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator

_UTF_8 = "utf-8"


def write_all(descriptor: int, text: str) -> None:
    """Write text, however long that takes."""
    for _ in writing(descriptor, encoded(descriptor, text)):
        pass


def writing(descriptor: int, encoded_text: bytes) -> Iterator[bytes]:
    """Write it, however long that takes; what is left of it, as often as some has been taken.

    A descriptor that must not block (another program on the same terminal has asked for that) is waited for: what was
    written once would be written twice if the whole were tried again.
    """
    rest = memoryview(encoded_text)
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            select.select([], [descriptor], [])
        else:
            yield bytes(rest)


def encoded(descriptor: int, text: str) -> bytes:
    """Text as it is written there."""
    return text.encode(_encoding_of(descriptor), "replace")


def _encoding_of(descriptor: int) -> str:
    """UTF-8; on a terminal what the locale says, if that has Chinese at all (GBK, Big5).

    A locale without it, as Latin-1, more often belongs to a terminal with UTF-8 than to one without it.
    """
    locale = getattr(sys.stdout, "encoding", None)
    if not locale or not os.isatty(descriptor):
        return _UTF_8
    try:
        "中文".encode(locale)
    except UnicodeEncodeError:
        return _UTF_8
    return str(locale)
