"""When a growing utterance is decoded again."""

from __future__ import annotations

from streamer.settings.captions import CaptionSettings
from streamer.types import SAMPLE_RATE, Hypothesis

_GROWTH = 1.5
_RECOVERY = 0.8
_HURRIED = 40 * SAMPLE_RATE // 1000
"""New sound between two snapshots while a speaker waits for the first text, a syllable having been heard; …"""
_HURRIED_UNHEARD = 80 * SAMPLE_RATE // 1000
"""… and before: one syllable alone is not shown, and the second takes its time."""
_YOUNG = 3 * SAMPLE_RATE // 2
"""An utterance without text that is longer is noise: no hurry."""


class PartialCadence:
    """Decides when the next snapshot is due. Pure: it knows positions in the recording, no clock.

    A snapshot is due when an interval of new sound has come in. The interval grows while captions lag by more than
    itself, up to a maximum, and shrinks back once they keep up; finals are no business of it.
    """

    def __init__(self, settings: CaptionSettings) -> None:
        """Begin with the interval of the settings."""
        self._shortest = settings.partial_interval_ms * SAMPLE_RATE // 1000
        self._longest = settings.partial_interval_max_ms * SAMPLE_RATE // 1000
        self._interval = self._shortest
        self._first = settings.first_partial_ms * SAMPLE_RATE // 1000
        self._start = 0
        self._last_end: int | None = None
        self._has_text = False
        self._is_decoding = False
        self._hurried: int | None = None

    @property
    def interval_samples(self) -> int:
        """New sound between two snapshots, now."""
        return self._interval

    @property
    def shortest_interval(self) -> int:
        """New sound between a snapshot and the next one, whatever comes of the first."""
        return self._interval if self._has_text else min(_HURRIED, self._interval)

    @property
    def has_text(self) -> bool:
        """Whether text of the utterance is shown: before, its speaker waits for it."""
        return self._has_text

    def start(self, start_sample: int) -> None:
        """An utterance begins: its first snapshot is due as soon as it is long enough to give text."""
        self._start = start_sample
        self._last_end = None
        self._has_text = False
        self._is_decoding = False
        self._hurried = None

    def is_due(self, end_sample: int) -> bool:
        """Whether to decode a snapshot that would end at ``end_sample``."""
        if self._last_end is None:
            return end_sample - self._start >= self._first
        return end_sample - self._last_end >= self._wanted

    def until_due(self, end_sample: int) -> int:
        """New sound, after ``end_sample``, before which no snapshot is due, whatever is being decoded meanwhile."""
        if self._last_end is None:
            return self._start + self._first - end_sample
        interval = self.shortest_interval if self._is_decoding else self._wanted
        return self._last_end + interval - end_sample

    def take(self, end_sample: int) -> None:
        """A snapshot that ends at ``end_sample`` was handed to the recogniser, or shed: the next one has to wait."""
        self._last_end = end_sample
        self._is_decoding = True

    def decoded(self, hypothesis: Hypothesis | None, *, is_shown: bool) -> None:
        """A snapshot was decoded.

        While a young utterance shows no text its speaker waits for it, and snapshots come more often, unless captions
        lag: a first syllable that one snapshot just missed would otherwise be shown a whole interval later.

        Args:
            hypothesis: None where decoding failed.
            is_shown: whether it brought text that a person sees.
        """
        self._has_text = self._has_text or is_shown
        self._is_decoding = False
        self._hurried = None
        if hypothesis is None or self._has_text or hypothesis.end_sample - hypothesis.start_sample >= _YOUNG:
            return
        self._hurried = _HURRIED if hypothesis.tokens else _HURRIED_UNHEARD

    @property
    def _wanted(self) -> int:
        """New sound between this snapshot and the last one."""
        if self._hurried is not None and self._interval == self._shortest:
            return min(self._hurried, self._interval)
        return self._interval

    def observe(self, lag_samples: int) -> None:
        """Captions are this far behind the newest sound: measured whenever a hypothesis comes back."""
        if lag_samples > self._interval:
            self._interval = min(self._longest, int(self._interval * _GROWTH))
        elif 2 * lag_samples <= self._interval:
            self._interval = max(self._shortest, int(self._interval * _RECOVERY))
