"""Two hearings of one utterance: the same model, given the same sound a little later, errs in other places.

What the acoustic model reads in unclear sound moves with where its steps fall. Both hearings together are nearer the
truth than either; but one may emit a syllable a step or two beside the other, and the mean of a syllable and a blank is
neither, so the second hearing is laid on the first step by step before they are averaged.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.asr.ctc import LogProbs
from streamer.asr.fbank import MAX_FRAMES

_REACH: Final = 2
"""Steps by which a syllable may lie elsewhere in the second hearing. On tune.tsv in six drawings one and three steps do
as well; without any, errors rise by a quarter instead of falling by a fifteenth."""
_BLANK_SHARE: Final = np.float32(0.5)
"""How much agreeing on the blank counts where one is laid on the other: most steps are blank, and say little."""
_NOTICED: Final = np.float32(np.log(0.01))
"""Columns that are nowhere as probable as this are left out when steps are compared: a few dozen of 1,738 remain."""
_SURE: Final = np.float32(np.log(0.9))
"""Steps as surely blank as this, six of seven, stay as the first hearing has them: .9 to .995 are read alike."""
_AROUND: Final = 6
"""Steps before and behind what may be no blank that are heard again with it, 240 ms: no more errors than with all.
With four and fewer, syllables at the edges are lost."""

_Steps = npt.NDArray[np.intp]


def later(features: npt.NDArray[np.float32], frames: int) -> npt.NDArray[np.float32]:
    """The same sound so many feature frames later, its first frame held so long.

    Args:
        features: ``(frames, 80)``, at least one frame.
        frames: of 10 ms; what no longer fits into 1001 frames is left out at the end.
    """
    return np.concatenate([np.repeat(features[:1], frames, axis=0), features])[:MAX_FRAMES]


def doubtful_span(first: LogProbs, blank_id: int) -> tuple[int, int]:
    """The steps of a hearing that a second one can change, and some around them: the others are surely blank.

    Args:
        first: ``(steps, columns)`` natural logarithms.
        blank_id: column of the blank.

    Returns:
        The first one, an even number, so that both hearings' steps of 80 ms fall alike, and that behind the last; 0 and
        0 where all are surely blank.
    """
    steps = open_steps(first, blank_id)
    if not len(steps):
        return 0, 0
    begin = max(0, int(steps[0]) - _AROUND)
    return begin - begin % 2, min(len(first), int(steps[-1]) + 1 + _AROUND)


def mean_hearing(
    first: LogProbs,
    second: LogProbs,
    blank_id: int,
    *,
    until: int | None = None,
    begin: int = 0,
    in_place: bool = False,
) -> LogProbs:
    """The geometric mean of both hearings' probabilities, normalised, in the steps of the first.

    Args:
        first: ``(steps, columns)`` natural logarithms.
        second: the same of the same sound, which may have a step more.
        blank_id: column of the blank.
        until: the step of the first from which on it stands alone; None: the second is as long.
        begin: the step of the first at which the second begins.
        in_place: whether the mean takes the place of the first, where that is not needed any more.
    """
    mean = first if in_place else first.copy()
    steps = open_steps(first[:until], blank_id)
    if len(steps):
        heard = first[steps]
        joint = second[_places(steps - begin, heard, second, blank_id)]
        joint += heard
        joint *= np.float32(0.5)
        joint -= np.log(np.exp(joint).sum(axis=1, keepdims=True))
        mean[steps] = joint
    return mean


def open_steps(heard: LogProbs, blank_id: int) -> _Steps:
    """Steps of a hearing, ``(steps, columns)``, that are not surely blank."""
    return np.flatnonzero(heard[:, blank_id] < _SURE)


def _places(steps: _Steps, first: LogProbs, second: LogProbs, blank_id: int) -> _Steps:
    """The step of the second hearing that is most like each of these steps of the first.

    Like are steps whose distributions overlap most (Bhattacharyya's coefficient, Σ √(p·q)).
    """
    noticed = np.flatnonzero(first.max(axis=0) > _NOTICED)
    one, other = np.exp(first[:, noticed] / 2), np.exp(second[:, noticed] / 2)
    one[:, noticed == blank_id] *= _BLANK_SHARE
    shifts = np.arange(-_REACH, _REACH + 1)[:, None]
    places = np.clip(steps + shifts, 0, len(second) - 1)
    overlaps = np.einsum("sc,dsc->ds", one, other[places])
    found: _Steps = places[overlaps.argmax(axis=0), np.arange(len(steps))]
    return found
