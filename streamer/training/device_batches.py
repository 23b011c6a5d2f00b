"""Batches made on a device: a plan's clips are played, changed and turned into features, a whole batch at once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from streamer.training.ahead import made_ahead
from streamer.training.batches import Batch, augmentation_strength
from streamer.training.device_changes import DeviceAugmenter, played
from streamer.training.device_corpus import DeviceCorpus, load_corpus
from streamer.training.device_draws import Draws
from streamer.training.device_features import DeviceFeatures
from streamer.training.device_plan import Plan, Planner, padded
from streamer.training.noises import NoiseBank
from streamer.training.settings import AugmentSettings, TrainSettings

ROUND = 24
"""Batches that are planned together, from a pool sorted by length."""
_FRAMES_PER_SECOND = 100
_MOST_OUTPUTS = 250
_MORE_SPANS = 3
"""Two and a half times as many masks in time where two views are compared, as in CR-CTC."""


class DeviceLoader:
    """Batches on the device of ``train.device``; takes the place of :class:`streamer.training.batches.Loader`."""

    def __init__(self, corpus: Path, tokens: list[str], train: TrainSettings, augment: AugmentSettings) -> None:
        self._train, self._augment = train, augment
        self._device = torch.device(train.device)
        self._corpus = load_corpus(corpus, tokens, train, augment, self._device)
        self._planner = Planner(self._corpus.table, self._corpus.sources, train, augment)
        noises = NoiseBank(_babble(self._corpus), train.seed, augment.noise_seconds).kinds
        self._augmenter = DeviceAugmenter(augment, torch.from_numpy(noises).to(self._device))
        self._features = DeviceFeatures(self._device, augment)

    def batches(self, first_step: int) -> Iterator[Batch]:
        """Batches from a step on, for ever, a few ahead; each depends on the seed and the number of its step only."""
        return made_ahead(self._batches(first_step), self._device)

    def _batches(self, first_step: int) -> Iterator[Batch]:
        frames = round(self._train.batch_seconds * _FRAMES_PER_SECOND)
        step = first_step
        while True:
            number, place = divmod(step, ROUND)
            strength = augmentation_strength(number * ROUND, self._augment)
            rng = np.random.default_rng((self._train.seed, number))
            for plan in self._planner.batches(rng, ROUND, frames, strength)[place:]:
                yield self._made(plan, Draws(self._device, self._train.seed * 1_000_003 + step), strength)
                step += 1

    def _made(self, plan: Plan, draws: Draws, strength: float) -> Batch:
        """A plan's batch; where consistency is learnt, with two views of each utterance."""
        table = self._corpus.table
        after = np.maximum(plan.second, 0)
        numbers = self._moved(
            np.stack([
                table.start[plan.first], table.length[plan.first], plan.begin, plan.one,
                table.start[after], table.length[after], plan.begin_second, plan.two,
                plan.hop, plan.total, plan.frames, plan.silent, plan.lowered,
            ])
        )  # fmt: skip
        hop, total, frames, silent, lowered = numbers[8:]
        rate = self._moved(plan.rate.astype(np.float32))
        longest = int(plan.total.max())
        wave = played(self._corpus.pcm, numbers[:2], numbers[3], numbers[2], rate, longest)
        joined = np.flatnonzero(plan.second >= 0)
        if len(joined):
            rows = self._moved(joined)
            start, length, begin, samples = numbers[4:8, rows]
            later = played(self._corpus.pcm, torch.stack([start, length]), samples, begin, rate[rows], longest)
            wave = wave.index_add(0, rows, later)
        wave = self._augmenter.changed(wave, total, silent > 0, draws, strength)
        width = int(padded(plan.frames.max()))
        plain = self._features.features(wave, hop, total, width)
        views, spans = (2, _MORE_SPANS) if self._train.consistency else (1, 0)
        warped = [self._features.warped(plain, lowered > 0, draws, strength) for _ in range(views)]
        features = torch.cat([self._features.masked(view, frames, draws, strength, spans) for view in warped])
        return Batch(
            features=features,
            length=torch.from_numpy(np.minimum(_MOST_OUTPUTS, plan.frames // 4)).repeat(views),
            tokens=self._moved(plan.tokens[plan.tokens >= 0]).repeat(views),
            counts=torch.from_numpy(plan.count).repeat(views),
            labels=self._labels(plan, hop, frames, width // 4).repeat(views, 1),
            views=views,
        )

    def _labels(self, plan: Plan, hop: Tensor, frames: Tensor, outputs: int) -> Tensor:
        """Token of every 40 ms, ``(batch, outputs) int64``; −1 where none is known."""
        most = max(1, int(plan.count.max()))
        spans, ids = self._moved(plan.spans[:, :most]), self._moved(plan.tokens[:, :most])
        slots = torch.arange(outputs, device=self._device)[None, :, None]
        edges = torch.round(spans / hop[:, None, None] / 4)
        first, last = edges[:, None, :, 0], torch.maximum(edges[..., 0] + 1, edges[..., 1])[:, None]
        known = (spans[:, None, :, 1] > 0) & (slots < (frames // 4)[:, None, None])
        place = torch.arange(1, most + 1, device=self._device)
        which = ((slots >= first) & (slots < last) & known).mul(place).amax(2)
        return torch.where(which > 0, ids.gather(1, (which - 1).clamp(min=0)), -1)

    def _moved(self, numbers: np.ndarray) -> Tensor:
        """An array on the device, without waiting for it."""
        tensor = torch.from_numpy(np.ascontiguousarray(numbers))
        if self._device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self._device, non_blocking=True)


def _babble(corpus: DeviceCorpus) -> list[np.ndarray]:
    """Twenty clips of each source, for the noise of many voices."""
    table = corpus.table
    return [
        corpus.pcm[table.start[row] : table.start[row] + table.length[row]].cpu().numpy()
        for source in corpus.sources
        for row in range(source.first, source.first + source.clips, max(1, source.clips // 20))
    ]
