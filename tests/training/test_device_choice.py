from __future__ import annotations

import msgspec
import numpy as np
import pytest

torch = pytest.importorskip("torch")

from streamer.training.device_choice import Choice, Chooser  # noqa: E402 - torch is optional
from streamer.training.settings import AugmentSettings, TrainSettings  # noqa: E402
from tests.training.device_samples import PLAIN, source, table  # noqa: E402

TABLE = table([32_000] * 4 + [128_000] * 4, [4] * 8)
BOTH = (source(0, 4, exact=True, share=3.0), source(4, 4, lowered=True))


def drawn(number: int = 400, strength: float = 1.0, silence: float = 0.0, **changes: object) -> Choice:
    augment: AugmentSettings = msgspec.structs.replace(PLAIN, **changes)
    chooser = Chooser(TABLE, BOTH, TrainSettings(silence=silence), augment)
    return chooser.draw(np.random.default_rng(1), number, strength)


def test_sources_are_drawn_by_their_shares_and_all_their_clips_alike() -> None:
    counts = np.bincount(drawn(8_000).first, minlength=8)
    assert counts[:4].sum() == pytest.approx(6_000, abs=150)
    assert counts[:4] == pytest.approx(np.full(4, 1_500), abs=150)


def test_without_augmentation_nothing_changes() -> None:
    choice = drawn()
    assert (choice.rate == 1).all()
    assert (choice.tempo == 1).all()
    assert not (choice.cut | choice.silent | choice.lowered).any()
    assert (choice.second == -1).all()


def test_a_second_clip_is_of_the_same_source_and_follows_short_ones_only() -> None:
    choice = drawn(joined=1.0)
    assert ((choice.second >= 0) == (choice.first < 4)).all()
    assert choice.second.max() < 4


def test_only_the_marked_sources_are_played_far_lower_with_the_tempo_made_up_for() -> None:
    choice = drawn(lowered=1.0)
    assert (choice.lowered == (choice.first >= 4)).all()
    rate, tempo = choice.rate[choice.lowered], choice.tempo[choice.lowered]
    assert 0.68 <= rate.min() < 0.7
    assert 0.83 < rate.max() <= 0.85
    assert tempo == pytest.approx(np.maximum(1.0, 0.85 / rate))


def test_only_clips_with_exact_spans_are_cut() -> None:
    assert (drawn(cut=1.0).cut == (drawn(cut=1.0).first < 4)).all()


def test_noise_alone_has_no_second_clip_and_no_tempo() -> None:
    choice = drawn(silence=1.0, joined=1.0, lowered=1.0, tempo=(1.3, 1.5))
    assert choice.silent.all()
    assert (choice.second == -1).all()
    assert (choice.tempo == 1).all()
    assert not choice.lowered.any()


def test_the_strength_narrows_the_rates() -> None:
    rates = [drawn(strength=strength, rate=(0.8, 1.2)).rate for strength in (0.1, 1.0)]
    assert [float(np.abs(rate - 1).max().round(2)) for rate in rates] == [0.02, 0.2]
