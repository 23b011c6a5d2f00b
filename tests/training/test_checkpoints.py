from __future__ import annotations

import resource
from pathlib import Path

import pytest

from streamer.errors import SettingsError

torch = pytest.importorskip("torch")

from streamer.training.checkpoints import (  # noqa: E402 - torch first
    Checkpoint,
    load_checkpoint,
    mean_checkpoint,
    save_checkpoint,
)

pytestmark = pytest.mark.train


def checkpoint(weight: float, step: int = 1, width: float = 4.0) -> Checkpoint:
    return {
        "step": step,
        "model": {},
        "average": {"weight": torch.tensor([weight, 1.0]), "seen": torch.tensor(step)},
        "optimizer": {},
        "tokens": ["a1"],
        "random": torch.zeros(1),
        "best": 0.5,
        "shape": {"width": width},
    }


def test_the_mean_is_the_last_checkpoint_with_the_weights_of_all() -> None:
    mean = mean_checkpoint([checkpoint(1.0, 10), checkpoint(4.0, 20)])

    assert mean["average"]["weight"].tolist() == [2.5, 1.0]
    assert (mean["step"], int(mean["average"]["seen"])) == (20, 20)


def test_models_of_different_shapes_are_not_averaged() -> None:
    with pytest.raises(SettingsError, match="shapes and tokens are equal"):
        mean_checkpoint([checkpoint(1.0), checkpoint(1.0, width=8.0)])


def test_nothing_is_not_averaged() -> None:
    with pytest.raises(SettingsError, match="no checkpoints"):
        mean_checkpoint([])


def test_a_mean_can_be_kept_and_read_again(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "mean.pt", mean_checkpoint([checkpoint(1.0), checkpoint(3.0)]))

    assert load_checkpoint(tmp_path / "mean.pt")["average"]["weight"].tolist() == [2.0, 1.0]


@pytest.mark.parametrize("numbers", [2, 100_000])
def test_a_disk_that_takes_no_more_leaves_the_checkpoint_that_was_there(tmp_path: Path, numbers: int) -> None:
    path = tmp_path / "last.pt"
    save_checkpoint(path, checkpoint(1.0))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            save_checkpoint(path, {**checkpoint(2.0), "random": torch.zeros(numbers)})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert caught.value.filename == str(tmp_path / "last.new")
    assert [each.name for each in tmp_path.iterdir()] == ["last.pt"]
    assert load_checkpoint(path)["average"]["weight"].tolist() == [1.0, 1.0]
