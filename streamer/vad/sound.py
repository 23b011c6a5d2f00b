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
_BLOCK = 32
"""Frames measured together. The arrays of more leave the processor's cache. Blocks always begin at the same frames, for
BLAS rounds a row by its place: however a sound has grown, the same is measured."""
_FFT = 1024
"""Window and longest period fit, so that the circular autocorrelation is the linear one."""
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

_FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class SoundStatistics:
    """What was measured over one snapshot of an utterance."""

    level_dbfs: float = SILENCE_DBFS
    """Level that the loudest twentieth of the frames reach, decibels below full scale."""
    level_range_db: float = 0.0
    """Decibels between its softest tenth and its loudest tenth."""
    voiced_run: int = 0
    """Most frames in a row with the pitch of a voice."""
    pitch_steps: int = 0
    """Neighbouring frames, among the loud ones, that both have a pitch."""
    steady_share: float = 0.0
    """Share of those steps in which the pitch stays the same; 0 without steps."""


class SoundMeter:
    """Measures a growing sound; what was measured of its beginning is kept."""

    def __init__(self) -> None:
        self._pcm = b""
        self._levels = self._periodicity = self._pitch = np.zeros(0)
        self._powers = np.zeros((0, 0))
        """(frames, bins) spectra of the last block, which may not be full."""

    def measure(self, pcm: bytes) -> SoundStatistics:
        """Statistics of signed 16-bit little-endian samples; anything but a longer version of the last sound is new.

        Less than 40 ms give the statistics of silence.
        """
        if not pcm.startswith(self._pcm):
            self._levels = self._periodicity = self._pitch = np.zeros(0)
        self._pcm = pcm
        frames = max(0, (len(pcm) // 2 - _WINDOW) // FRAME_SAMPLES + 1)
        if frames > self._levels.size:
            self._measure_blocks(pcm, frames)
        return self._statistics()

    def _measure_blocks(self, pcm: bytes, frames: int) -> None:
        """Measure what is new, and the pitch of the block that it completes once more: see :data:`_BLOCK`."""
        known = self._levels.size
        full = known // _BLOCK * _BLOCK
        levels, pitches = [self._levels], [(self._periodicity[:full], self._pitch[:full])]
        for block in range(full, frames, _BLOCK):
            first = max(block, known)
            count = min(block + _BLOCK, frames) - first
            size = (count - 1) * FRAME_SAMPLES + _WINDOW
            samples = np.frombuffer(pcm, np.dtype("<i2"), size, 2 * first * FRAME_SAMPLES) / 32768.0
            # As sliding_window_view gives them, in a fiftieth of the time.
            windows = np.ndarray((count, _WINDOW), samples.dtype, samples, strides=(8 * FRAME_SAMPLES, 8))
            centred = windows - windows.mean(axis=1, keepdims=True)
            levels.append(_levels_of(centred))
            fresh = _powers_of(centred)
            self._powers = fresh if first == block else np.concatenate([self._powers, fresh])
            pitches.append(_pitch_of(self._powers))
        self._levels = np.concatenate(levels)
        self._periodicity, self._pitch = (np.concatenate(part) for part in zip(*pitches, strict=True))

    def _statistics(self) -> SoundStatistics:
        if self._levels.size == 0:
            return SoundStatistics()
        soft, loud, loudest = quantiles(self._levels, 0.1, 0.9, 0.95)
        periodic = self._periodicity > _PERIODIC
        pitched = periodic & (self._levels > loudest - _PITCH_DB)
        both = pitched[1:] & pitched[:-1]
        steps = np.abs(np.diff(np.log2(self._pitch)))[both]
        return SoundStatistics(
            level_dbfs=loudest,
            level_range_db=loud - soft,
            voiced_run=_longest_run(periodic & (self._levels > loudest - _VOICE_DB)),
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


def _levels_of(centred: _FloatArray) -> _FloatArray:
    """Level of each frame, dBFS. centred: (frames, _WINDOW) without their means."""
    powers = np.maximum((centred[:, :FRAME_SAMPLES] ** 2).mean(axis=1), 10.0 ** (SILENCE_DBFS / 10.0))
    levels: _FloatArray = 10.0 * np.log10(powers)
    return levels


def _powers_of(centred: _FloatArray) -> _FloatArray:
    """Spectrum of each window in the band of voices, (frames, bins)."""
    tables = _pitch_tables()
    padded = np.zeros((len(centred), _FFT))
    np.multiply(centred, tables.taper, out=padded[:, :_WINDOW])  # the transform's own padding takes longer
    spectrum = np.fft.rfft(padded, axis=1)[:, tables.band]
    powers: _FloatArray = spectrum.real**2 + spectrum.imag**2
    return powers


def _pitch_of(powers: _FloatArray) -> tuple[_FloatArray, _FloatArray]:
    """Periodicity (0 to about 1) and pitch in hertz of each spectrum, by the autocorrelation."""
    tables = _pitch_tables()
    correlation = powers @ tables.waves
    normalised = correlation / np.maximum(correlation[:, :1], 1e-12) / tables.own
    best = _SHORTEST + normalised[:, _SHORTEST : _LONGEST + 1].argmax(axis=1)
    rows = np.arange(len(powers))
    before, peak, after = (normalised[rows, best + step] for step in (-1, 0, 1))
    bend = before - 2.0 * peak + after
    offset = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0.0, 1.0, bend), 0.0)
    return peak, SAMPLE_RATE / (best + np.clip(offset, -0.5, 0.5))


@dataclass(frozen=True, slots=True)
class _PitchTables:
    """What the autocorrelation of every window needs."""

    taper: _FloatArray
    """(_WINDOW,)"""
    band: slice
    """Bins of the spectrum that count."""
    waves: _FloatArray
    """(bins, _LONGEST + 2): from their powers to the autocorrelation; with so few bins quicker than a transform."""
    own: _FloatArray
    """(_LONGEST + 2,) autocorrelation of the taper, 1 at first: it alone makes that of a window fall."""


@lru_cache(maxsize=1)
def _pitch_tables() -> _PitchTables:
    taper, lags = np.hanning(_WINDOW), np.arange(_LONGEST + 2)
    hertz = np.fft.rfftfreq(_FFT, 1.0 / SAMPLE_RATE)
    bins = np.flatnonzero((hertz >= _BAND_HZ[0]) & (hertz <= _BAND_HZ[1]))
    own = np.fft.irfft(np.abs(np.fft.rfft(taper, _FFT)) ** 2)[lags]
    waves = 2.0 / _FFT * np.cos(2.0 * np.pi / _FFT * np.outer(bins, lags))
    return _PitchTables(taper, slice(int(bins[0]), int(bins[-1]) + 1), waves, own / own[0])


def _longest_run(flags: npt.NDArray[np.bool_]) -> int:
    """Most true values in a row."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0
