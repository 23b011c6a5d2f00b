from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.asr.equaliser import loud_spectrum
from streamer.asr.fbank import fbank
from streamer.errors import SettingsError
from streamer.training.usual_spectrum import usual_spectrum
from tests.tonepack import hiss, tone


def write_table(folder: Path, name: str, *files: str) -> Path:
    lines = ["file\tseconds\ttext", *(f"{file}\t1.0\t好" for file in files)]
    (folder / f"{name}.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / f"{name}.tsv"


def test_tables_count_alike_whatever_they_hold(tmp_path: Path) -> None:
    sounds = {"a": tone(0, 0.5), "b": hiss(0.5), "c": tone(3, 0.5)}
    for name, sound in sounds.items():
        soundfile.write(tmp_path / f"{name}.flac", sound, 16_000)
    a, b, c = (loud_spectrum(fbank(sound)) for sound in sounds.values())

    found = usual_spectrum([write_table(tmp_path, "one", "a.flac"), write_table(tmp_path, "two", "b.flac", "c.flac")])

    assert found.dtype == np.float32
    np.testing.assert_allclose(found, (a + (b + c) / 2) / 2, atol=1e-6)


def test_of_a_long_table_some_are_heard_evenly(tmp_path: Path) -> None:
    for name in "abc":
        soundfile.write(tmp_path / f"{name}.flac", hiss(0.3) if name == "b" else tone(0, 0.3), 16_000)
    table = write_table(tmp_path, "one", "a.flac", "b.flac", "c.flac")

    np.testing.assert_allclose(usual_spectrum([table], most=2), loud_spectrum(fbank(tone(0, 0.3))), atol=1e-6)


def test_a_table_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"cannot read the table .*none\.tsv: No such file"):
        usual_spectrum([tmp_path / "none.tsv"])


def test_an_empty_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="lists no recordings"):
        usual_spectrum([write_table(tmp_path, "one")])
