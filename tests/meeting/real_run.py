"""Meetings held by the real ``streamer run`` on a tiny pack, and killed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.minutes import Line
from streamer.settings import Settings, load_settings
from streamer.types import SAMPLE_RATE, Frame
from tests.meeting.material import STARTED
from tests.sounds import write
from tests.tonepack import hiss, tone, write_tone_pack

STREAMER = [sys.executable, "-m", "streamer"]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
_CONFIG = """
[recognizer]
pack = "{pack}"
[segmenter]
vad_mode = 0
[gate]
min_level_range_db = 0
min_voiced_frames = 0
early_syllables = 0
max_steady_share = 1
max_sparse_steady_share = 1
repeated_syllables_per_s = 0
murmur_range_db = 0
[store]
piece_s = 5
[minutes]
formats = ["markdown", "txt", "srt", "vtt", "json"]
"""


@dataclass(frozen=True)
class Studio:
    """A sound file, a configuration and a pack."""

    folder: Path

    @property
    def config(self) -> Path:
        return self.folder / "streamer.toml"

    @property
    def sound(self) -> Path:
        return self.folder / "meeting.wav"

    @property
    def settings(self) -> Settings:
        return load_settings(self.config)

    def command(self, data_dir: Path, *more: str | Path, sound: Path | str | None = None) -> list[str | Path]:
        return [
            *STREAMER, "run", "--source", sound or self.sound, "--json", "--config", self.config,
            "--data-dir", data_dir, "--title", "周会", "--room", "test", *more,
        ]  # fmt: skip

    def run(self, data_dir: Path, *more: str, sound: Path | str | None = None) -> None:
        """Hold the whole meeting."""
        subprocess.run(
            self.command(data_dir, *more, sound=sound),
            check=True,
            stdout=subprocess.DEVNULL,
            env=ENVIRONMENT,
            timeout=200,
        )

    def streamer(self, *arguments: str | Path) -> str:
        """Run a command; what it printed."""
        command = [*STREAMER, *arguments, "--config", self.config]
        return subprocess.run(command, check=True, capture_output=True, text=True, env=ENVIRONMENT, timeout=200).stdout


def open_studio(folder: Path) -> Studio:
    """Make pack, sound and configuration. The sound has short and long speech, so that some is cut by force."""
    write_tone_pack(folder / "pack")
    (folder / "streamer.toml").write_text(_CONFIG.format(pack=folder / "pack"), encoding="utf-8")
    rng = np.random.default_rng(5)
    parts = [hiss(0.7)]
    for syllables in (6, 9, 4, 55, 5, 12, 70, 3, 7) * 2:
        for _ in range(syllables):
            parts += [tone(int(rng.integers(0, 5)), 0.22), hiss(0.06)]
        parts.append(hiss(0.9))
    write(folder / "meeting.wav", np.concatenate(parts).astype(np.float32) / 32768)
    return Studio(folder)


@pytest.fixture(scope="module")
def studio(tmp_path_factory: pytest.TempPathFactory) -> Studio:
    """What the meetings of a module are held with."""
    return open_studio(tmp_path_factory.mktemp("studio"))


@dataclass(frozen=True)
class Death:
    """When a meeting is killed."""

    finals: int
    """After so many finals were shown; 0: after the meeting has started …"""
    seconds: float
    """… and so many seconds."""


def run_and_kill(
    studio: Studio, data_dir: Path, death: Death, *more: str, sound: Path | str | None = None
) -> tuple[list[int], float]:
    """Run a meeting and SIGKILL it; ids of the finals shown, and seconds of sound told of."""
    process = subprocess.Popen(
        studio.command(data_dir, *more, sound=sound),
        stdout=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        env=ENVIRONMENT,
    )
    killer = threading.Timer(death.seconds, process.kill)
    shown, position = [], 0.0
    for line in process.stdout:
        if killer.ident is None and len(shown) == death.finals:
            killer.start()
        if not line.endswith("\n"):
            break
        event = json.loads(line)
        if event["event"] == "segment_finalized":
            shown.append(event["segment"])
        elif event["event"] == "status_updated":
            position = event["position_s"]
    process.wait()
    process.stdout.close()
    killer.cancel()
    return shown, position


def lines_of(data_dir: Path) -> list[Line]:
    """The lines of the only meeting in a data folder."""
    store = Archive(data_dir).open_store(Settings())
    try:
        (record,) = store.records()
        return list(store.lines(record.id))
    finally:
        store.close()


def pcm_of(studio: Studio, samples: int) -> bytes:
    """The meeting's sound up to a position."""
    return studio.sound.read_bytes()[44 : 44 + 2 * samples]


def record_only(studio: Studio, data_dir: Path, seconds: int, settings: Settings | None = None) -> None:
    """An unfinished meeting of which nothing was decoded; ``settings``: those of the studio if None."""
    journal = open_meeting(settings or studio.settings, data_dir, STARTED)
    pcm = pcm_of(studio, seconds * SAMPLE_RATE)
    for offset in range(0, len(pcm), 640):
        journal.append(Frame(pcm[offset : offset + 640], offset // 2))
    journal.close()


def said(data_dir: Path) -> list[tuple[int, int, str]]:
    """What the only meeting in a data folder has: start, end, text."""
    return [(line.start_sample, line.end_sample, line.text) for line in lines_of(data_dir) if line.text]
