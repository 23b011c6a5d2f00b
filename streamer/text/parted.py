"""Captions' written numbers, where a forced cut may have gone through one.

Written by itself each part would be another number: 第二 and 13条 are no 第二十三条, 一百二十 and 五万 no 1205万. Parts
stay as they were said. Digits in a row are the same in parts, and are written.
"""

from __future__ import annotations

import re

from streamer.text.names import normalise_between
from streamer.text.rules import NUMERAL

_FIRST = re.compile(f"(?:{NUMERAL}|[幺点])+")
_LAST = re.compile(f"{_FIRST.pattern}$")
_PLACES = frozenset("十百千万亿点")
"""With which the digits beside them are worth something else."""


def normalise_parted(text: str, before: str, after: str | None, names: re.Pattern[str] | None = None) -> str:
    """As :func:`~streamer.text.itn.normalise` of a caption.

    Args:
        text: as spoken, punctuated or not.
        before: what was said right before it, written; a mark at its end parts nothing.
        after: what was said right after it, spoken; empty where speech was not cut there; None: that is not known yet.
        names: what stays as it is; None: nothing.
    """
    first, last = _FIRST.match(text), _LAST.search(text)
    start, stop = 0, len(text)
    if first and (ahead := _LAST.search(before)) and not _PLACES.isdisjoint(ahead[0] + first[0]):
        start = first.end()
    behind = _FIRST.match(after or "")
    if last and (behind or after is None) and not _PLACES.isdisjoint(last[0] + (behind[0] if behind else "")):
        stop = max(start, last.start())
    return text[:start] + normalise_between(text[start:stop], names) + text[stop:]
