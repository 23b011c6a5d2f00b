from __future__ import annotations

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
