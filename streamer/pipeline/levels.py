"""The level of the sound, and what is wrong with the microphone."""

from __future__ import annotations

from collections import deque
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from streamer.settings.pipeline import PipelineSettings
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE
from streamer.vad.levels import SILENCE_DBFS, decibels

_FULL_SCALE = 32768.0
_CLIPPED = 32_700
"""Samples at or beyond it count as clipped: converters and resamplers stop a little short of full scale."""
_CLIPPING_LASTS = 5 * SAMPLE_RATE
"""A warning about clipping stays for so many samples after the last clipped second."""
_RELIEF_DB = 3.0
"""Speech must be so much louder than the limit before a warning about its level goes away."""

_MOST_WAITING = 50
"""Frames that may wait to be measured: a second."""


class Trouble(StrEnum):
    """What may be wrong with a microphone; the values are the keys of notices."""

    MUTED = "microphone.muted"
    CLIPPING = "microphone.clipping"
    QUIET = "microphone.quiet"


class LevelWatch:
    """Measures sound and knows what is wrong with it. Pure; it counts samples, not seconds."""

    def __init__(self, settings: PipelineSettings) -> None:
        self._settings = settings
        self._waiting = bytearray()
        """Frames that are not measured yet."""
        self._is_speech: list[bool] = []
        """Whether each of them is speech."""
        self._zeros = 0
        self._clipped: deque[int] = deque(maxlen=SAMPLE_RATE // FRAME_SAMPLES)
        self._clipped_at: int | None = None
        self._heard = 0
        self._speech_power = 0.0
        self._speech_samples = 0
        self._quiet = False
        self._level = SILENCE_DBFS
        self._peak = SILENCE_DBFS

    @property
    def speech_dbfs(self) -> float:
        """Level of the newest window of speech."""
        self._measure()
        return self._level

    def hear(self, pcm: bytes, *, is_speech: bool) -> None:
        """Take frames. They are measured together with their neighbours, when somebody asks: that costs a third."""
        self._waiting += pcm
        self._is_speech += [is_speech] * (len(pcm) // (2 * FRAME_SAMPLES))
        if len(self._is_speech) >= _MOST_WAITING:
            self._measure()

    def _measure(self) -> None:
        """Measure the frames that wait, one after another."""
        if not self._is_speech:
            return
        frames = np.frombuffer(bytes(self._waiting), "<i2").astype(np.float32).reshape(-1, FRAME_SAMPLES)
        squares = np.einsum("ij,ij->i", frames, frames).tolist()
        for samples, square, is_speech in zip(frames, squares, self._is_speech, strict=True):
            self._take(samples, square, is_speech=is_speech)
        self._peak = max(self._peak, decibels(max(squares) / FRAME_SAMPLES / _FULL_SCALE**2))
        self._waiting.clear()
        self._is_speech.clear()

    def _take(self, samples: npt.NDArray[np.float32], square: float, *, is_speech: bool) -> None:
        """Take a frame with the sum of its squares."""
        self._heard += FRAME_SAMPLES
        self._zeros = 0 if square else self._zeros + FRAME_SAMPLES
        # What is softer as a whole has no clipped sample.
        clipped = int(np.count_nonzero(np.abs(samples) >= _CLIPPED)) if square >= _CLIPPED**2 else 0
        self._clipped.append(clipped)
        if clipped and sum(self._clipped) >= self._settings.clipped_samples:
            self._clipped_at = self._heard
        if is_speech:
            self._hear_speech(square / FRAME_SAMPLES / _FULL_SCALE**2, FRAME_SAMPLES)

    def take_peak(self) -> float:
        """Level of the loudest frame since this was asked last, decibels below full scale."""
        self._measure()
        peak, self._peak = self._peak, SILENCE_DBFS
        return peak

    def troubles(self) -> frozenset[Trouble]:
        """What is wrong now."""
        self._measure()
        found = set()
        if self._zeros >= self._settings.muted_after_ms * SAMPLE_RATE // 1000:
            found.add(Trouble.MUTED)
        if self._clipped_at is not None and self._heard - self._clipped_at < _CLIPPING_LASTS:
            found.add(Trouble.CLIPPING)
        if self._quiet:
            found.add(Trouble.QUIET)
        return frozenset(found)

    def _hear_speech(self, power: float, samples: int) -> None:
        self._speech_power += power * samples
        self._speech_samples += samples
        if self._speech_samples < self._settings.quiet_window_ms * SAMPLE_RATE // 1000:
            return
        self._level = decibels(self._speech_power / self._speech_samples)
        self._quiet = self._level < self._settings.quiet_below_dbfs + (_RELIEF_DB if self._quiet else 0.0)
        self._speech_power, self._speech_samples = 0.0, 0
