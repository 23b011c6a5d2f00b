"""Unbroken speech, made of separate recordings: their silences trimmed, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.corpus import Recording
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE

Pcm = npt.NDArray[np.int16]

_DROP_DB = 24.0
"""Frames so far below a recording's loud ones (95 % quantile) are silence."""
_KEPT_FRAMES = 4
"""Frames that stay of every silence, at most: 80 ms, as between syllables."""
_FADE = SAMPLE_RATE // 200
"""Samples over which two parts are blended: 5 ms."""


@dataclass(frozen=True, slots=True)
class JoinedSpeech:
    """Some recordings in a row."""

    samples: Pcm
    parts: tuple[Recording, ...]
    borders: tuple[int, ...]
    """Where each part begins, and where the last one ends: one more than there are parts."""


def trimmed(samples: Pcm) -> Pcm:
    """A recording without the silence around it, and with all but 80 ms taken out of each silence inside."""
    count = len(samples) // FRAME_SAMPLES
    frames = samples[: count * FRAME_SAMPLES].reshape(count, FRAME_SAMPLES)
    powers = np.square(frames.astype(np.float64)).mean(axis=1) + 1e-3
    levels = 10.0 * np.log10(powers)
    loud = levels > np.quantile(levels, 0.95) - _DROP_DB
    kept = np.zeros(count, dtype=np.bool_)
    silent = 0
    for at in range(count):
        silent = 0 if loud[at] else silent + 1
        kept[at] = silent <= _KEPT_FRAMES
    first, last = np.flatnonzero(loud)[[0, -1]]
    kept[:first] = False
    kept[last + 1 :] = False
    runs = np.split(np.flatnonzero(kept), np.flatnonzero(np.diff(np.flatnonzero(kept)) > 1) + 1)
    return _blended([frames[run].reshape(-1) for run in runs])


def join(recordings: Sequence[Recording], seconds: float) -> list[JoinedSpeech]:
    """Recordings trimmed and joined in their order, each row at least so long; what is left over is a row as well."""
    rows: list[JoinedSpeech] = []
    parts: list[Recording] = []
    sounds: list[Pcm] = []
    for recording in recordings:
        parts.append(recording)
        sounds.append(trimmed(recording.samples()))
        if sum(len(sound) for sound in sounds) >= seconds * SAMPLE_RATE:
            rows.append(_row(parts, sounds))
            parts, sounds = [], []
    if parts:
        rows.append(_row(parts, sounds))
    return rows


def _row(parts: Sequence[Recording], sounds: Sequence[Pcm]) -> JoinedSpeech:
    lengths = [len(sound) - (_FADE if at else 0) for at, sound in enumerate(sounds)]
    borders = (0, *(int(end) for end in np.cumsum(lengths)))
    return JoinedSpeech(_blended(sounds), tuple(parts), borders)


def _blended(sounds: Sequence[Pcm]) -> Pcm:
    """Sounds in a row, each blended into the next."""
    rise = np.linspace(0.0, 1.0, _FADE)
    joined = sounds[0].astype(np.float64)
    rest = [joined[: len(joined) - _FADE]]
    tail = joined[len(joined) - _FADE :]
    for sound in sounds[1:]:
        following = sound.astype(np.float64)
        rest += [tail * rise[::-1] + following[:_FADE] * rise, following[_FADE : len(following) - _FADE]]
        tail = following[len(following) - _FADE :]
    return np.concatenate([*rest, tail]).round().astype(np.int16)
