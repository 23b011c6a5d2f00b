from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pypinyin")
pytest.importorskip("pyworld")

from streamer.text.pinyin import spell
from streamer.training.sentences import Sentence
from streamer.training.shards import Shard, ShardWriter
from tests.training.kokoro_fakes import shards

TEXTS = ["我们开会讨论", "四月的林峦", "今天天气很好", "请A公司发言", "打开客厅的灯", "明天上午再说"]
SENTENCES = [Sentence(text, tuple(spell(text))) for text in TEXTS]


def sounds(folder: Path, name: str) -> dict[str, tuple[str, bytes]]:
    shard = Shard(folder, name)
    return {clip.id: (clip.text, shard.pcm(clip).tobytes()) for clip in shard.clips}


def test_each_sentence_without_letters_is_spoken_by_a_speaker(tmp_path: Path) -> None:
    with ShardWriter(tmp_path, "kokoro-speakers") as shard:
        assert list(shards().speak_speakers(shard, SENTENCES)) == [1, 2, 3, 4, 5]
    clips = Shard(tmp_path, "kokoro-speakers").clips
    assert {clip.text for clip in clips} == set(TEXTS) - {"请A公司发言"}
    assert sorted(clip.id.split("@")[0] for clip in clips) == [f"kokoro/speaker {number}" for number in (0, 1, 2, 4, 5)]
    for clip in clips:
        assert clip.tokens == tuple(spell(clip.text))
        assert clip.spans is not None
        assert len(clip.spans) == len(clip.tokens)
        assert 0 < clip.spans[0][0] < clip.spans[-1][1] < clip.samples


def test_what_a_killed_run_left_out_is_made_as_it_would_have_been(tmp_path: Path) -> None:
    with ShardWriter(tmp_path / "whole", "s") as shard:
        list(shards().speak_speakers(shard, SENTENCES))
    with ShardWriter(tmp_path / "killed", "s") as shard:
        list(itertools.islice(shards().speak_speakers(shard, SENTENCES), 2))
    with ShardWriter(tmp_path / "killed", "s") as shard:
        assert list(shards().speak_speakers(shard, SENTENCES)) == [1, 2, 3]
    assert sounds(tmp_path / "killed", "s") == sounds(tmp_path / "whole", "s")


def test_another_seed_gives_other_speakers(tmp_path: Path) -> None:
    for seed in (1, 2):
        with ShardWriter(tmp_path, str(seed)) as shard:
            list(shards(seed).speak_speakers(shard, SENTENCES))
    assert sounds(tmp_path, "1") != sounds(tmp_path, "2")


def test_a_sentence_is_spoken_and_revoiced_and_a_lost_half_made_again(tmp_path: Path) -> None:
    with ShardWriter(tmp_path / "whole", "s") as shard:
        assert list(shards().speak_twice(shard, SENTENCES[:2])) == [1, 2]
    whole = sounds(tmp_path / "whole", "s")
    assert sorted(whole) == [f"kokoro/{number}@{kind}" for number in (0, 1) for kind in ("revoiced", "spoken")]
    assert whole["kokoro/0@spoken"][0] == whole["kokoro/0@revoiced"][0]
    assert whole["kokoro/0@spoken"][1] != whole["kokoro/0@revoiced"][1]
    with ShardWriter(tmp_path / "half", "s") as shard:
        shard.append(np.ones(2, np.int16), clip_id="kokoro/0@spoken", text="", tokens=(), spans=None)
        list(shards().speak_twice(shard, SENTENCES[:2]))
    again = sounds(tmp_path / "half", "s")
    assert again.pop("kokoro/0@spoken")[0] == ""
    del whole["kokoro/0@spoken"]
    assert again == whole
