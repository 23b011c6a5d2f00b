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
"""Frames of which one product makes the autocorrelations, a row a frame. Blocks always begin at the same frames and are
always full, for BLAS rounds a row by its place: however a sound has grown, the same is measured."""
_AT_ONCE = 64
"""Frames transformed together. The arrays of more leave the processor's cache."""
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

_FULL_SCALE = 32768.0

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

    def _windows(self, frames: int) -> npt.NDArray[np.int16]:
        """The samples of so many first frames, (frames, _WINDOW)."""
        samples = np.frombuffer(self._pcm, np.dtype("<i2"))
        # As sliding_window_view gives them, in a fiftieth of the time.
        return np.ndarray((frames, _WINDOW), samples.dtype, samples, strides=(2 * FRAME_SAMPLES, 2))

    def _seek_pitch(self, wanted: npt.NDArray[np.bool_]) -> None:
        """Measure periodicity and pitch of these frames, (frames,), where they are not known."""
        missing = (wanted & np.isnan(self._periodicity)).nonzero()[0]
        if missing.size:
            windows = self._windows(wanted.size)
            powers = [_powers_of(windows[missing[at : at + _AT_ONCE]]) for at in range(0, missing.size, _AT_ONCE)]
            self._periodicity[missing], self._pitch[missing] = _pitch_of(np.concatenate(powers), missing)

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
    sums, squares = frames.sum(axis=1), np.einsum("ij,ij->i", frames, frames)  # exact: whole numbers
    means = (sums[:-1] + sums[1:]) / _WINDOW
    powers = ((squares[:-1] - 2.0 * means * sums[:-1]) / FRAME_SAMPLES + means**2) / _FULL_SCALE**2
    levels: _FloatArray = 10.0 * np.log10(np.maximum(powers, 10.0 ** (SILENCE_DBFS / 10.0)))
    return levels


def _powers_of(windows: npt.NDArray[np.int16]) -> _FloatArray:
    """Spectrum of each window in the band of voices, (frames, bins). windows: (frames, _WINDOW)."""
    tables = _pitch_tables()
    padded = np.zeros((len(windows), _FFT))
    inner = padded[:, :_WINDOW]  # the transform's own padding takes longer
    np.multiply(windows, 1.0 / _FULL_SCALE, out=inner)
    inner -= inner.mean(axis=1, keepdims=True)
    inner *= tables.taper
    spectrum = np.fft.rfft(padded, axis=1)[:, tables.band]
    powers: _FloatArray = spectrum.real**2 + spectrum.imag**2
    return powers


def _pitch_of(powers: _FloatArray, frames: npt.NDArray[np.int64]) -> tuple[_FloatArray, _FloatArray]:
    """Periodicity (0 to about 1) and pitch in hertz of each spectrum, by the autocorrelation.

    Args:
        powers: (frames, bins).
        frames: (frames,) which frames of the sound they are, ascending.
    """
    tables = _pitch_tables()
    blocks, rows = np.divmod(frames, _BLOCK)
    places = np.zeros_like(blocks)
    np.cumsum(blocks[1:] != blocks[:-1], out=places[1:])
    filled = np.zeros((int(places[-1]) + 1, _BLOCK, tables.waves.shape[0]))
    filled[places, rows] = powers
    correlation = np.matmul(filled, tables.waves)[places, rows]
    normalised = correlation / np.maximum(correlation[:, :1], 1e-12) / tables.own
    best = _SHORTEST + normalised[:, _SHORTEST : _LONGEST + 1].argmax(axis=1)
    each = np.arange(frames.size)
    before, peak, after = (normalised[each, best + step] for step in (-1, 0, 1))
    bend = before - 2.0 * peak + after
    offset = np.where(np.abs(bend) > 1e-9, 0.5 * (before - after) / np.where(bend == 0.0, 1.0, bend), 0.0)
    return peak, SAMPLE_RATE / (best + np.minimum(np.maximum(offset, -0.5), 0.5))


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
    false = (~flags).nonzero()[0]
    edges = np.empty(false.size + 2, np.int64)
    edges[0], edges[1:-1], edges[-1] = -1, false, flags.size
    return int((edges[1:] - edges[:-1]).max()) - 1
