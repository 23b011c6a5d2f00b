from __future__ import annotations

from pathlib import Path

import numpy as np

from streamer.training.shards import Shard, ShardWriter


def write(folder: Path, *clip_ids: str) -> None:
    with ShardWriter(folder, "s") as shard:
        for clip_id in clip_ids:
            pcm = np.full(len(clip_id), ord(clip_id[0]), np.int16)
            shard.append(pcm, clip_id=clip_id, text="你", tokens=("ni3",), spans=[(0, 1)])


def test_waveforms_are_read_as_they_were_written(tmp_path: Path) -> None:
    write(tmp_path, "aaa", "bb")
    shard = Shard(tmp_path, "s")
    assert [shard.pcm(clip).tolist() for clip in shard.clips] == [[97] * 3, [98] * 2]
    assert shard.clips[1].spans == ((0, 1),)


def test_a_shard_is_continued(tmp_path: Path) -> None:
    write(tmp_path, "aaa")
    write(tmp_path, "bb")
    shard = Shard(tmp_path, "s")
    assert [clip.id for clip in shard.clips] == ["aaa", "bb"]
    assert shard.pcm(shard.clips[1]).tolist() == [98] * 2


def test_what_a_kill_left_half_written_is_dropped(tmp_path: Path) -> None:
    write(tmp_path, "aaa")
    with (tmp_path / "s.pcm").open("ab") as sound, (tmp_path / "s.jsonl").open("a") as index:
        sound.write(b"\1\1\1\1")
        index.write('{"id": "hal')
    assert [clip.id for clip in Shard(tmp_path, "s").clips] == ["aaa"]
    write(tmp_path, "bb")
    shard = Shard(tmp_path, "s")
    assert [shard.pcm(clip).tolist() for clip in shard.clips] == [[97] * 3, [98] * 2]


def test_written_ids_are_known_when_a_shard_is_continued(tmp_path: Path) -> None:
    write(tmp_path, "aaa", "bb")
    assert ShardWriter(tmp_path, "s").written == {"aaa", "bb"}
