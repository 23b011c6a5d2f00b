"""What the segmenter remembers of the frames that it has heard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FRAME_SAMPLES
from streamer.vad.cut import FRAME_MS
from streamer.vad.levels import SILENCE_DBFS, decibels, power

FRAME_BYTES: Final = 2 * FRAME_SAMPLES

SILENT: Final = 0
"""A frame without speech."""
TAIL: Final = 1
"""One that would be voiced, did it not follow much louder speech."""
SOFT: Final = 2
"""Voiced, as all kinds from here on: the detector hears speech, loud enough to go on."""
LOUD: Final = 3
"""Loud enough to begin with, too."""


class Heard:
    """Frames in a row, the oldest first: a column for what is known of each, for an object each would cost more."""

    __slots__ = ("floors", "kinds", "levels", "pcm")

    def __init__(self) -> None:
        self.kinds = bytearray()
        """:data:`SILENT` to :data:`LOUD`."""
        self.levels: list[float] = []
        """Decibels below full scale."""
        self.floors: list[float] = []
        """Level of what sounds when nobody speaks, as far as is known at each."""
        self.pcm = bytearray()
        """Their sound, and that of those that came with them."""

    def __len__(self) -> int:
        return len(self.kinds)

    def forget(self, frames: int) -> None:
        """Let go of the oldest ones."""
        if frames > 0:
            del self.kinds[:frames], self.levels[:frames], self.floors[:frames], self.pcm[: frames * FRAME_BYTES]

    def first_tail(self, voiced: int, window: int) -> int:
        """Where the tail began that led up to a voiced frame, never silent for ``window`` frames; it, if none did."""
        first = voiced
        while (tail := self.kinds.find(TAIL, max(0, first - window), first)) >= 0:
            first = tail
        return first


@dataclass(slots=True)
class OpenUtterance:
    """The utterance that grows; it holds all frames heard since its start."""

    id: int
    active_end: int
    """Frames up to and including the newest that kept it going."""
    overlap_samples: int = 0
    revision: int = -1
    snapshot_frames: int = 0
    """In its newest snapshot."""
    snapshot_pcm: bytes = b""
    """Their sound: the final shares it with the snapshot of the pause before its end."""
    paused: bool = False
    voiced_power: float = 0.0
    """Sum over its voiced frames; their mean is the level of the speech."""
    voiced_count: int = 0
    speech_level: float = SILENCE_DBFS
    """That mean, dBFS."""
    measured: int = 0
    """Frames that are in that sum, or were found not to be voiced."""

    def measure(self, heard: Heard) -> None:
        """Bring the level of its voiced frames up to the newest of all its frames."""
        known, first = self.voiced_count, self.measured
        for kind, level in zip(heard.kinds[first:], heard.levels[first:], strict=True):
            if kind >= SOFT:
                self.voiced_power += power(level)
                self.voiced_count += 1
        self.measured = len(heard)
        if self.voiced_count > known:
            self.speech_level = decibels(self.voiced_power / self.voiced_count)

    def take_in(self, levels: Sequence[float], tail_drop_db: float) -> int:
        """Bring its level, which is known, up to voiced frames that come next, until one may be a tail of the speech.

        Args:
            levels: of the frames, dBFS.
            tail_drop_db: decibels below the speech from which on a frame may be one.

        Returns:
            How many were taken in.
        """
        # The speech cannot become louder than its loudest frame, rounding aside.
        below = 0.01 - tail_drop_db
        surely_none = max(self.speech_level, *levels) + below
        total, count = self.voiced_power, self.voiced_count
        for level in levels:
            if level < surely_none and level < decibels(total / count) + below:
                break
            total, count = total + power(level), count + 1
        taken = count - self.voiced_count
        if taken:
            self.voiced_power, self.voiced_count, self.speech_level = total, count, decibels(total / count)
            self.measured += taken
        return taken

    def softest(self, settings: SegmenterSettings) -> float:
        """Level from which a frame may keep it going that is not voiced, dBFS."""
        return max(self.speech_level - settings.keep_drop_db, settings.keep_level_dbfs)

    def silent_frames_to_event(self, frames: int, settings: SegmenterSettings) -> int:
        """Frames until it pauses, or ends if it has paused, unless one of them keeps it going.

        Args:
            frames: heard since its start.
            settings: when it does.
        """
        milliseconds = self.end_silence_ms(settings) if self.paused else settings.pause_ms
        return math.ceil(milliseconds / FRAME_MS) - (frames - self.active_end)

    def span(self, frames: int, settings: SegmenterSettings) -> int:
        """Frames that belong to it if nothing is added to it.

        Args:
            frames: heard since its start.
            settings: how long its pause is, and how long it may be.
        """
        longest = settings.max_utterance_ms // FRAME_MS
        return min(frames, self.active_end + settings.pause_ms // FRAME_MS, longest)

    def end_silence_ms(self, settings: SegmenterSettings) -> float:
        """Silence that ends it: the shorter, the longer it has become."""
        length_ms = self.active_end * FRAME_MS
        if length_ms <= settings.shorten_from_ms:
            return settings.end_silence_ms
        if length_ms >= settings.shorten_until_ms:
            return settings.end_silence_min_ms
        grown = (length_ms - settings.shorten_from_ms) / (settings.shorten_until_ms - settings.shorten_from_ms)
        return settings.end_silence_ms - grown * (settings.end_silence_ms - settings.end_silence_min_ms)


@dataclass(slots=True)
class Tail:
    """What the detector may take for speech because speech has just ended."""

    end_sample: int = 0
    below: float = -math.inf
    """Only frames softer than this, dBFS, belong to it."""

    def follow(self, level: float, below: float, end_sample: int) -> None:
        """Expect it after a frame of speech, unless that is so soft itself: it has outlasted a tail, and is speech."""
        if level >= below:
            self.end_sample, self.below = end_sample, below

    def holds(self, position: int, level: float) -> bool:
        """Whether a frame belongs to it in which the detector hears speech."""
        return position < self.end_sample and level < self.below


def keeps_going(heard: Heard, softest: float, settings: SegmenterSettings) -> bool:
    """Whether the newest frame is speech, and enough of those before it are.

    Speech is what is voiced, or nearly as loud as what was said (``softest``, :meth:`OpenUtterance.softest`) and well
    above the noise: the detector alone gives soft syllables up after loud ones.
    """
    missing = settings.keep_voiced_frames
    kinds, levels, floors = heard.kinds, heard.levels, heard.floors
    for at in range(-1, -min(settings.keep_window_frames, len(kinds)) - 1, -1):
        if kinds[at] >= SOFT or (levels[at] >= softest and levels[at] >= floors[at] + settings.floor_rise_db):
            missing -= 1
            if not missing:
                return True
        elif missing == settings.keep_voiced_frames:
            return False  # the newest is none
    return False
