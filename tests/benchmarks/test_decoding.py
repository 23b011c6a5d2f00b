from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks import fit_decoding
from streamer.asr.modelpack import load_pack, read_manifest
from tests.tonepack import hiss, tone, write_tone_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three recordings, of which the tiny pack hears the last one wrongly."""
    lines = ["file\tseconds\ttext"]
    for name, text in (("one", "播佛"), ("two", "播佛"), ("three", "播婆")):
        sound = np.concatenate([hiss(0.3), tone(0, 0.3), hiss(0.3), tone(3, 0.3), hiss(0.3)])
        soundfile.write(tmp_path / f"{name}.flac", sound, 16_000)
        lines.append(f"{name}.flac\t1.5\t{text}")
    for table in ("test.tsv", "tune.tsv"):
        (tmp_path / table).write_text("\n".join(lines), encoding="utf-8")
    write_tone_pack(tmp_path / "tones")
    return tmp_path


def test_a_fit_is_written_into_the_manifest(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--data", str(folder), "--pack", str(folder / "tones"), "--draws", "2", "--write"]
    fit_decoding.main(arguments)
    first = (folder / "tones" / "pack.toml").read_text(encoding="utf-8")

    fit_decoding.main(arguments)

    assert (folder / "tones" / "pack.toml").read_text(encoding="utf-8") == first
    assert load_pack(folder / "tones").manifest.search is not None
    assert read_manifest(folder / "tones" / "pack.toml").confidence is not None
    assert "[search]" in capsys.readouterr().out
