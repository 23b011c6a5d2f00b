"""Links from minutes into the recording."""

from __future__ import annotations

import os
from array import array
from bisect import bisect_left, bisect_right
from pathlib import Path

from streamer.audio.pieces import COMPRESSED, RAW
from streamer.types import SAMPLE_RATE

_NEVER = -1
"""Time of change of a folder that was not listed."""
_DIGITS = 18
"""Of the longest name that eight bytes can hold."""


class AudioLinks:
    """Finds the file that holds a position. A piece that is still raw is linked under the name it will have."""

    def __init__(self, folder: Path) -> None:
        """``folder``: that of the pieces; links are relative to its parent."""
        self._folder = folder
        self._seen_ns = _NEVER
        self._starts: array[int] = array("q")

    def __call__(self, sample: int) -> str | None:
        """``audio/000000960000.flac#t=12.3`` (a media fragment, in seconds); None where nothing is recorded."""
        self._look()
        place = bisect_right(self._starts, sample)
        if not place:
            return None
        start = self._starts[place - 1]
        seconds = (sample - start) / SAMPLE_RATE
        return f"{self._folder.name}/{start:012d}{COMPRESSED}#t={seconds:.1f}"

    def _look(self) -> None:
        """List the folder again when it has changed, or could not be listed."""
        try:
            changed_ns = self._folder.stat().st_mtime_ns
            if changed_ns == self._seen_ns:
                return
            starts = _starts(self._folder)
        except OSError:
            changed_ns, starts = _NEVER, array("q")
        self._seen_ns, self._starts = changed_ns, starts


def _starts(folder: Path) -> array[int]:
    """Where the pieces in a folder begin, ascending. Raises OSError.

    Entry by entry into eight bytes each: a folder changes several times a minute, and a list of all names would take
    more of Python's small blocks with every hour of the meeting.
    """
    found = array("q")
    with os.scandir(folder) as entries:
        for entry in entries:
            name, suffix = os.path.splitext(entry.name)  # noqa: PTH122 - no Path for each: see piece_path
            if suffix in {RAW, COMPRESSED} and name.isdecimal() and len(name) <= _DIGITS:
                start = int(name)
                place = bisect_left(found, start)
                if place == len(found) or found[place] != start:  # raw and compressed at once
                    found.insert(place, start)
    return found
