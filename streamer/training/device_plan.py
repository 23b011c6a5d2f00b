"""Plans of batches made on a device: every length and place in their examples, hundreds of which are drawn at once."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from streamer.asr.fbank import MAX_FRAMES
from streamer.asr.stft import HOP
from streamer.training.device_choice import Choice, Chooser, Real, Truth
from streamer.training.device_corpus import DeviceSource
from streamer.training.device_table import ClipTable, Spans, Whole
from streamer.training.settings import AugmentSettings, TrainSettings

MOST_EXAMPLES = 256
"""Examples of a batch."""
_POOL = 1_000
_DRAWS = 30
_SHORTEST_FRAMES = 16
_LONGEST_GAP = 3_200
_OVERLAP = 2 / 3
_SHORTEST_CUT = 2_400
_HEARD = 0.6


@dataclass(frozen=True, slots=True)
class Plan:
    """Examples, one row each; places and lengths are samples of the finished sound."""

    first: Whole
    """Clip that is played."""
    second: Whole
    """Clip that follows; −1: none."""
    rate: Real
    """Playback rate of both."""
    hop: Whole
    """Samples between feature frames, see :func:`streamer.training.features.hop_at`."""
    begin: Whole
    """Where the first clip begins."""
    one: Whole
    """How much is played of it."""
    begin_second: Whole
    """Where the second clip begins: after a gap, or so that the quiet ends of both overlap."""
    two: Whole
    """How much is played of it."""
    total: Whole
    """Length of the sound, quiet around it included."""
    frames: Whole
    """Feature frames."""
    tokens: Whole
    """``(examples, 128)`` ids; −1 after the last."""
    spans: Spans
    """``(examples, 128, 2)`` of the tokens; −1 unless they are exact."""
    count: Whole
    """Tokens."""
    silent: Truth
    """Noise without speech: nothing is played."""
    lowered: Truth
    """Played far lower."""

    def __len__(self) -> int:
        return len(self.first)

    def taken(self, rows: Whole) -> Plan:
        """Some of the examples."""
        return Plan(*(getattr(self, field.name)[rows] for field in fields(self)))

    def with_more(self, other: Plan) -> Plan:
        """These examples and others."""
        return Plan(
            *(np.concatenate([getattr(self, field.name), getattr(other, field.name)]) for field in fields(self))
        )


class Planner:
    """Draws plans; pure: the same generator and strength give the same."""

    def __init__(
        self, table: ClipTable, sources: tuple[DeviceSource, ...], train: TrainSettings, augment: AugmentSettings
    ) -> None:
        self._table, self._lead_seconds = table, augment.lead_seconds
        self._chooser = Chooser(table, sources, train, augment)

    def batches(self, rng: np.random.Generator, number: int, frames: int, strength: float) -> list[Plan]:
        """Batches of examples of about the same length, in random order.

        Args:
            rng: draws everything.
            number: how many batches.
            frames: the most of each batch, padding included; one example alone may have more.
            strength: of the augmentation, 0 to 1.

        Raises:
            RuntimeError: hardly any example fits into ten seconds.
        """
        pool = self._examples(rng, strength)
        for _ in range(_DRAWS):
            groups = grouped(pool.frames, frames)
            if len(groups) >= number:
                return [pool.taken(groups[turn]) for turn in rng.permutation(len(groups))[:number]]
            pool = pool.with_more(self._examples(rng, strength))
        raise RuntimeError("hardly any example fits into ten seconds; is augment.tempo sensible?")

    def _examples(self, rng: np.random.Generator, strength: float) -> Plan:
        """Examples; those that came out too long, too short, or too dense for CTC are left out."""
        choice = self._chooser.draw(rng, _POOL, strength)
        one, two = self._played(rng, choice)
        begin, tail = (self._quiet(rng, choice) for _ in range(2))
        begin_second = np.where(choice.second >= 0, begin + np.maximum(0, one + self._gap(rng, choice)), 0)
        total = np.maximum(begin + one, begin_second + two) + tail
        total = np.where(choice.silent, rng.integers(8_000, 96_000, len(total)), total)
        hop = np.round(HOP * choice.tempo).astype(np.int64)
        tokens, spans = self._said(choice, begin, one, begin_second)
        plan = Plan(
            first=choice.first, second=choice.second, rate=choice.rate, hop=hop, begin=begin, one=one,
            begin_second=begin_second, two=two, total=total, frames=total // hop + 1, tokens=tokens, spans=spans,
            count=(tokens >= 0).sum(axis=1), silent=choice.silent, lowered=choice.lowered,
        )  # fmt: skip
        repeats = ((tokens[:, 1:] == tokens[:, :-1]) & (tokens[:, 1:] >= 0)).sum(axis=1)
        fits = (plan.frames <= MAX_FRAMES) & (plan.frames >= _SHORTEST_FRAMES)
        return plan.taken(np.flatnonzero(fits & (plan.count + repeats <= plan.frames // 4)))

    def _played(self, rng: np.random.Generator, choice: Choice) -> tuple[Whole, Whole]:
        """How much is played of the first and of the second clip."""
        whole = np.round(self._table.length[choice.first] / choice.rate).astype(np.int64)
        beginning = np.maximum(_SHORTEST_CUT, (whole * rng.uniform(0.15, 1.0, len(whole))).astype(np.int64))
        one = np.where(choice.cut, np.minimum(whole, beginning), whole)
        two = np.round(self._table.length[np.maximum(choice.second, 0)] / choice.rate).astype(np.int64)
        return np.where(choice.silent, 0, one), np.where(choice.second >= 0, two, 0)

    def _gap(self, rng: np.random.Generator, choice: Choice) -> Whole:
        """Samples between the clips, mostly few, and down to less than 0: two thirds of what is quiet at their ends."""
        quiet = self._table.quiet
        overlap = _OVERLAP * (quiet[choice.first, 1] + quiet[np.maximum(choice.second, 0), 0]) / choice.rate
        gap: Whole = (rng.random(len(overlap)) ** 2 * (_LONGEST_GAP + overlap) - overlap).astype(np.int64)
        return gap

    def _quiet(self, rng: np.random.Generator, choice: Choice) -> Whole:
        """Silence before or after, for half of the examples."""
        number = len(choice.tempo)
        size = rng.uniform(0, 1, number) * self._lead_seconds * 16_000 * choice.tempo
        return np.where((rng.random(number) < 0.5) & ~choice.silent, size.astype(np.int64), 0)

    def _said(self, choice: Choice, begin: Whole, one: Whole, begin_second: Whole) -> tuple[Whole, Spans]:
        """Tokens of both clips, those heard less than three fifths left out, and their spans."""
        table = self._table
        rate, after = choice.rate[:, None, None], np.maximum(choice.second, 0)
        sooner, later = table.spans[choice.first] / rate, table.spans[after] / rate
        known = choice.exact[:, None] & np.concatenate([sooner[:, :, 1] > 0, later[:, :, 1] > 0], axis=1)
        heard = sooner[:, :, 0] + _HEARD * (sooner[:, :, 1] - sooner[:, :, 0]) <= one[:, None]
        said = np.where(choice.cut[:, None] & ~heard, -1, table.tokens[choice.first])
        said = np.concatenate([said, np.where(choice.second[:, None] >= 0, table.tokens[after], -1)], axis=1)
        said = np.where(choice.silent[:, None], -1, said)
        sooner = np.minimum(sooner, one[:, None, None]) + begin[:, None, None]
        both = np.concatenate([sooner, later + begin_second[:, None, None]], axis=1)
        spans: Spans = np.where((known & (said >= 0))[:, :, None], both, -1).astype(np.float32)
        order = np.argsort(said < 0, axis=1, kind="stable")
        return np.take_along_axis(said, order, 1), np.take_along_axis(spans, order[:, :, None], 1)


def padded(frames: Whole) -> Whole:
    """The next multiples of 8 feature frames."""
    return -(-frames // 8) * 8


def grouped(frames: Whole, most: int) -> list[Whole]:
    """Rows sorted by length and cut into groups of at most ``most`` frames, padding included, and 256 rows."""
    order = np.argsort(frames, kind="stable")
    width = padded(frames[order])
    groups, start = [], 0
    for end in range(1, len(order) + 1):
        full = end - start >= MOST_EXAMPLES
        if end == len(order) or full or (end - start + 1) * width[end] > most:
            groups.append(order[start:end])
            start = end
    return groups
