from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from benchmarks.accuracy import TUTORIAL_CLIP, main
from streamer.asr.modelpack import load_pack
from streamer.asr.packwriter import write_tables
from streamer.audio.files import SoundFile
from streamer.errors import SettingsError
from streamer.offline.transcriber import open_transcriber
from streamer.settings import Settings
from streamer.settings.recognizer import RecognizerSettings
from tests.tonepack import hiss, tone, write_tone_pack


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two recordings: one that the tiny pack hears rightly, one with a character it hears wrongly."""
    lines = ["file\tseconds\ttext"]
    for name, text in (("one", "播佛"), ("two", "播婆")):
        sound = np.concatenate([hiss(0.3), tone(0, 0.3), hiss(0.3), tone(3, 0.3), hiss(0.3)])
        soundfile.write(tmp_path / f"{name}.flac", sound, 16_000)
        lines.append(f"{name}.flac\t1.5\t{text}")
    (tmp_path / "test.tsv").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


def test_reports_rates_by_group(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = write_tone_pack(folder / "tones")

    main(["--data", str(folder), "--pack", str(pack), "--json", "--texts", "--tempo", "1", "1.6"])

    report = json.loads(capsys.readouterr().out)
    found = {row["group"]: row for row in report["rows"]}
    assert found["all, tempo × 1"]["cer"]["value"] == 0.25
    assert found["short"]["utterances"] == 2
    assert found["all, tempo × 1.6"]["cer"]["value"] == 0.25
    assert [each["recognised"] for each in report["texts"]] == ["播佛", "播佛"]


def test_figures_are_written_into_the_manifest(folder: Path) -> None:
    pack = write_tone_pack(folder / "tones")

    main(["--data", str(folder), "--pack", str(pack), "--tempo", "1", "--write"])

    # 佛 is spelled fo2, and the tiny model says fo4.
    assert load_pack(pack).manifest.accuracy == {
        "measured_on": "AISHELL-1 speaker S0252, test.tsv, 2 utterances",
        "character_errors": 25.0,
        "toned_syllable_errors": 50.0,
        "toneless_syllable_errors": 50.0,
    }


def test_prints_a_table(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = write_tone_pack(folder / "tones")

    main(
        ["--data", str(folder), "--pack", str(pack), "--set", "decoding=beam", "--set", "search.beam=4", "--tempo", "1"]
    )

    assert "25.0 (0.0–50.0)" in capsys.readouterr().out


def test_keys_of_a_search_that_the_pack_has_of_its_own_are_refused(folder: Path) -> None:
    pack = write_tone_pack(folder / "tones")
    write_tables(pack, {"search": {"beam": 4}})

    with pytest.raises(SettingsError, match="add --set decoding=beam"):
        main(["--data", str(folder), "--pack", str(pack), "--set", "search.beam=2"])


def test_the_clip_is_told_as_it_lies_and_as_it_is_transcribed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pack = write_tone_pack(folder / "tones")
    (folder / "one.flac").rename(folder / f"{TUTORIAL_CLIP}.flac")
    table = folder / "test.tsv"
    table.write_text(table.read_text(encoding="utf-8").replace("one.flac", f"{TUTORIAL_CLIP}.flac"), encoding="utf-8")
    with open_transcriber(Settings(recognizer=RecognizerSettings(pack=str(pack)))) as transcriber:
        with SoundFile(folder / f"{TUTORIAL_CLIP}.flac") as sound:
            expected = "".join(segment.text for segment in transcriber.segments(sound.frames()))

    main(["--data", str(folder), "--pack", str(pack), "--tempo", "1"])

    *_, said, decoded, transcribed = capsys.readouterr().out.splitlines()
    assert said == f"{TUTORIAL_CLIP}, said: 播佛"
    assert decoded == "  decoded as it lies, as everything above: 播佛"
    assert transcribed == f"  streamer transcribe, whose VAD cuts it: {expected}"
