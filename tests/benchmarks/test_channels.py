from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.channels import channels, heard_through, main
from benchmarks.corpus import Recording, read_table
from streamer.asr.packwriter import write_tables
from tests.tonepack import hiss, tone, write_tone_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    sound = np.concatenate([hiss(0.3), tone(0, 0.3), hiss(0.3), tone(3, 0.3), hiss(0.3)])
    soundfile.write(tmp_path / "one.flac", sound, 16_000)
    (tmp_path / "test.tsv").write_text("file\tseconds\ttext\none.flac\t1.5\t播婆\n", encoding="utf-8")
    return tmp_path


def only_recording(folder: Path) -> Recording:
    return read_table(folder / "test.tsv")[0]


def test_a_row_for_each_channel(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = write_tone_pack(folder / "tones")
    write_tables(pack, {"dereverberation": {"dry_from": 9.0}})

    main(["--data", str(folder), "--pack", str(pack), "--json", "--channel", "as recorded", "--channel", "hall, 4 m"])

    rows = json.loads(capsys.readouterr().out)["rows"]
    assert [row["channel"] for row in rows] == ["as recorded", "hall, 4 m"]
    assert rows[0]["plain"]["value"] == 0.5
    assert [row["dried"] for row in rows] == [1.0, 1.0]


def test_a_pack_that_is_not_tuned_for_rooms_takes_none_away(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["--data", str(folder), "--pack", str(write_tone_pack(folder / "tones")), "--channel", "hall, 4 m", "--json"])

    (row,) = json.loads(capsys.readouterr().out)["rows"]
    assert row["dried"] == 0.0
    assert row["plain"] == row["tuned"]


def test_as_recorded_is_the_recording(folder: Path) -> None:
    recording = only_recording(folder)

    np.testing.assert_array_equal(heard_through(recording, channels()["as recorded"]), recording.samples())


def test_what_would_clip_is_softer(folder: Path) -> None:
    heard = heard_through(only_recording(folder), lambda sound, _: sound * 20)

    assert int(np.abs(heard).max()) == 32_000
