"""What the segmenter remembers of the frames that it has heard."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from streamer.settings.segmenter import SegmenterSettings
from streamer.vad.levels import SILENCE_DBFS, decibels, power


class Heard(NamedTuple):
    """What was decided about a frame."""

    level: float
    is_voiced: bool
    """Whether the detector hears speech, loud enough to go on."""
    is_tail: bool
    """Whether it would be voiced, did it not follow much louder speech."""
    may_start: bool
    """Whether it is loud enough to begin with, too."""
    floor: float
    """Level of what sounds when nobody speaks, as far as is known here."""


@dataclass(slots=True)
class OpenUtterance:
    """The utterance that grows; it holds all frames heard since its start."""

    id: int
    active_end: int
    """Frames up to and including the newest that kept it going."""
    overlap_samples: int = 0
    revision: int = -1
    snapshot_frames: int = 0
    paused: bool = False
    voiced_power: float = 0.0
    """Sum over its voiced frames; their mean is the level of the speech."""
    voiced_count: int = 0
    speech_level: float = SILENCE_DBFS
    """That mean, dBFS."""
    measured: int = 0
    """Frames that are in that sum, or were found not to be voiced."""

    def measure(self, heard: Sequence[Heard]) -> None:
        """Bring the level of its voiced frames up to the newest of all its frames."""
        known = self.voiced_count
        for each in heard[self.measured :]:
            if each.is_voiced:
                self.voiced_power += power(each.level)
                self.voiced_count += 1
        self.measured = len(heard)
        if self.voiced_count > known:
            self.speech_level = decibels(self.voiced_power / self.voiced_count)


@dataclass(slots=True)
class Tail:
    """What the detector may take for speech because speech has just ended."""

    end_sample: int = 0
    below: float = -math.inf
    """Only frames softer than this, dBFS, belong to it."""


def keeps_going(heard: Sequence[Heard], speech_level: float, settings: SegmenterSettings) -> bool:
    """Whether the newest frame is speech, and enough of those before it are.

    Speech is what is voiced, or nearly as loud as what was said and well above the noise: the detector alone gives soft
    syllables up after loud ones.
    """
    softest = max(speech_level - settings.keep_drop_db, settings.keep_level_dbfs)
    missing = settings.keep_voiced_frames
    for level, is_voiced, _, _, floor in reversed(heard[-settings.keep_window_frames :]):
        if is_voiced or (level >= softest and level >= floor + settings.floor_rise_db):
            missing -= 1
            if not missing:
                return True
        elif missing == settings.keep_voiced_frames:
            return False  # the newest is none
    return False


def frames_to_go_on(heard: Sequence[Heard], settings: SegmenterSettings) -> int:
    """Frames, 1 or more, before which :func:`keeps_going` does not hold, whatever they and the speech so far are."""
    newest = heard[len(heard) + 1 - settings.keep_window_frames :]
    may_count = [
        each.is_voiced or each.level >= max(settings.keep_level_dbfs, each.floor + settings.floor_rise_db)
        for each in newest
    ]
    return max(1, settings.keep_voiced_frames - sum(may_count))
