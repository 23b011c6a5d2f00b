"""Trains the sentence model on the prepared corpora and writes it as ONNX."""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import Tensor, nn

from streamer.training.descent import Learner, available, device_of
from streamer.training.language import POOL, epoch_spans, language_optimizers, schedule
from streamer.training.language_corpus import LanguageCorpus, load_language_corpus
from streamer.training.language_export import quantise_matrices
from streamer.training.language_settings import LanguageSettings, TrainingSettings, read_language_settings
from streamer.training.language_spans import EncodedText, make_batches, pad
from streamer.training.sentence_network import SentenceNetwork, sentence_loss

CHECKPOINT: Final = "sentences.pt"
_DRIFT: Final = 0.05
"""Weight of the squared logarithm of the normaliser: at it, normalised and plain scores differ by about 0.1."""


class SentenceState(Learner[SentenceNetwork]):
    """Everything that changes in training."""

    @classmethod
    def new(cls, settings: LanguageSettings, tokens: tuple[str, ...], device: str = "cpu") -> SentenceState:
        """Random weights, the same on every device."""
        model, average = (SentenceNetwork(settings.sentences, tokens).to(device) for _ in range(2))
        average.eval().requires_grad_(False).load_state_dict(model.state_dict())
        return cls(model, average, language_optimizers(model, settings.sentence_training))


def train_sentences(config_path: Path) -> None:
    """Train for the configured steps, or continue from the checkpoint in the work folder.

    Raises:
        SettingsError: the configuration is wrong, or the corpora were not prepared.
    """
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    training = settings.sentence_training
    torch.set_num_threads(training.threads)
    torch.manual_seed(settings.seed)
    state = SentenceState.new(settings, corpus.acoustic, available(settings.device))
    path = settings.work_folder / CHECKPOINT
    state.resume(path, training.start)
    entropies: list[float] = []
    saved = began = time.monotonic()
    for batch in batches(settings, corpus, state.step):
        if state.step >= training.steps:
            break
        entropies.append(_update(state, batch, training))
        last = state.step == training.steps
        if state.step % 50 == 0 or last:
            speed = 50 * training.tokens_per_batch / (time.monotonic() - began)
            entry = {"step": state.step, "perplexity": float(np.exp(np.mean(entropies[-50:]))), "tokens_per_s": speed}
            began = time.monotonic()
            if last or began - saved > 60 * training.checkpoint_minutes:
                state.save(path)
                entry["tune_perplexity"], entry["tune_normaliser"] = perplexity(state.average, corpus.tune)
                saved = began = time.monotonic()
            print(json.dumps(entry), flush=True)  # noqa: T201 - progress of a command-line training


def batches(settings: LanguageSettings, corpus: LanguageCorpus, step: int) -> Iterator[Tensor]:
    """Batches ``(spans, n)`` of acoustic ids for ever, epoch by epoch."""
    training = settings.sentence_training
    weights = {each.name: each.seen_by_sentences for each in settings.corpora}
    size = POOL * training.tokens_per_batch
    for epoch in range(step, 1 << 30):
        random = np.random.default_rng((settings.seed, epoch))
        spans = epoch_spans(corpus, weights, 0.0, random)
        order = random.permutation(len(spans))
        for start in range(0, len(order), size):
            pool = [
                (corpus.training[name].syllables[first:stop].astype(np.int64), np.zeros(stop - first, np.int64))
                for name, (first, stop) in (spans[index] for index in order[start : start + size])
            ]
            for batch in make_batches(pool, training.tokens_per_batch, random):
                yield torch.from_numpy(batch.syllables)


@torch.no_grad()
def perplexity(model: SentenceNetwork, text: EncodedText) -> tuple[float, float]:
    """Of held-out passages, and by how much the scores are too high, as a natural logarithm a syllable.

    By the scores alone, which are used at run time, a model that is sure too often would look better than it is.
    """
    surprise, normalisers, count = 0.0, 0.0, 0
    passages = [text.passage(index) for index in range(len(text))]
    table = model.table()
    for start in range(0, len(passages), 64):
        group = [(ids[:200], characters[:200]) for ids, characters in passages[start : start + 64]]
        syllables = torch.from_numpy(pad(group).syllables).to(device_of(model))
        known = syllables >= 0
        scores = model(syllables, table)[known] @ table.T + model.bias
        normaliser = scores.logsumexp(dim=-1)
        surprise += float((normaliser - scores.gather(1, syllables[known][:, None])[:, 0]).sum())
        normalisers += float(normaliser.sum())
        count += int(known.sum())
    return float(np.exp(surprise / count)), normalisers / count


def export_sentences(config_path: Path, path: Path) -> None:
    """Write the averaged weights as the ONNX file that ``streamer.asr.search.sentences`` runs."""
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    state = SentenceState.new(settings, corpus.acoustic)
    state.load(settings.work_folder / CHECKPOINT)
    write_sentences(state.average.eval(), path)


def write_sentences(model: SentenceNetwork, path: Path) -> None:
    """Write the ONNX file, which scores a tree of prefixes: see :meth:`SentenceNetwork.tree`."""
    depths, parents, syllables = torch.tensor([0, 1]), torch.tensor([0, 0, 1]), torch.tensor([0, 1, 2])
    windows = torch.full((2, model.reach), -1)
    windows[1, -1] = 0
    example = (windows, depths, torch.tensor([[True, False], [True, True]]), parents, syllables)
    names = ["windows", "depths", "ancestors", "parents", "syllables"]
    axes = {name: {0: "prefixes"} for name in names[:2]} | {name: {0: "edges"} for name in [*names[3:], "scores"]}
    axes["ancestors"] = {0: "prefixes", 1: "prefixes"}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            _Exported(model).eval(), example, str(plain), input_names=names, output_names=["scores"],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
        quantise_matrices(plain, path)


class _Exported(nn.Module):
    """The network with its table of vectors computed once, in half precision: the largest part of the file."""

    vectors: Tensor

    def __init__(self, model: SentenceNetwork) -> None:
        super().__init__()
        self.model = model
        self.register_buffer("vectors", model.table().detach().half())

    def forward(self, windows: Tensor, depths: Tensor, ancestors: Tensor, parents: Tensor, syllables: Tensor) -> Tensor:
        """See :meth:`SentenceNetwork.tree`."""
        return self.model.tree(windows, depths, ancestors, parents, syllables, self.vectors)


def _update(state: SentenceState, batch: Tensor, training: TrainingSettings) -> float:
    state.model.train()
    device = device_of(state.model)
    with torch.autocast(device.type, torch.bfloat16, enabled=training.bfloat16):
        loss, entropy = sentence_loss(state.model, batch.to(device), _DRIFT)
    state.learn(loss, factor=schedule(state.step, training), decay=training.average)
    return float(entropy)
