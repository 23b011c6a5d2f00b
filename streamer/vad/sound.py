"""What a sound shows without any model: level, voice, steady tones.

Speech has vowels: for some frames in a row the waveform repeats itself at the pitch of a voice. Wind, breath, typing
and fans do not. And a voice's pitch glides from frame to frame, where an instrument holds its note.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from streamer.types import FRAME_SAMPLES, SAMPLE_RATE
from streamer.vad.levels import SILENCE_DBFS

_WINDOW = 2 * FRAME_SAMPLES
"""Samples over which the pitch of a frame is sought: 40 ms, two periods of the lowest voice."""
_BLOCK = 8
"""Frames whose pitch one product seeks, a row a frame. Blocks always begin at the same frames and are always full, for
BLAS rounds a row by its place: however a sound has grown, the same is measured. For so few it starts no threads."""
_AT_ONCE = 8
"""Blocks worked on together. The arrays of more leave the processor's cache."""
_TURN = 1024
"""Samples in a period of the lowest frequency: window and longest period fit, so that the circular autocorrelation is
the linear one."""
_BAND_HZ = (100.0, 1200.0)
"""Where voices carry their pitch; above it noise hides it."""
_SHORTEST, _LONGEST = SAMPLE_RATE // 400, SAMPLE_RATE // 80
"""Periods of voices in samples: 400 to 80 Hz."""
_PERIODIC = 0.7
"""Normalised autocorrelation from which a frame is periodic."""
_VOICE_DB = 20.0
"""Frames so far below the loudest may still belong to a voice."""
_PITCH_DB = 10.0
"""Frames so far below the loudest say nothing about the pitch: music behind a speaker is not what is judged."""
_STEADY_OCTAVES = 0.003
"""Change of pitch between neighbouring frames up to which a tone is held: a thirtieth of a semitone."""

_FULL_SCALE = 32768.0
_FAINT = 1e-12
"""Autocorrelation below which there is nothing to repeat itself."""

_FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoundStatistics:
    """What was measured over one snapshot of an utterance."""

    level_dbfs: float = SILENCE_DBFS
    """Level that the loudest twentieth of the frames reach, decibels below full scale."""
    level_range_db: float = 0.0
    """Decibels between its softest tenth and its loudest tenth."""
    voiced_run: int = 0
    """Most frames in a row with the pitch of a voice; only loud frames where those alone are enough."""
    pitch_steps: int = 0
    """Neighbouring frames, among the loud ones, that both have a pitch."""
    steady_share: float = 0.0
    """Share of those steps in which the pitch stays the same; 0 without steps."""


class SoundMeter:
    """Measures a growing sound; what was measured of its beginning is kept.

    The pitch is sought only where it counts, which takes most of the time: in clear speech in two frames of five.
    """

    def __init__(self, enough: int = 1_000_000) -> None:
        """``enough``: frames in a row with a pitch that need not be exceeded."""
        self._enough = enough
        self._forget()

    def _forget(self) -> None:
        self._pcm = b""
        self._levels = np.zeros(0)
        self._periodicity = np.zeros(0)
        """NaN where it was not sought yet, as the pitch."""
        self._pitch = np.zeros(0)

    def measure(self, pcm: bytes) -> SoundStatistics:
        """Statistics of signed 16-bit little-endian samples; anything but a longer version of the last sound is new.

        Less than 40 ms give the statistics of silence.
        """
        if not pcm.startswith(self._pcm):
            self._forget()
        self._pcm = pcm
        known = self._levels.size
        frames = max(0, (len(pcm) // 2 - _WINDOW) // FRAME_SAMPLES + 1)
        if frames > known:
            samples = np.frombuffer(
                pcm, np.dtype("<i2"), (frames - known + 1) * FRAME_SAMPLES, 2 * known * FRAME_SAMPLES
            )
            self._levels = np.concatenate([self._levels, _levels_of(samples)])
            unknown = np.full(frames - known, np.nan)
            self._periodicity = np.concatenate([self._periodicity, unknown])
            self._pitch = np.concatenate([self._pitch, unknown])
        return self._statistics() if frames else SoundStatistics()

    def _seek_pitch(self, wanted: npt.NDArray[np.bool_]) -> None:
        """Measure periodicity and pitch of these frames, (frames,), where they are not known."""
        missing = (wanted & np.isnan(self._periodicity)).nonzero()[0]
        if not missing.size:
            return
        frames = np.frombuffer(self._pcm, np.dtype("<i2"), (wanted.size + 1) * FRAME_SAMPLES).reshape(-1, FRAME_SAMPLES)
        blocks = np.flatnonzero(np.bincount(missing // _BLOCK))
        places = blocks[:, None] * _BLOCK + np.arange(_BLOCK + 1)
        # Beyond the last frame it stands in for those that fill up its block.
        rows = frames[np.minimum(places, wanted.size)]
        found = np.concatenate([_correlation_of(rows[at : at + _AT_ONCE]) for at in range(0, blocks.size, _AT_ONCE)])
        places = places[:, :-1].ravel()
        known = places < wanted.size
        self._periodicity[places[known]], self._pitch[places[known]] = _pitch_of(found[known])

    def _statistics(self) -> SoundStatistics:
        soft, loud, loudest = quantiles(self._levels, 0.1, 0.9, 0.95)
        clear = self._levels > loudest - _PITCH_DB
        self._seek_pitch(clear)
        pitched = clear & (self._periodicity > _PERIODIC)
        voiced_run = _longest_run(pitched)
        if voiced_run < self._enough:
            audible = self._levels > loudest - _VOICE_DB
            self._seek_pitch(audible)
            voiced_run = _longest_run(audible & (self._periodicity > _PERIODIC))
        both = pitched[1:] & pitched[:-1]
        steps = np.abs(np.log2(self._pitch[1:][both]) - np.log2(self._pitch[:-1][both]))
        return SoundStatistics(
            level_dbfs=loudest,
            level_range_db=loud - soft,
            voiced_run=voiced_run,
            pitch_steps=int(steps.size),
            steady_share=float((steps < _STEADY_OCTAVES).mean()) if steps.size else 0.0,
        )


def quantiles(values: _FloatArray, *shares: float) -> tuple[float, ...]:
    """What ``numpy.quantile`` gives, bit for bit; that costs ten times as much and imports half a megabyte.

    Args:
        values: (n,) at least one.
        shares: of the values that lie below, 0 to 1.
    """
    ordered = np.sort(values).tolist()
    found = []
    for share in shares:
        place = share * (len(ordered) - 1)
        before = int(place)
        low, high, part = ordered[before], ordered[min(before + 1, len(ordered) - 1)], place - before
        found.append(high - (high - low) * (1.0 - part) if part >= 0.5 else low + (high - low) * part)
    return tuple(found)


def _levels_of(samples: npt.NDArray[np.int16]) -> _FloatArray:
    """Level of each frame but the last, dBFS, the mean of its window taken off. samples: (frames × FRAME_SAMPLES,)."""
    frames = samples.reshape(-1, FRAME_SAMPLES).astype(np.float64)
    # Exact in any order: whole numbers.
    sums, squares = np.einsum("ij->i", frames), np.matmul(frames[:, None], frames[..., None]).ravel()
    means = (sums[:-1] + sums[1:]) / _WINDOW
    powers = ((squares[:-1] - 2.0 * means * sums[:-1]) / FRAME_SAMPLES + means**2) / _FULL_SCALE**2
    levels: _FloatArray = 10.0 * np.log10(np.maximum(powers, 10.0 ** (SILENCE_DBFS / 10.0)))
    return levels


def _correlation_of(frames: npt.NDArray[np.int16]) -> npt.NDArray[np.float32]:
    """Autocorrelation of each window, (windows, lags).

    Args:
        frames: (blocks, _BLOCK + 1, FRAME_SAMPLES) those of a block, and the one that ends its last window.
    """
    tables = _pitch_tables()
    sound = frames.astype(np.float32)
    before, after = sound[:, :-1], np.ascontiguousarray(sound[:, 1:, ::-1])
    # Of a window only cosines see what both sides of its middle share, only sines what differs: half of each product.
    halves = np.empty((2, *before.shape), np.float32)
    np.add(before, after, out=halves[0])
    np.subtract(before, after, out=halves[1])
    waves = np.matmul(halves, tables.waves)
    np.square(waves, out=waves)
    correlation: npt.NDArray[np.float32] = np.matmul(waves[0] + waves[1], tables.lags)
    return correlation.reshape(-1, correlation.shape[-1])


def _pitch_of(correlation: npt.NDArray[np.float32]) -> tuple[_FloatArray, _FloatArray]:
    """Periodicity (0 to about 1) and pitch in hertz of each window, by its autocorrelation (windows, lags)."""
    best = correlation[:, 2:-1].argmax(axis=1) + 2
    each = np.arange(best.size)
    whole = np.maximum(correlation[:, 0], _FAINT)
    before, peak, after = (correlation[each, best + step].astype(np.float64) / whole for step in (-1, 0, 1))
    bend = before - 2.0 * peak + after
    offset = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0.0, 1.0, bend), 0.0)
    return peak, SAMPLE_RATE / (_SHORTEST - 2 + best + np.minimum(np.maximum(offset, -0.5), 0.5))


@dataclass(frozen=True, slots=True)
class _PitchTables:
    """What the autocorrelation of every window needs, by products: of so few frequencies quicker than by transforms."""

    waves: npt.NDArray[np.float32]
    """(2, 1, FRAME_SAMPLES, frequencies): cosines and sines of the band of voices over the first half of a window,
    tapered; less the mean of each cosine, so that they do not see a microphone's constant offset."""
    lags: npt.NDArray[np.float32]
    """(frequencies, lags): from their powers to the autocorrelation at 0, and from one below the shortest period to one
    above the longest; divided by that of the taper, which alone makes that of a window fall."""


@lru_cache(maxsize=1)
def _pitch_tables() -> _PitchTables:
    taper, lags = np.hanning(_WINDOW), np.array([0, *range(_SHORTEST - 1, _LONGEST + 2)])
    numbers = np.arange(_TURN // 2)
    hertz = numbers * SAMPLE_RATE / _TURN
    heard = 2.0 * np.pi / _TURN * numbers[(hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1])]
    angles = np.outer(np.arange(FRAME_SAMPLES) - (_WINDOW - 1) / 2, heard)
    half = taper[:FRAME_SAMPLES, None] / _FULL_SCALE
    cosines = half * np.cos(angles)
    waves = np.stack([cosines - cosines.mean(axis=0), half * np.sin(angles)])[:, None]
    own = np.array([taper[lag:] @ taper[: _WINDOW - lag] for lag in lags])
    correlations = 2.0 / _TURN * np.cos(np.outer(heard, lags)) * (own[0] / own)
    return _PitchTables(waves.astype(np.float32), correlations.astype(np.float32))


def _longest_run(flags: npt.NDArray[np.bool_]) -> int:
    """Most true values in a row."""
    false = (~flags).nonzero()[0]
    edges = np.empty(false.size + 2, np.int64)
    edges[0], edges[1:-1], edges[-1] = -1, false, flags.size
    return int((edges[1:] - edges[:-1]).max()) - 1
