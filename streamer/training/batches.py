"""Batches: rounds of examples sorted by length, made ahead of training in a process of their own."""

from __future__ import annotations

import os
import queue
import signal
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor
from torch import multiprocessing as processes

from streamer.errors import SettingsError, StreamerError
from streamer.training.examples import Example, ExampleMaker
from streamer.training.settings import AugmentSettings, TrainSettings

ROUND = 12
"""Batches in a round."""
_AHEAD = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """Utterances of about the same length; ``length`` and ``counts`` are on the CPU, where CTC wants them."""

    features: Tensor
    """``(batch, frames, 80) float32``, zeros after each utterance."""
    length: Tensor
    """``(batch,) int64`` feature frames // 4."""
    tokens: Tensor
    """All token ids, one utterance after the other, ``int64``."""
    counts: Tensor
    """``(batch,) int64`` tokens of each utterance."""
    labels: Tensor
    """``(batch, 2 * ceil(frames / 8)) int64`` token of every output, −1 where none is known."""
    views: int = 1
    """2: the second half are the utterances of the first, in the same order, warped and masked otherwise."""


def collated(examples: list[Example]) -> Batch:
    """Pad examples to the longest, a multiple of 8 feature frames."""
    frames = max(8, -(-max(len(example.features) for example in examples) // 8) * 8)
    features = torch.zeros(len(examples), frames, 80)
    labels = torch.full((len(examples), frames // 4), -1, dtype=torch.int64)
    for row, example in enumerate(examples):
        features[row, : len(example.features)] = torch.from_numpy(example.features)
        labels[row, : len(example.labels)] = torch.from_numpy(example.labels)
    length = torch.tensor([min(250, len(example.features) // 4) for example in examples])
    tokens = torch.from_numpy(np.concatenate([example.tokens for example in examples]))
    return Batch(features, length, tokens, torch.tensor([len(example.tokens) for example in examples]), labels)


def augmentation_strength(step: int, augment: AugmentSettings) -> float:
    """From a tenth at the start of training to 1 after the ramp."""
    return min(1.0, 0.1 + 0.9 * step / max(1, augment.ramp_steps))


def batches(maker: ExampleMaker, train: TrainSettings, augment: AugmentSettings, first_step: int) -> Iterator[Batch]:
    """Batches from step ``first_step`` on, for ever; every step's batch depends on the seed and its number only."""
    wanted = train.batch_seconds * 100
    step = first_step
    while True:
        number, place = divmod(step, ROUND)
        strength = augmentation_strength(number * ROUND, augment)
        made: list[Example] = []
        total = 0
        while total < wanted * ROUND * 0.97:
            made.append(maker.draw((train.seed, number, len(made)), strength))
            total += len(made[-1].features)
        made.sort(key=lambda example: len(example.features))
        edges = np.searchsorted(
            np.cumsum([len(example.features) for example in made]), np.linspace(0, total, ROUND + 1)
        )
        edges[-1] = len(made)
        order = np.random.default_rng((train.seed, number)).permutation(ROUND)
        for turn in order[place:]:
            yield collated(made[edges[turn] : max(edges[turn] + 1, edges[turn + 1])])
        step = (number + 1) * ROUND


class Loader:
    """Batches from a process of their own, at most ``_AHEAD`` ahead.

    Raises:
        SettingsError: the settings ask for what is made on a device only.
    """

    def __init__(self, corpus: Path, tokens: list[str], train: TrainSettings, augment: AugmentSettings) -> None:
        for name in ("consistency", "pieces"):
            if value := getattr(train, name):
                raise SettingsError(
                    f"train.{name} = {value:g}: only batches made on a device have that; "
                    f'take train.device = "cuda", or train.{name} = 0'
                )
        self._arguments = (corpus, tokens, train, augment)

    def batches(self, first_step: int) -> Iterator[Batch]:
        """Batches from a step on; the process ends with the iterator.

        Raises:
            StreamerError: no example can be made, as of a corpus without sound.
            OSError: a file of the corpus cannot be read.
            RuntimeError: the process died.
        """
        context = processes.get_context("spawn")
        # Bounded: a loader that is faster than training waits.
        ready: processes.Queue[Batch | Exception] = context.Queue(_AHEAD)
        process = context.Process(target=_fill, args=(ready, *self._arguments, first_step), daemon=True)
        # What it inherits stays: Ctrl-C, which reaches every process of a terminal, is for the one that trains.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGINT])
        try:
            process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        try:
            while True:
                try:
                    made = ready.get(timeout=60)
                except queue.Empty:
                    if not process.is_alive():
                        raise RuntimeError(f"the loader process ended with code {process.exitcode}") from None
                    continue
                if isinstance(made, Exception):
                    raise made
                yield made
        finally:
            process.terminate()
            process.join()


def _fill(
    ready: processes.Queue[Batch | Exception],
    corpus: Path,
    tokens: list[str],
    train: TrainSettings,
    augment: AugmentSettings,
    step: int,
) -> None:
    threading.Thread(target=_end_with_the_parent, daemon=True).start()
    torch.set_num_threads(1)
    try:
        for batch in batches(ExampleMaker(corpus, tokens, train, augment), train, augment, step):
            ready.put(batch)
    except (StreamerError, OSError) as error:  # whoever trains tells it, at once and without a traceback
        ready.put(error)


def _end_with_the_parent() -> None:
    """A killed parent cannot end this process, which would wait for room in its queue for ever."""
    parent = processes.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
