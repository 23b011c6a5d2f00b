"""Broken sound files: whatever is in them, a person gets text or one sentence, never a traceback."""

from __future__ import annotations

import json
import random
import resource
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from typer.testing import CliRunner

from streamer.cli import app
from streamer.commands import transcribe
from streamer.offline.transcriber import Transcriber
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.vad.webrtc import WebrtcDetector
from tests.fakes import SPEECH, ScriptedDetector, ScriptedRecognizer
from tests.sounds import noise, write

_FORMATS: tuple[tuple[str, int, int, dict[str, str]], ...] = (
    ("a.wav", 16_000, 1, {"subtype": "PCM_16"}),
    ("b.wav", 96_000, 1, {"subtype": "FLOAT"}),
    ("c.wav", 48_000, 7, {"subtype": "PCM_24"}),
    ("d.wav", 8_000, 1, {"subtype": "IMA_ADPCM"}),
    ("e.flac", 44_100, 2, {}),
    ("f.ogg", 22_050, 1, {}),
    ("g.opus", 48_000, 1, {"format": "OGG", "subtype": "OPUS"}),
    ("h.mp3", 16_000, 1, {}),
    ("i.aiff", 32_000, 2, {}),
    ("j.caf", 16_000, 1, {}),
    ("k.w64", 16_000, 1, {}),
    ("l.au", 8_000, 1, {"subtype": "ULAW"}),
    ("m.voc", 16_000, 1, {}),
)


def sound_files(folder: Path) -> list[Path]:
    """A good file of each format, a third of a second long."""
    files = []
    for name, rate, channels, options in _FORMATS:
        samples = np.repeat(noise(0.33, rate, level=0.3)[:, None], channels, axis=1)
        files.append(write(folder / name, samples, rate, **options))
    if shutil.which("ffmpeg"):
        for name in ("n.m4a", "o.webm"):
            subprocess.run(["ffmpeg", "-v", "error", "-i", files[0], folder / name], check=True)
            files.append(folder / name)
    return files


def broken(content: bytes, generator: random.Random) -> bytes:
    """The content truncated, with flipped bits, with random bytes in it, or replaced by them."""
    changed = bytearray(content)
    match generator.randrange(5):
        case 0:
            del changed[generator.randrange(len(changed)) :]
        case 1:
            for _ in range(generator.choice((1, 3, 30))):
                changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
        case 2:
            # The header is where a few bits do most.
            for _ in range(generator.choice((1, 2, 8))):
                changed[generator.randrange(min(64, len(changed)))] = generator.randrange(256)
        case 3:
            at = generator.randrange(len(changed))
            changed[at : at + 200] = generator.randbytes(200)
        case _:
            changed[generator.randrange(16) :] = generator.randbytes(generator.randrange(3_000))
    return bytes(changed)


@contextmanager
def scripted(settings: Settings) -> Iterator[Transcriber]:
    yield Transcriber(Recognition(ScriptedRecognizer()), lambda: WebrtcDetector(2), settings)


@contextmanager
def scripted_ears(settings: Settings) -> Iterator[Transcriber]:
    yield Transcriber(Recognition(ScriptedRecognizer()), ScriptedDetector, settings)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_500_broken_files_make_no_traceback(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribe, "open_transcriber", scripted)
    generator = random.Random(20_261_120)  # noqa: S311 - reproducible, not secret
    (tmp_path / "good").mkdir()
    (tmp_path / "bad").mkdir()
    originals = sound_files(tmp_path / "good")
    for number in range(500):
        original = originals[number % len(originals)]
        path = tmp_path / "bad" / f"{number:03}{original.suffix}"
        path.write_bytes(broken(original.read_bytes(), generator))

    outcome = CliRunner().invoke(
        app,
        ["transcribe", str(tmp_path / "bad"), "--out", str(tmp_path / "out"), "--format", "json"],
        catch_exceptions=False,
    )

    listed = outcome.stderr.partition("of 500 files failed:\n")[2].splitlines()
    assert outcome.exit_code == 2
    assert "Traceback" not in outcome.stderr
    assert all(line.startswith(f"  {tmp_path / 'bad'}/") for line in listed)
    failed = {Path(line.strip().partition(": ")[0]).stem for line in listed}
    written = {path.stem for path in (tmp_path / "out").iterdir()}
    assert failed | written == {f"{number:03}" for number in range(500)}


@pytest.mark.parametrize("name", [name for name, _, _, _ in _FORMATS])
def test_a_good_file_of_every_format_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(transcribe, "open_transcriber", scripted)
    sound_files(tmp_path)

    assert CliRunner().invoke(app, ["transcribe", str(tmp_path / name)]).exit_code == 0


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_six_hours_are_read_in_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transcribe, "open_transcriber", scripted_ears)
    path = tmp_path / "a.flac"
    # A minute with a second of speech-like sound in it, again and again.
    voice = np.frombuffer(SPEECH * 50, "<i2")
    minute = np.concatenate([voice, np.zeros(59 * 16_000, dtype=np.int16)])
    with soundfile.SoundFile(path, "w", 16_000, 1) as file:
        for _ in range(360):
            file.write(minute)

    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    outcome = CliRunner().invoke(app, ["transcribe", str(path), "--out", str(tmp_path / "a.json")])
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before

    lines = (tmp_path / "a.json").read_text(encoding="utf-8").splitlines()
    assert outcome.exit_code == 0
    assert len(lines) == 360
    assert json.loads(lines[-1])["start"] == pytest.approx(359 * 60, abs=1)
    assert grown < 50_000, "KiB; the sound itself is 675,000"
