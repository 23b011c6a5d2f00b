"""Where unbroken speech is cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamer.settings.segmenter import SegmenterSettings

FRAME_MS = 20
"""Milliseconds of a frame."""

_Powers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Cut:
    """A forced cut, in frames counted from the utterance's first."""

    left_end: int
    """The utterance keeps the frames before this one."""
    right_start: int
    """The next utterance begins with this frame; before ``left_end`` where the two overlap."""

    @property
    def overlap(self) -> int:
        """Frames that both utterances hold."""
        return self.left_end - self.right_start


def find_cut(levels: Sequence[float], active: Sequence[bool], settings: SegmenterSettings) -> Cut:
    """Cut at the quietest point of the last seconds that still fit.

    Both sides need some silence to be read rightly: only a pause is cut without an overlap.

    Args:
        levels: level of each frame in dBFS; more than ``max_utterance_ms`` of them.
        active: which frames hold speech; the utterance's speech level is theirs.
        settings: search range, window, drop and overlap.
    """
    longest = settings.max_utterance_ms // FRAME_MS
    half_overlap = settings.overlap_ms // FRAME_MS // 2
    # Not within what this utterance may share with the one before, nor where the next one would begin with this one or
    # hardly later: they would be cut for ever.
    first = max(longest - settings.cut_search_ms // FRAME_MS, 2 * half_overlap)
    half = max(1, settings.cut_window_ms // FRAME_MS // 2)
    powers = 10.0 ** (np.asarray(levels, dtype=np.float64) / 10.0)
    around = _means_around(powers, half)
    speech = float(powers[np.asarray(active, dtype=np.bool_)].mean()) if any(active) else float(powers.mean())

    pause = settings.cut_pause_ms // FRAME_MS // 2
    quietest = _last_minimum(around, first, longest)
    if powers[quietest - pause : quietest + pause].max() <= speech * 10.0 ** (-settings.cut_drop_db / 10.0):
        return Cut(left_end=quietest, right_start=quietest)
    middle = _last_minimum(around, first, longest - half_overlap)
    return Cut(left_end=middle + half_overlap, right_start=middle - half_overlap)


def _means_around(powers: _Powers, half: int) -> _Powers:
    """Mean of so many values before each place and as many from it on; of fewer at both ends."""
    count, at = len(powers), np.arange(len(powers))
    padded = np.concatenate([np.zeros(half), powers, np.zeros(half)])
    sums = np.zeros(count)
    for first in range(2 * half):
        sums += padded[first : first + count]
    sums /= np.minimum(at + half, count) - np.maximum(at - half, 0)
    return sums


def _last_minimum(values: _Powers, first: int, last: int) -> int:
    """Index of the minimum; the middle of the last run where several neighbours share it."""
    lowest = values[first : last + 1].min()
    end = last
    while values[end] > lowest:
        end -= 1
    start = end
    while start > first and values[start - 1] <= lowest:
        start -= 1
    return (start + end) // 2
