"""Shares of tokens: each shard by its share in training, whatever its size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.errors import SettingsError
from streamer.training.shards import ShardWriter
from streamer.training.token_shares import token_shares


def _shard(folder: Path, name: str, *clips: tuple[str, ...]) -> None:
    with ShardWriter(folder, name) as shard:
        for number, tokens in enumerate(clips):
            shard.append(np.zeros(1, np.int16), clip_id=str(number), text="", tokens=tokens, spans=None)


def test_shards_count_by_their_share_in_training(tmp_path: Path) -> None:
    _shard(tmp_path, "long", ("a1", "a1"), ("a2", "a1"))
    _shard(tmp_path, "short", ("a2",))
    unseen = 2e-4

    shares = token_shares(tmp_path, {"long": 0.2, "short": 0.2, "missing": 0.6}, ("a1", "a2", "a3"))

    whole = 1 + 3 * unseen
    np.testing.assert_allclose(shares, [(0.375 + unseen) / whole, (0.625 + unseen) / whole, unseen / whole])


def test_a_corpus_without_any_of_the_shards_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="run `streamer train synth` first"):
        token_shares(tmp_path, {"long": 1.0}, ("a1",))
