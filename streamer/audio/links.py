"""Links from minutes into the recording."""

from __future__ import annotations

from bisect import bisect_right
from pathlib import Path

from streamer.audio.pieces import COMPRESSED, RAW
from streamer.types import SAMPLE_RATE

_NEVER = -1
"""Time of change of a folder that was not listed."""


class AudioLinks:
    """Finds the file that holds a position. A piece that is still raw is linked under the name it will have."""

    def __init__(self, folder: Path) -> None:
        """``folder``: that of the pieces; links are relative to its parent."""
        self._folder = folder
        self._seen_ns = _NEVER
        self._starts: list[int] = []

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
            names = {path.stem for path in self._folder.iterdir() if path.suffix in (RAW, COMPRESSED)}
        except OSError:
            changed_ns, names = _NEVER, set()
        self._seen_ns = changed_ns
        self._starts = sorted(int(name) for name in names if name.isdigit())
