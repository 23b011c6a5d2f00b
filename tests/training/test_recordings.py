from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("pypinyin")

from streamer.training.provenance import DevTexts
from streamer.training.recordings import recordings, spread, voiced_span

DEV = DevTexts(["新都桂湖"])


def table(folder: Path, *lines: str) -> list[tuple[str, tuple[str, ...]]]:
    (folder / "set.tsv").write_text("file\tseconds\ttext\n" + "".join(line + "\n" for line in lines), encoding="utf-8")
    return [(recording.id, recording.tokens) for recording in recordings(folder, "set", DEV)]


def test_hanzi_letters_and_syllables_are_spelled(tmp_path: Path) -> None:
    assert table(tmp_path, "set/a.opus\t1.0\t老师，您好！", "set/b.opus\t1.0\tlv4", "set/c.opus\t1.0\t二A") == [
        ("set/a", ("lao3", "shi1", "nin2", "hao3")),
        ("set/b", ("lv4",)),
        ("set/c", ("er4", "A")),
    ]


def test_words_digits_dev_texts_and_the_dev_speaker_are_left_out(tmp_path: Path) -> None:
    lines = ["set/a.opus\t1\t听 Maybe", "set/b.opus\t1\t5号", "set/c.opus\t1\t去新都桂湖", "set/S0252W1.opus\t1\t你"]
    assert table(tmp_path, *lines) == []


def test_the_voiced_span_leaves_silence_out() -> None:
    pcm = np.concatenate([np.zeros(3200), np.full(6400, 5000), np.zeros(4000)]).astype(np.int16)
    assert voiced_span(pcm) == (3200, 9600)


def test_spans_are_spread_evenly() -> None:
    assert spread(100, 400, 3) == [(100, 200), (200, 300), (300, 400)]
