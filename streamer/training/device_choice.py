"""What is drawn for examples made on a device: which clips, how they are played, which are cut or silent."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamer.training.device_corpus import DeviceSource
from streamer.training.device_table import ClipTable, Whole
from streamer.training.settings import AugmentSettings, TrainSettings

Real = npt.NDArray[np.float64]
Truth = npt.NDArray[np.bool_]
_JOINED_BELOW = 96_000
_LOWERED_TEMPO = 0.85
_FASTEST = 1.9


@dataclass(frozen=True, slots=True)
class Choice:
    """Examples, one row each."""

    first: Whole
    """Clip that is played."""
    second: Whole
    """Clip that follows; −1: none."""
    rate: Real
    """Playback rate of both: pitch and formants together."""
    tempo: Real
    """How many times as fast it is to sound, its pitch unchanged."""
    exact: Truth
    """The spans are good enough to learn single frames from."""
    cut: Truth
    """Cut off in the middle, as a partial is."""
    silent: Truth
    """Noise without speech: nothing is played."""
    lowered: Truth
    """Played far lower."""


class Chooser:
    """Draws choices; pure: the same generator and strength give the same."""

    def __init__(
        self, table: ClipTable, sources: tuple[DeviceSource, ...], train: TrainSettings, augment: AugmentSettings
    ) -> None:
        self._table, self._train, self._augment = table, train, augment
        self._shares = np.array([source.share for source in sources])
        self._shares /= self._shares.sum()
        self._first = np.array([source.first for source in sources])
        self._clips = np.array([source.clips for source in sources])
        self._exact = np.array([source.exact for source in sources])
        self._lowered = np.array([source.lowered for source in sources])

    def draw(self, rng: np.random.Generator, number: int, strength: float) -> Choice:
        """What ``number`` examples are made of; ``strength`` of the augmentation, 0 to 1."""
        augment, table = self._augment, self._table
        source = rng.choice(len(self._shares), number, p=self._shares)
        first, second = self._clip(rng, source), self._clip(rng, source)
        joined = (rng.random(number) < augment.joined * strength) & (table.length[first] < _JOINED_BELOW)
        lowered = self._lowered[source] & (rng.random(number) < augment.lowered * strength)
        rate = self._rates(rng, lowered, strength)
        tempo = self._tempos(rng, lowered, rate, strength)
        exact = self._exact[source]
        # Without spans nobody knows what is left of a clip.
        cut = exact & (table.spans[first, 0, 1] > 0) & ~joined & (rng.random(number) < augment.cut * strength)
        silent = rng.random(number) < self._train.silence * strength
        return Choice(
            first=first,
            second=np.where(joined & ~silent, second, -1),
            rate=rate,
            tempo=np.where(silent, 1.0, tempo),
            exact=exact,
            cut=cut,
            silent=silent,
            lowered=lowered & ~silent,
        )

    def _clip(self, rng: np.random.Generator, source: Whole) -> Whole:
        clip: Whole = self._first[source] + rng.integers(self._clips[source])
        return clip

    def _rates(self, rng: np.random.Generator, lowered: Truth, strength: float) -> Real:
        low, high = self._augment.rate
        number = len(lowered)
        usual = rng.uniform(1 + (low - 1) * strength, 1 + (high - 1) * strength, number)
        usual = np.where(rng.random(number) < 0.7, usual, 1.0)
        return np.where(lowered, rng.uniform(*self._augment.lowered_rate, number), usual)

    def _tempos(self, rng: np.random.Generator, lowered: Truth, rate: Real, strength: float) -> Real:
        slow, fast = self._augment.tempo
        number = len(lowered)
        tempo = np.exp(rng.uniform(np.log(slow), np.log(1 + (fast - 1) * strength), number))
        tempo = np.where(rng.random(number) < 0.25, 1.0, tempo)
        # What is played more slowly is spoken faster, but not quite as fast as it was said.
        return np.where(lowered, np.clip(_LOWERED_TEMPO * tempo / rate, slow, _FASTEST), tempo)
