"""`streamer run` on the stand-in for an NPU gives the text that the same models give on a CPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.asr.modelpack import find_pack
from streamer.audio.demo import DEMO_SOUND
from tests.acl_simulator.copies import offline_copy, static_copy
from tests.acl_simulator.fixtures import ProcessReports, processes
from tests.running import CONFIG, SENTENCES, TEXTS
from tests.tonepack import hiss, tone, write_tone_pack

__all__ = ["processes"]

ROOT = Path(__file__).parents[1]


def streamer(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "streamer", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=dict(os.environ), check=False)


def finals(done: subprocess.CompletedProcess[str]) -> list[str]:
    """Texts of the finals among the events."""
    assert done.returncode == 0, done.stderr
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["text"] for event in events if event["event"] == "segment_finalized"]


def notices(done: subprocess.CompletedProcess[str], key: str) -> list[str]:
    """Texts of the notices with a key."""
    events = [json.loads(line) for line in done.stdout.splitlines()]
    return [event["text"] for event in events if event["event"] == "notice" and event["key"] == key]


@pytest.fixture
def sound(tmp_path: Path) -> Path:
    parts = [hiss(0.5)]
    for sentence in SENTENCES:
        parts += [piece for syllable in sentence for piece in (tone(syllable, 0.2), hiss(0.06))] + [hiss(0.9)]
    soundfile.write(tmp_path / "tones.wav", np.concatenate(parts), 16_000)
    return tmp_path / "tones.wav"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The example's table for the NPU, with a gate that lets tones pass and a fallback of tones."""
    tones = write_tone_pack(tmp_path / "tones", static=True)
    offline_copy(tones, tmp_path / "npu")
    text = CONFIG.format(pack=tmp_path / "npu")
    fallback = f'[recognizer.ascend]\nretries = 1\nretry_pause_ms = 0\nfallback_pack = "{tones}"\n'
    (tmp_path / "config.toml").write_text(f"{text}{fallback}", encoding="utf-8")
    return tmp_path / "config.toml"


def run(config: Path, sound: Path, *more: object) -> subprocess.CompletedProcess[str]:
    data = config.parent / "data"
    return streamer("run", "--source", sound, "--fast", "--json", "--config", config, "--data-dir", data, *more)


def test_a_meeting_on_the_npu_gives_the_text_of_the_cpu(
    config: Path, sound: Path, tmp_path: Path, processes: ProcessReports
) -> None:
    on_npu, on_cpu = run(config, sound), run(config, sound, "--pack", tmp_path / "tones")

    assert finals(on_npu) == finals(on_cpu) == TEXTS
    [report] = processes.lines()
    assert report["calls"]["mdl.execute_async"] >= 2 * len(TEXTS)


@pytest.mark.slow
def test_models_with_the_bare_contract_give_the_same_text_without_times_of_their_own(
    sound: Path, tmp_path: Path, processes: ProcessReports
) -> None:
    """As the published offline models are: ids alone, no log-probabilities; hotwords and beam have nothing to go by."""
    bare = write_tone_pack(tmp_path / "bare", static=True, log_probs=False)
    offline = offline_copy(bare, tmp_path / "npu")
    beam = '[recognizer]\ndecoding = "beam"\n'
    (tmp_path / "config.toml").write_text(CONFIG.format(pack=offline).replace("[recognizer]\n", beam), encoding="utf-8")
    done = run(tmp_path / "config.toml", sound)

    assert finals(done) == TEXTS
    events = [json.loads(line) for line in done.stdout.splitlines()]
    tokens = [one for event in events if event["event"] == "segment_finalized" for one in event["tokens"]]
    assert {one["confidence"] for one in tokens} == {None}
    assert all(one["start_s"] < one["end_s"] for one in tokens)


@pytest.mark.slow
def test_an_npu_that_dies_in_the_meeting_costs_no_text_and_is_told(
    config: Path, sound: Path, processes: ProcessReports
) -> None:
    processes.inject("mdl.execute_async:1+:507011")
    done = run(config, sound)

    assert finals(done) == TEXTS
    [notice, *_] = notices(done, "recognizer.fallback")
    assert "the NPU is away, captions come from the fallback pack" in notice
    assert "507011" in notice


@pytest.mark.slow
def test_files_are_transcribed_with_the_fallback_pack_where_the_npu_is_dead(
    config: Path, sound: Path, processes: ProcessReports
) -> None:
    processes.inject("rt.set_device:1+:107001")
    done = streamer("transcribe", sound, "--config", config)

    assert done.returncode == 0
    assert [line.partition("] ")[2] for line in done.stdout.splitlines()] == TEXTS
    assert done.stderr.count("captions come from the fallback pack") == 1


@pytest.mark.slow
def test_a_worker_that_is_killed_in_the_meeting_costs_no_text(
    config: Path, sound: Path, processes: ProcessReports
) -> None:
    processes.inject("mdl.execute_async:4:die", once=True)
    done = run(config, sound)

    assert finals(done) == TEXTS
    assert notices(done, "recognizer.fallback") == []


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.skipif(not (find_pack("zh") / "conformer.onnx").is_file(), reason="the embedded pack has no models yet")
def test_speech_with_the_example_configuration_gives_the_text_of_the_cpu(
    tmp_path: Path, processes: ProcessReports
) -> None:
    samples, rate = soundfile.read(DEMO_SOUND, dtype="int16", stop=25 * 16_000)
    soundfile.write(tmp_path / "speech.wav", samples, rate)
    static = static_copy(find_pack("zh"), tmp_path / "static")
    offline = offline_copy(static, tmp_path / "offline")
    texts = []
    for pack in (static, offline):
        options = ("--config", "config/ascend.toml", "--pack", pack, "--data-dir", tmp_path / f"data-{pack.name}")
        texts.append(finals(streamer("run", "--source", tmp_path / "speech.wav", "--fast", "--json", *options)))

    assert texts[0] == texts[1]
    assert len("".join(texts[0])) > 50
