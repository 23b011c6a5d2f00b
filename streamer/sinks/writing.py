"""Text on its way into a descriptor that may take little at a time."""

from __future__ import annotations

import os
import select
import sys

_UTF_8 = "utf-8"


def write_all(descriptor: int, text: str) -> None:
    """Write text, however long that takes.

    A descriptor that must not block (another program on the same terminal has asked for that) is waited for: what was
    written once would be written twice if the whole were tried again.
    """
    rest = memoryview(text.encode(_encoding_of(descriptor), "replace"))
    while rest:
        try:
            rest = rest[os.write(descriptor, rest) :]
        except BlockingIOError:
            select.select([], [descriptor], [])


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
