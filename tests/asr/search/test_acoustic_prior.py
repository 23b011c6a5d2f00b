"""The acoustic prior: centred, without the blank, and taken out of what the search hears."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.asr.modelpack import load_pack
from streamer.asr.search.acoustic_prior import load_acoustic_prior, save_acoustic_prior, weighted_prior
from streamer.errors import PackError
from streamer.settings.search import SearchSettings
from tests.tonepack import write_tone_pack


def test_what_was_usual_in_training_changes_nothing_on_average(tmp_path: Path) -> None:
    save_acoustic_prior(tmp_path / "prior.npy", np.array([0.5, 0.25, 0.25]))
    usual = 0.5 * np.log(0.5) + 0.5 * np.log(0.25)

    prior = load_acoustic_prior(tmp_path / "prior.npy", tokens=3, blank_id=3)

    np.testing.assert_allclose(prior, [np.log(0.5) - usual, np.log(0.25) - usual, np.log(0.25) - usual, 0], rtol=1e-6)
    assert prior.dtype == np.float32


def test_the_blank_may_stand_first(tmp_path: Path) -> None:
    save_acoustic_prior(tmp_path / "prior.npy", np.array([0.75, 0.25]))

    assert load_acoustic_prior(tmp_path / "prior.npy", tokens=2, blank_id=0)[0] == 0


@pytest.mark.parametrize(
    ("content", "message"),
    [(None, "is no acoustic prior"), (b"x", "is no acoustic prior"), (np.zeros(2, np.float32), r"shape \(2,\)"),
     (np.array([0, 0, -np.inf], np.float32), "finite")],
)  # fmt: skip
def test_a_bad_file_is_refused(tmp_path: Path, content: bytes | np.ndarray | None, message: str) -> None:
    path = tmp_path / "prior.npy"
    if isinstance(content, bytes):
        path.write_bytes(content)
    elif content is not None:
        np.save(path, content)

    with pytest.raises(PackError, match=message):
        load_acoustic_prior(path, tokens=3, blank_id=3)


def test_a_search_without_weight_or_pack_without_prior_takes_nothing_out(tmp_path: Path) -> None:
    pack = load_pack(write_tone_pack(tmp_path / "tones"))

    assert weighted_prior(pack, 5, SearchSettings(prior_weight=1.0)) is None
    assert weighted_prior(pack, 5, None) is None
