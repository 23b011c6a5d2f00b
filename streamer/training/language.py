"""Trains the language stage: a resumable loop over noisy spans, a moving average of the weights, curves."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import Tensor, nn

from streamer.training.character_ngram import load_character_ngram
from streamer.training.classifier_loss import ClassifierLoss
from streamer.training.confusions import Confusions, read_confusions, simulated_confusions
from streamer.training.descent import Learner, available, device_of, new_optimizers
from streamer.training.language_corpus import LanguageCorpus, corpus_weights, load_language_corpus
from streamer.training.language_curves import CURVES, plot_language_curves
from streamer.training.language_evaluate import error_rates
from streamer.training.language_lattice import Lattice, build_lattice
from streamer.training.language_memory import count_pairs
from streamer.training.language_model import LanguageModel
from streamer.training.language_settings import LanguageSettings, TrainingSettings, read_language_settings
from streamer.training.language_spans import Batch, Ids, NoiseMaker, cut_spans, make_batches, with_context

CHECKPOINT: Final = "checkpoint.pt"
_TUNING_RATES: Final = (0.0, 0.2)
POOL: Final = 10
"""Spans that are sorted by length together, for each syllable of a batch: about 200 batches, few of which are not
full."""


@dataclass
class TrainingState(Learner[LanguageModel]):
    """Everything that changes in training."""

    epoch: int = 0
    """Epochs begun."""

    def content(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {**super().content(), "epoch": self.epoch}

    def restore(self, content: Mapping[str, Any]) -> None:
        """Take over what a checkpoint holds."""
        super().restore(content)
        self.epoch = content["epoch"]


def train_language(config_path: Path, *, minutes: float | None = None) -> None:
    """Train, or continue from the checkpoint in the work folder, until the configured step or for some minutes.

    Args:
        config_path: ``config/train-language.toml``.
        minutes: wall-clock limit; a checkpoint is written at the end.

    Raises:
        SettingsError: the configuration is wrong, or the corpora were not prepared.
    """
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    torch.set_num_threads(settings.training.threads)
    state = new_state(settings, corpus, available(settings.device))
    if not state.resume(settings.work_folder / CHECKPOINT, settings.training.start):
        _fill_memory(settings, corpus, state)
    _loop(settings, corpus, state, time.monotonic() + 60 * minutes if minutes else float("inf"))


def new_state(settings: LanguageSettings, corpus: LanguageCorpus, device: str = "cpu") -> TrainingState:
    """Random weights, the same on every device, and fresh optimisers."""
    torch.manual_seed(settings.seed)
    models = [LanguageModel(settings.model, corpus.acoustic, torch.from_numpy(corpus.readings)) for _ in range(2)]
    models[1].load_state_dict(models[0].state_dict())
    for model in models:
        model.to(device)
    return TrainingState(models[0], models[1].eval(), language_optimizers(models[0], settings.training))


def load_average(settings: LanguageSettings, corpus: LanguageCorpus, checkpoint: Path | None = None) -> LanguageModel:
    """The averaged weights of a checkpoint (by default the newest), in evaluation mode."""
    state = new_state(settings, corpus)
    state.load(checkpoint or settings.work_folder / CHECKPOINT)
    return state.average.eval()


def load_lattice(settings: LanguageSettings, corpus: LanguageCorpus) -> Lattice | None:
    """The character trigram of the work folder, ready to be joined with the network; None where none is configured.

    Raises:
        SettingsError: one is configured, but was not estimated yet.
    """
    ngram = load_character_ngram(settings)
    if ngram is None:
        return None
    texts = list(corpus.training.values())
    return build_lattice(ngram, texts, corpus.readings, confusions_of(settings, corpus), settings.ngram)


def confusions_of(settings: LanguageSettings, corpus: LanguageCorpus) -> Confusions:
    """Measured confusions where the configuration names a file, otherwise simulated ones."""
    if settings.noise.confusions:
        return read_confusions(Path(settings.noise.confusions), corpus.acoustic)
    return simulated_confusions(corpus.acoustic)


def epoch_batches(settings: LanguageSettings, corpus: LanguageCorpus, epoch: int) -> Iterator[Batch]:
    """All batches of an epoch, a pure function of the seed and the epoch's number."""
    random = np.random.default_rng((settings.seed, epoch))
    noise = NoiseMaker(settings.noise, confusions_of(settings, corpus), corpus.readings)
    words = corpus.word_sampler(settings.training.word_exponent)
    spans = epoch_spans(corpus, corpus_weights(settings), settings.training.context_share, random)
    order = random.permutation(len(spans))
    size = POOL * settings.training.tokens_per_batch
    for start in range(0, len(order), size):
        pool: list[tuple[Ids, Ids]] = []
        for index in order[start : start + size]:
            name, (first, last) = spans[index]
            text = corpus.training[name]
            pairs = [(text.syllables[first:last].astype(np.int64), text.characters[first:last].astype(np.int64))]
            if random.random() < settings.training.word_share:
                pairs.append(words.draw(random))
            pool.extend(noise.apply(*pair, random) for pair in pairs)
        yield from make_batches(pool, settings.training.tokens_per_batch, random)


def epoch_spans(
    corpus: LanguageCorpus, weights: Mapping[str, float], context_share: float, random: np.random.Generator
) -> list[tuple[str, tuple[int, int]]]:
    """Spans of an epoch, (corpus, (start, end)), each corpus as often as its weight says."""
    return [
        (name, span)
        for name, text in corpus.training.items()
        for share in _shares(weights[name])
        for span in with_context(cut_spans(text, random), context_share, random)
        if share == 1 or random.random() < share
    ]


def _shares(weight: float) -> list[float]:
    """2.5 → [1, 1, 0.5]: whole passes over a corpus, then a part of one."""
    return [1.0] * int(weight) + [weight % 1] * (weight % 1 > 0)


def language_optimizers(model: nn.Module, training: TrainingSettings) -> tuple[torch.optim.Optimizer, ...]:
    """Optimisers with the rates of the settings."""
    return new_optimizers(
        model, rate=training.rate, matrix_rate=training.matrix_rate, weight_decay=training.weight_decay
    )


def schedule(step: int, training: TrainingSettings) -> float:
    """Factor of the learning rates: a rise, a plateau, a fall to 0."""
    falling = training.steps * training.decay_share
    return max(0.0, min((step + 1) / training.warm_up, 1.0, (training.steps - step) / max(falling, 1.0)))


def train_step(state: TrainingState, batch: Batch, training: TrainingSettings) -> float:
    """One update; returns the loss per scored character."""
    state.model.train()
    loss = batch_loss(state.model, batch, training)
    state.learn(loss, factor=schedule(state.step, training), decay=training.average)
    return float(loss.detach())


def batch_loss(model: LanguageModel, batch: Batch, training: TrainingSettings) -> Tensor:
    """Mean cross-entropy over the scored characters."""
    device = device_of(model)
    targets = torch.from_numpy(batch.characters).to(device).flatten()
    with torch.autocast(device.type, torch.bfloat16, enabled=training.bfloat16):
        states = model(torch.from_numpy(batch.syllables).to(device))
        weights, bias = model.classifier()
    states = states.flatten(0, 1).to(torch.bfloat16 if training.bfloat16 else torch.float32)
    loss: Tensor = ClassifierLoss.apply(states, weights, bias, targets, training.label_smoothing)  # type: ignore[no-untyped-call]
    return loss


def _fill_memory(settings: LanguageSettings, corpus: LanguageCorpus, state: TrainingState) -> None:
    if state.model.memory is None or state.average.memory is None:
        return
    weights = corpus_weights(settings)
    texts = [(text, weights[name]) for name, text in corpus.training.items()]
    table = count_pairs(texts, len(corpus.acoustic), len(corpus.language) + 1, settings.model.memory)
    state.model.memory.fill(table)
    state.average.memory.fill(table)


def _loop(settings: LanguageSettings, corpus: LanguageCorpus, state: TrainingState, deadline: float) -> None:
    training = settings.training
    saved = evaluated = time.monotonic()
    losses: list[float] = []
    syllables, begun = 0, time.monotonic()
    while state.step < training.steps and time.monotonic() < deadline:
        state.epoch += 1
        for batch in epoch_batches(settings, corpus, state.epoch):
            losses.append(train_step(state, batch, training))
            syllables += int((batch.syllables >= 0).sum())
            now = time.monotonic()
            if state.step % 50 == 0:
                speed = syllables / (now - begun)
                entry: dict[str, Any] = {
                    "step": state.step,
                    "loss": float(np.mean(losses[-50:])),
                    "syllables_per_second": speed,
                }
                _note(settings, entry)
                syllables, begun = 0, now
            if now - evaluated > 60 * training.evaluate_minutes:
                _evaluate(settings, corpus, state)
                evaluated = begun = time.monotonic()
            if now - saved > 60 * training.checkpoint_minutes:
                state.save(settings.work_folder / CHECKPOINT)
                saved = now
            if state.step >= training.steps or now > deadline:
                break
    state.save(settings.work_folder / CHECKPOINT)
    _evaluate(settings, corpus, state)


def _evaluate(settings: LanguageSettings, corpus: LanguageCorpus, state: TrainingState) -> None:
    rates = error_rates(state.average, corpus.tune, simulated_confusions(corpus.acoustic), _TUNING_RATES)
    _note(settings, {"step": state.step} | {f"tune_{rate:.0%}": value for rate, value in rates.items()})
    plot_language_curves(settings.work_folder)


def _note(settings: LanguageSettings, entry: dict[str, Any]) -> None:
    line = json.dumps(entry | {"time": round(time.time())})
    with (settings.work_folder / CURVES).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
    print(line, flush=True)  # noqa: T201 - progress of a command-line training
