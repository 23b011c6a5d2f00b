"""Kokoro-82M's voices, mixed into new ones."""

from __future__ import annotations

import random
from collections.abc import Mapping
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from streamer.errors import SettingsError

Voice = npt.NDArray[np.float32]
"""``(numbers of symbols, 256)``: a style for each length of text."""
_TIMBRE = 128
"""Numbers of a style that shape its sound; the others shape rhythm and pitch."""


class KokoroVoices:
    """Eight Mandarin voices, four of them men's, and others, whose names begin with language and sex."""

    def __init__(self, voices: Mapping[str, Voice]) -> None:
        self._voices = dict(voices)

    @classmethod
    def read(cls, folder: Path) -> Self:
        """All voices of a folder.

        Raises:
            SettingsError: there is none.
        """
        paths = sorted(folder.glob("[a-z][fm]_*.bin"))
        if not paths:
            raise SettingsError(f"{folder} holds none of Kokoro's voices (zf_*.bin, zm_*.bin, ...)")
        return cls({path.stem: np.fromfile(path, np.float32).reshape(-1, 256) for path in paths})

    def voice(self, rng: random.Random, *, male: bool) -> Voice:
        """A mixture of two Mandarin voices of one sex."""
        first, second = (self._voices[name] for name in rng.choices(self._native(male=male), k=2))
        share = np.float32(rng.random())
        mixed: Voice = first * share + second * (1 - share)
        return mixed

    def speaker(self, rng: random.Random, *, male: bool) -> Voice:
        """A new speaker of one sex: a timbre of three voices, at most one of them foreign.

        Rhythm and pitch come from the Mandarin voices alone, so that the tones stay right.
        """
        native = self._native(male=male)
        others = [name for name in self._voices if name[1] == ("m" if male else "f") and name not in native]
        sound = [*rng.sample(native, 2), rng.choice([*others, *native])]
        timbre, melody = self._blend(sound, rng), self._blend(rng.choices(native, k=2), rng)
        return np.concatenate([timbre[:, :_TIMBRE], melody[:, _TIMBRE:]], axis=1)

    def _native(self, *, male: bool) -> list[str]:
        return [name for name in self._voices if name.startswith("zm" if male else "zf")]

    def _blend(self, names: list[str], rng: random.Random) -> Voice:
        shares = np.array([rng.expovariate(1.0) for _ in names], np.float32)
        blended: Voice = np.tensordot(shares / shares.sum(), np.stack([self._voices[name] for name in names]), axes=1)
        return blended
