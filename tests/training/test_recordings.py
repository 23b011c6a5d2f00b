from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

pytest.importorskip("pypinyin")

from streamer.errors import AudioFileError
from streamer.training.provenance import DevTexts
from streamer.training.recordings import load_pcm, recordings, spread, voiced_span

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


def refusal(path: Path) -> str:
    with pytest.raises(AudioFileError) as caught:
        load_pcm(path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("shape", "rate", "found"), [((800,), 8_000, "1 channels at 8000 Hz"), ((800, 2), 16_000, "2 channels at 16000 Hz")]
)
def test_another_rate_and_more_channels_are_refused(
    tmp_path: Path, shape: tuple[int, ...], rate: int, found: str
) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(shape, np.int16), rate)

    assert refusal(path) == (
        f"{path}: expected mono at 16000 Hz, found {found}; `ffmpeg -i a.wav -ar 16000 -ac 1 NEW.wav` makes it so"
    )


def test_a_recording_that_is_not_there_or_no_sound_is_named(tmp_path: Path) -> None:
    (tmp_path / "text.wav").write_text("hello", encoding="utf-8")

    assert refusal(tmp_path / "gone.wav") == f"cannot read {tmp_path / 'gone.wav'}: no such file"
    assert refusal(tmp_path / "text.wav") == f"cannot read {tmp_path / 'text.wav'}: Format not recognised."


def test_the_voiced_span_leaves_silence_out() -> None:
    pcm = np.concatenate([np.zeros(3200), np.full(6400, 5000), np.zeros(4000)]).astype(np.int16)
    assert voiced_span(pcm) == (3200, 9600)


def test_spans_are_spread_evenly() -> None:
    assert spread(100, 400, 3) == [(100, 200), (200, 300), (300, 400)]
