"""What the segmenter remembers of the frames that it has heard."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple


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
    measured: int = 0
    """Frames that are in that sum, or were found not to be voiced."""


@dataclass(frozen=True, slots=True)
class Tail:
    """What the detector may take for speech because speech has just ended."""

    end_sample: int = 0
    below: float = -math.inf
    """Only frames softer than this, dBFS, belong to it."""
