"""What a room adds to speech, predicted from earlier frames and taken away: weighted prediction error (WPE).

T. Nakatani, T. Yoshioka, K. Kinoshita, M. Miyoshi, B.-H. Juang: "Speech dereverberation based on variance-normalized
delayed linear prediction", IEEE Transactions on Audio, Speech, and Language Processing 18(7), 2010. In every frequency
the spectrum is predicted from the frames 20 ms and more before, and what is predicted is the late reverberation. Frames
count by the inverse of their power, as the likelihood of speech of that power weights them; the power is that of the
sound itself over three frames, and one pass is made: on tune.tsv in rooms a second one, which takes the power of what
the first left, changes no more than .3 points of all characters wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.asr.stft import BINS, spectra_between

_DELAY: Final = 2
"""Frames from the newest predicting one to the predicted, 20 ms: what is nearer belongs to the speech."""
_BANDS: Final = ((0, 26, 30), (26, 101, 20), (101, BINS, 10))
"""Frequencies from, to, and the frames that predict there: up to 1 kHz 300 ms, to 4 kHz 200, above 100, as rooms sound.
Two thirds of them leave a sixteenth more errors, at half the time."""
_FRAMES_A_TAP: Final = 10
"""An utterance must be so many times as long as what predicts, else speech itself would be predicted."""
_FAINTEST: Final = np.float32(1e-3)
"""Share of a frequency's mean power below which no frame counts more."""
_LOAD: Final = np.float32(1e-5)
"""Share of the mean power added to the diagonal of the normal equations, so that they can be solved."""
_TOGETHER: Final = 8
"""Frequencies solved together: what is worked on stays in the processor's cache."""
_TRANSFORMED: Final = 128
"""Frames transformed together."""
REACH: Final = _DELAY + max(taps for _, _, taps in _BANDS) - 1
"""Frames before a frame that predict it at most."""

Parts = npt.NDArray[np.float32]
"""Spectra ``(201, 2, 31 + frames)``, real and imaginary parts: the first 31 frames only predict."""


@dataclass(frozen=True, slots=True)
class LateFilter:
    """How the late reverberation of some neighbouring frequencies follows from earlier frames."""

    first: int
    """The lowest frequency, in 40 Hz."""
    mixing: npt.NDArray[np.float32]
    """``(frequencies, 2, 2 · (1 + taps))``: from real and imaginary parts of a frame and those that predict it to the
    parts of what is left of it."""

    @property
    def bins(self) -> slice:
        """Its frequencies."""
        return slice(self.first, self.first + len(self.mixing))

    @property
    def taps(self) -> int:
        """Frames that predict."""
        return int(self.mixing.shape[2]) // 2 - 1


def parts_of(padded: npt.NDArray[np.float64], first: int, last: int) -> Parts:
    """The spectra of some frames of an utterance, and of those that predict them.

    Args:
        padded: its samples, with half a window more at both ends.
        first: the first frame.
        last: the frame after the last one.
    """
    parts = np.zeros((BINS, 2, REACH + last - first), np.float32)
    # A few at a time, so that what is worked on stays in the processor's cache, and no megabytes are asked for.
    for start in range(max(0, first - REACH), last, _TRANSFORMED):
        end = min(last, start + _TRANSFORMED)
        spectra, here = spectra_between(padded, start, end), slice(start - first + REACH, end - first + REACH)
        parts[:, 0, here], parts[:, 1, here] = spectra.real.T, spectra.imag.T
    return parts


def late_filters(parts: Parts) -> list[LateFilter]:
    """What predicts the late reverberation of an utterance; nothing for less than .1 s."""
    frames = parts.shape[2] - REACH
    found = []
    for first, last, most in _BANDS:
        taps = min(most, frames // _FRAMES_A_TAP)
        if taps:
            found += [LateFilter(bins.start, _mixing(parts[bins], taps)) for bins in _groups(first, last)]
    return found


def dry_power(parts: Parts, filters: list[LateFilter]) -> npt.NDArray[np.float64]:
    """Power of spectra without their late reverberation, ``(frames, 201)``."""
    power = np.empty((BINS, parts.shape[2] - REACH), np.float32)
    np.square(parts[:, 0, REACH:], out=power)
    power += np.square(parts[:, 1, REACH:])
    for each in filters:
        group = parts[each.bins]
        left = each.mixing @ _seen(group, each.taps).reshape(len(group), -1, power.shape[1])
        np.square(left[:, 0], out=power[each.bins])
        power[each.bins] += np.square(left[:, 1])
    return power.T.astype(np.float64, order="C")


def _groups(first: int, last: int) -> Iterator[slice]:
    for lowest in range(first, last, _TOGETHER):
        yield slice(lowest, min(lowest + _TOGETHER, last))


def _seen(group: Parts, taps: int, weights: npt.NDArray[np.float32] | None = None) -> npt.NDArray[np.float32]:
    """Every frame and those that predict it, ``(frequencies, 2, 1 + taps, frames)``, weighted if so."""
    frames = group.shape[2] - REACH
    seen = np.empty((len(group), 2, 1 + taps, frames), np.float32)
    group = np.ascontiguousarray(group)
    bin_step, part_step, step = group.strides
    earlier = np.ndarray(
        (len(group), 2, taps, frames), np.float32, group, (REACH - _DELAY) * step, (bin_step, part_step, -step, step)
    )
    if weights is None:
        seen[:, :, 0], seen[:, :, 1:] = group[:, :, REACH:], earlier
    else:
        np.multiply(group[:, :, REACH:], weights[:, None], out=seen[:, :, 0])
        np.multiply(earlier, weights[:, None, None], out=seen[:, :, 1:])
    return seen


def _mixing(group: Parts, taps: int) -> npt.NDArray[np.float32]:
    """Solve the normal equations of some frequencies; see :attr:`LateFilter.mixing`."""
    seen = _seen(group, taps, _weights(group)).reshape(len(group), 2 * (1 + taps), -1)
    # Products of real numbers: BLAS computes half of a matrix times itself, and cannot know one conjugated.
    gram = (seen @ seen.transpose(0, 2, 1)).reshape(len(group), 2, 1 + taps, 2, 1 + taps)
    products = gram[:, 0, :, 0] + gram[:, 1, :, 1] - 1j * (gram[:, 1, :, 0] - gram[:, 0, :, 1])
    among, wanted = products[:, 1:, 1:], products[:, 1:, 0]
    diagonal = range(taps)
    load = _LOAD * among[:, diagonal, diagonal].real.mean(axis=1) + np.float32(1e-12)
    among[:, diagonal, diagonal] += load[:, None]
    weights = np.linalg.solve(among, wanted[..., None])[..., 0]
    mixing = np.zeros((len(group), 2, 2, 1 + taps), np.float32)
    mixing[:, 0, 0, 0] = mixing[:, 1, 1, 0] = 1
    mixing[:, 0, 0, 1:] = mixing[:, 1, 1, 1:] = -weights.real
    mixing[:, 0, 1, 1:] = weights.imag
    mixing[:, 1, 0, 1:] = -weights.imag
    return mixing.reshape(len(group), 2, -1)


def _weights(group: Parts) -> npt.NDArray[np.float32]:
    """The inverse root of each frame's power, ``(frequencies, frames)``: a mean over its neighbours and itself."""
    parts = group[:, :, REACH:]
    power = np.square(parts[:, 0]) + np.square(parts[:, 1])
    mean = power.copy()
    mean[:, 1:] += power[:, :-1]
    mean[:, :-1] += power[:, 1:]
    mean *= np.float32(1 / 3)
    weights: npt.NDArray[np.float32] = 1 / np.sqrt(
        np.maximum(mean, _FAINTEST * mean.mean(axis=1, keepdims=True) + np.float32(1e-3))
    )
    return weights
