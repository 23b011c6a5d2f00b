"""Which keys were pressed, out of what a terminal sends. Pure."""

from __future__ import annotations

import codecs
import re
import unicodedata

PASTES_TOLD = "\x1b[?2004h"
"""Has a terminal put marks around what is pasted …"""
PASTES_UNTOLD = "\x1b[?2004l"
"""… and not any more."""

_SEQUENCE = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]"  # an arrow, a function key, an answer, the beginning or end of what is pasted
    rb"|O[ -~]"  # another function key
    rb"|[]P^_X][^\x07\x1b]*(?:\x07|\x1b\\)"  # a longer answer
    rb"|[^\x1b[O\]P^_X])"  # a key with Alt
)
_PASTED, _PASTE_END = b"\x1b[200~", b"\x1b[201~"
_TOGETHER_SECONDS = 0.2
"""What belongs to one key comes within this, over a slow network too; an Escape before it was a key of its own."""
_PASTE_SECONDS = 2.0
"""Something pasted comes without such a pause; then keys are keys again, whether its end has come or not."""
_PASTED_LEAST = 3
"""Characters that come at once and are not all the same: nobody types so fast, not over a slow network either."""
_LONGEST = 256
"""Bytes of a sequence; what is longer is none."""


class KeyReader:
    """Gives letters and the like; arrows, function keys, answers of the terminal and what is pasted are no keys.

    A terminal that puts no marks around what is pasted gives many characters at once, which nobody types.
    """

    def __init__(self) -> None:
        self._rest = b""
        """Of a sequence whose end has not come."""
        self._is_pasting = False
        self._is_burst = False
        """Whether what came last was pasted without marks."""
        self._came_at = float("-inf")
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def take(self, received: bytes, now: float) -> str:
        """The keys, in small letters of half width. ``now``: seconds, monotonic."""
        silence, self._came_at = now - self._came_at, now
        if self._is_pasting and silence > _PASTE_SECONDS:
            self._is_pasting, self._rest = False, b""
        elif not self._is_pasting and silence > _TOGETHER_SECONDS:
            self._rest = b""
        waiting, self._rest = self._rest + received, b""
        pressed = b""
        while waiting:
            if self._is_pasting:
                waiting = self._after_paste(waiting)
                continue
            before, escape, sequence = waiting.partition(b"\x1b")
            pressed += before
            waiting = self._after_sequence(escape + sequence)
        # A Chinese input method may give letters and the space in full width.
        keys = unicodedata.normalize("NFKC", self._decoder.decode(pressed)).lower()
        # What is pasted may come in several pieces, the last one as short as a key.
        self._is_burst = _are_pasted(keys) or (self._is_burst and silence <= _TOGETHER_SECONDS)
        return "" if self._is_burst else keys

    def _after_sequence(self, waiting: bytes) -> bytes:
        """What follows the sequence in front; nothing where its end has not come."""
        found = _SEQUENCE.match(waiting)
        if found is not None:
            self._is_pasting = found[0] == _PASTED
            return waiting[found.end() :]
        if waiting[1:2] == b"\x1b" or len(waiting) > _LONGEST:
            return waiting[1:]
        self._rest = waiting
        return b""

    def _after_paste(self, waiting: bytes) -> bytes:
        _, end, after = waiting.partition(_PASTE_END)
        if end:
            self._is_pasting = False
            return after
        self._rest = waiting[1 - len(_PASTE_END) :]  # its end may come in two pieces
        return b""


def _are_pasted(keys: str) -> bool:
    printable = [key for key in keys if key.isprintable()]
    return len(printable) >= _PASTED_LEAST and len(set(printable)) > 1
