"""Sounds in which nobody speaks to the microphone, made by calculation (babble: from recordings)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import soundfile

from streamer.types import SAMPLE_RATE

Samples = npt.NDArray[np.float64]
"""Mono at 16 kHz, full scale ±1."""

LEVELS_DBFS = (-30.0, -36.0, -42.0, -48.0, -54.0)
"""Levels that a noise goes through, one after the other: from a loud fan beside the microphone to a quiet room."""

_FLOOR_DBFS = -75.0
"""Level of the microphone's own noise under everything."""


def silence(seconds: float, rng: np.random.Generator) -> Samples:
    """The microphone's own noise, with stretches of exact zeros."""
    sound = white(seconds, rng) * _amplitude(_FLOOR_DBFS)
    starts = rng.uniform(0, seconds, size=int(seconds / 10) + 1)
    for start in starts:
        sound[int(start * SAMPLE_RATE) : int((start + rng.uniform(0.1, 3.0)) * SAMPLE_RATE)] = 0.0
    return sound


def white(seconds: float, rng: np.random.Generator) -> Samples:
    """White noise at full level (root mean square 1)."""
    return rng.standard_normal(int(seconds * SAMPLE_RATE))


def pink(seconds: float, rng: np.random.Generator) -> Samples:
    """Noise with 3 dB less an octave: fans, rooms."""
    return _coloured(seconds, rng, lambda hertz: 1.0 / np.sqrt(np.maximum(hertz, 20.0)))


def hum(seconds: float, rng: np.random.Generator) -> Samples:
    """Mains hum: 50 Hz and its overtones, drifting a little."""
    time = _time(seconds)
    drift = np.cumsum(rng.standard_normal(time.size)) * 1e-5
    strengths = {1: 1.0, 2: 0.8, 3: 0.5, 4: 0.35, 5: 0.25, 6: 0.3, 8: 0.1, 12: 0.06}
    tones = sum(
        strength * np.sin(2 * np.pi * 50 * overtone * time + overtone * drift + rng.uniform(0, 6))
        for overtone, strength in strengths.items()
    )
    return np.asarray(tones) + 0.02 * white(seconds, rng)


def clicks(seconds: float, rng: np.random.Generator) -> Samples:
    """Typing and mouse clicks: short ringing bursts, in runs with pauses between them."""
    sound = np.zeros(int(seconds * SAMPLE_RATE))
    at = 0.0
    while at < seconds - 0.1:
        _add_click(sound, int(at * SAMPLE_RATE), rng)
        if rng.random() < 0.8:
            _add_click(sound, int((at + rng.uniform(0.04, 0.09)) * SAMPLE_RATE), rng, strength=0.5)
        at += rng.uniform(1.0, 4.0) if rng.random() < 0.05 else rng.gamma(4.0, 0.045)
    return sound + 0.002 * white(seconds, rng)


def music(seconds: float, rng: np.random.Generator) -> Samples:
    """A band: plucked chords, a sung-like lead with vibrato, bass and drums."""
    sound = np.zeros(int((seconds + 4) * SAMPLE_RATE))
    beat = 60.0 / rng.uniform(80, 130)
    scale = np.asarray([0, 2, 4, 5, 7, 9, 11])
    at, bar = 0.0, 0
    while at < seconds:
        root = int(rng.choice([0, 3, 4, 5]))
        for step in (0, 2, 4):
            note = 48 + scale[(root + step) % 7] + 12 * ((root + step) // 7)
            _add(sound, at, _pluck(_hertz(note), 4 * beat, rng) * 0.5)
        _add(sound, at, _pluck(_hertz(36 + scale[root]), 4 * beat, rng))
        for quarter in range(4):
            start = at + quarter * beat
            _add(sound, start, _drum(rng, low=quarter % 2 == 0) * 0.7)
            if rng.random() < 0.8:
                lead = 60 + int(rng.choice(scale)) + 12 * int(rng.integers(0, 2))
                _add(sound, start, _lead(_hertz(lead), beat * rng.uniform(0.5, 1.0), rng))
        at, bar = at + 4 * beat, bar + 1
    return sound[: int(seconds * SAMPLE_RATE)]


def breath(seconds: float, rng: np.random.Generator) -> Samples:
    """Breathing into a microphone: swelling noise, about fifteen times a minute."""
    sound = np.zeros(int(seconds * SAMPLE_RATE))
    at = 0.5
    while at < seconds - 3:
        length = rng.uniform(0.7, 1.6)
        airway = _Airway(rng.uniform(600, 2500))
        swell = np.hanning(int(length * SAMPLE_RATE)) ** 1.5
        puff = _coloured(length, rng, airway.gain)
        _add(sound, at, puff[: swell.size] * swell)
        at += length + rng.uniform(0.6, 2.0)
    return sound + 0.003 * white(seconds, rng)


def babble(seconds: float, rng: np.random.Generator, recordings: Sequence[Path], voices: int = 8) -> Samples:
    """People talking far away, all at once: recordings laid over one another, dulled by distance."""
    total = np.zeros(int(seconds * SAMPLE_RATE))
    for _ in range(voices):
        at = int(rng.uniform(0, 2) * SAMPLE_RATE)
        while at < total.size:
            sound, _rate = soundfile.read(recordings[int(rng.integers(len(recordings)))], dtype="float64")
            sound = sound / max(1e-9, float(np.sqrt(np.mean(sound**2))))
            part = sound[: total.size - at]
            total[at : at + part.size] += part
            at += sound.size + int(rng.uniform(0.0, 0.4) * SAMPLE_RATE)
    room = np.exp(-np.arange(int(0.3 * SAMPLE_RATE)) / (0.06 * SAMPLE_RATE)) * rng.standard_normal(
        int(0.3 * SAMPLE_RATE)
    )
    size = total.size + room.size
    wet = np.fft.irfft(np.fft.rfft(total, size) * np.fft.rfft(room, size), size)[: total.size]
    return np.asarray(wet)


def at_levels(sound: Samples, rng: np.random.Generator, levels: Sequence[float] = LEVELS_DBFS) -> npt.NDArray[np.int16]:
    """A noise going through levels in equal parts, over the microphone's own noise, as 16-bit samples."""
    parts = np.array_split(sound, len(levels))
    scaled = [
        part / max(1e-9, float(np.sqrt(np.mean(part**2)))) * _amplitude(level)
        for part, level in zip(parts, levels, strict=True)
    ]
    joined = np.concatenate(scaled)
    joined = joined + rng.standard_normal(joined.size) * _amplitude(_FLOOR_DBFS)
    return (np.clip(joined, -1.0, 32767 / 32768) * 32768).astype(np.int16)


KINDS: dict[str, Callable[[float, np.random.Generator], Samples]] = {
    "white": white,
    "pink": pink,
    "hum": hum,
    "clicks": clicks,
    "music": music,
    "breath": breath,
}
"""Noises that need no recordings."""


@dataclass(frozen=True, slots=True)
class _Airway:
    """What a breath sounds through."""

    centre_hertz: float

    def gain(self, hertz: Samples) -> Samples:
        return np.asarray(np.exp(-(((hertz - self.centre_hertz) / 1500) ** 2)) + 0.02)


def _amplitude(dbfs: float) -> float:
    return float(10.0 ** (dbfs / 20.0))


def _time(seconds: float) -> Samples:
    return np.arange(int(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def _hertz(note: float) -> float:
    """Frequency of a MIDI note."""
    return float(440.0 * 2.0 ** ((note - 69) / 12))


def _add(sound: Samples, at: float, part: Samples) -> None:
    start = int(at * SAMPLE_RATE)
    part = part[: max(0, sound.size - start)]
    sound[start : start + part.size] += part


def _coloured(seconds: float, rng: np.random.Generator, gain: Callable[[Samples], Samples]) -> Samples:
    noise = rng.standard_normal(int(seconds * SAMPLE_RATE))
    hertz = np.fft.rfftfreq(noise.size, 1 / SAMPLE_RATE)
    shaped = np.fft.irfft(np.fft.rfft(noise) * gain(hertz.astype(np.float64)), noise.size)
    return np.asarray(shaped / np.sqrt(np.mean(shaped**2)))


def _add_click(sound: Samples, at: int, rng: np.random.Generator, strength: float = 1.0) -> None:
    length = int(rng.uniform(0.008, 0.03) * SAMPLE_RATE)
    time = np.arange(length) / SAMPLE_RATE
    ring = np.sin(2 * np.pi * rng.uniform(900, 5000) * time) + 0.7 * rng.standard_normal(length)
    part = strength * rng.uniform(0.4, 1.0) * ring * np.exp(-time / rng.uniform(0.001, 0.006))
    part = part[: max(0, sound.size - at)]
    sound[at : at + part.size] += part


def _pluck(hertz: float, seconds: float, rng: np.random.Generator) -> Samples:
    time = _time(seconds)
    tones = [
        np.sin(2 * np.pi * hertz * overtone * time + rng.uniform(0, 6))
        * np.exp(-time * (1.0 + 0.8 * overtone))
        / overtone
        for overtone in range(1, 9)
        if hertz * overtone < SAMPLE_RATE / 2
    ]
    return np.asarray(sum(tones)) * np.minimum(1.0, time / 0.005)


def _lead(hertz: float, seconds: float, rng: np.random.Generator) -> Samples:
    time = _time(seconds)
    vibrato = 2 * np.pi * hertz * time + 0.35 * np.sin(2 * np.pi * rng.uniform(4.5, 6.5) * time)
    formant = rng.uniform(500, 1800)
    tones = [
        np.sin(overtone * vibrato) * (0.15 + np.exp(-(((hertz * overtone - formant) / 500) ** 2))) / np.sqrt(overtone)
        for overtone in range(1, 13)
        if hertz * overtone < SAMPLE_RATE / 2
    ]
    envelope = np.minimum(1.0, time / 0.04) * np.minimum(1.0, np.maximum(0.0, (seconds - time) / 0.06))
    return np.asarray(sum(tones) * envelope, dtype=np.float64)


def _drum(rng: np.random.Generator, *, low: bool) -> Samples:
    time = _time(0.2)
    if low:
        return np.asarray(np.sin(2 * np.pi * (55 + 60 * np.exp(-time * 40)) * time) * np.exp(-time * 18))
    return np.asarray(rng.standard_normal(time.size) * np.exp(-time * 30) * 0.5)
