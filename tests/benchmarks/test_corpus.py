from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.corpus import Recording, read_table
from streamer.errors import AudioFileError, SettingsError


def table(folder: Path, content: str) -> Path:
    path = folder / "test.tsv"
    path.write_text(content, encoding="utf-8")
    return path


def test_a_table_lists_the_recordings_beside_it(tmp_path: Path) -> None:
    path = table(tmp_path, "file\tseconds\ttext\nset/a.flac\t1\t你好\n")

    assert read_table(path) == [Recording("a", tmp_path / "set" / "a.flac", "你好")]


def test_a_malformed_table_names_its_line(tmp_path: Path) -> None:
    path = table(tmp_path, "file\tseconds\ttext\na.flac\t1\n")

    with pytest.raises(SettingsError, match=r"test.tsv, line 2: expected file, seconds, text, .*; found 2 columns"):
        read_table(path)


def test_nothing_is_measured_on_a_table_without_recordings(tmp_path: Path) -> None:
    path = table(tmp_path, "file\tseconds\ttext\n")

    with pytest.raises(AudioFileError) as caught:
        read_table(path)

    assert str(caught.value) == f"{path} lists no recordings, below its heading"


def test_a_recording_without_sound_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    soundfile.write(path, np.zeros(0, np.int16), 16_000)

    with pytest.raises(AudioFileError) as caught:
        Recording("a", path, "").samples()

    assert str(caught.value) == f"{path} holds no sound"
