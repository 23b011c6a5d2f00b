"""`streamer run` on sounds of all kinds: none, raw, of another rate, from the first sample on."""

from __future__ import annotations

import json
import subprocess

import numpy as np
import pytest
import soundfile

from tests.running import ROOT, TEXTS, Program, rest_of, wait_for_line


@pytest.mark.parametrize("source", ["-", "header.wav"])
def test_a_source_without_any_sound_is_an_error_and_no_meeting(program: Program, source: str) -> None:
    header = program.folder / "header.wav"
    soundfile.write(header, np.zeros(0, dtype=np.float32), 16_000)
    named = {"-": "-", "header.wav": str(header)}[source]
    done = program.run("--plain", source=named, stdin=subprocess.DEVNULL)
    told = {
        "-": "stdin 到结束也没有声音；请检查声音从哪里来",
        "header.wav": f"{header}：其中没有声音",
    }[source]

    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"streamer: {told}\n")
    assert list((program.data / "meetings").glob("*")) == []


@pytest.mark.parametrize("output", ["--plain", "--json"])
def test_a_source_without_any_sound_is_told_once_where_everything_is_read_in_one_place(
    program: Program, output: str
) -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    command = program.command(output, source="-")
    with subprocess.Popen(command, text=True, cwd=ROOT, env=program.environment(), **pipes) as process:
        # It begins although nothing has come: whoever gives the sound may take longer.
        told = wait_for_line(process, "stdin")
        assert process.stdin is not None
        process.stdin.close()
        told += rest_of(process)

    assert process.returncode == 2
    assert "".join(told).count("stdin 到结束也没有声音") == 1
    assert program.ended()


@pytest.mark.parametrize("speed", [["--fast"], []])
def test_a_recording_that_was_made_earlier_is_dated_by_when_it_was_made(program: Program, speed: list[str]) -> None:
    done = program.run("--json", "--began", "2026－11－13　09：00", *speed)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    at = {each["event"]: each["at"] for each in events if "at" in each}
    spoken = [each["at"][:19] for each in events if each["event"] == "segment_finalized"]

    assert done.returncode == 0
    assert at["meeting_started"] == "2026-11-13T09:00:00.000+00:00"
    assert [time[:18] for time in spoken] == ["2026-11-13T09:00:0"] * len(TEXTS)
    assert at["meeting_ended"][:18] == "2026-11-13T09:00:0"
    assert [path.name[:15] for path in (program.data / "meetings").iterdir()] == ["2026-11-13_0900"]


@pytest.mark.parametrize("is_pipe", [True, False])
def test_a_recording_on_standard_input_is_dated_by_when_it_was_made(program: Program, is_pipe: bool) -> None:
    raw, _ = soundfile.read(program.sound, dtype="int16")
    sound = program.folder / "tones.raw"
    sound.write_bytes(raw.tobytes())
    with subprocess.Popen(["cat", str(sound)], stdout=subprocess.PIPE) as pipe, sound.open("rb") as file:
        done = program.run(
            "--json", "--began", "2026-11-13 09:00", source="-", stdin=pipe.stdout if is_pipe else file
        )  # fmt: skip
    events = [json.loads(line) for line in done.stdout.splitlines()]
    at = {each["event"]: each["at"] for each in events if "at" in each}
    spoken = [each["at"][:18] for each in events if each["event"] == "segment_finalized"]

    assert done.returncode == 0
    assert at["meeting_started"] == "2026-11-13T09:00:00.000+00:00"
    assert spoken == ["2026-11-13T09:00:0"] * len(TEXTS)
    assert at["meeting_ended"][:18] == "2026-11-13T09:00:0"


def test_raw_sound_on_standard_input(program: Program) -> None:
    raw, _ = soundfile.read(program.sound, dtype="int16")
    sound = program.folder / "tones.raw"
    sound.write_bytes(raw.tobytes())
    with sound.open("rb") as stream:
        done = program.run("--plain", source="-", stdin=stream)

    assert [line[10:] for line in done.stdout.splitlines()[1:-1]] == TEXTS


def test_speech_from_the_first_sample_on_waits_for_the_models(program: Program) -> None:
    raw, _ = soundfile.read(program.sound, dtype="int16", start=8000)  # without the hiss before it
    sound = program.folder / "tones.raw"
    sound.write_bytes(raw.tobytes())

    def listened_first() -> bool:
        with sound.open("rb") as stream:
            lines = program.run("--json", source="-", stdin=stream).stdout.splitlines()
        events = [json.loads(line) for line in lines]
        loaded = [event.get("key") == "recognizer.loading" and not event["text"] for event in events].index(True)
        assert [event["text"] for event in events if event["event"] == "segment_finalized"] == TEXTS
        return any(event["event"] == "status_updated" and event["position_s"] > 0 for event in events[:loaded])

    # These models are so small that on a busy machine they may be there before the loop has had its first turn.
    assert any(listened_first() for _ in range(5))


def test_a_sound_of_another_rate_leaves_nothing_on_standard_error(program: Program) -> None:
    samples, rate = soundfile.read(program.sound)
    soundfile.write(program.sound, np.repeat(samples, 2), 2 * rate)
    done = subprocess.run(
        program.command("--fast", "--plain"),
        capture_output=True, text=True, cwd=ROOT, env=program.environment(), check=False,
    )  # fmt: skip

    assert (done.returncode, done.stderr.splitlines()) == (0, program.where_it_is())
