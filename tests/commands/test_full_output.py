"""What a person sees where standard output cannot be written: a full disk, a reader that has gone."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sounds import tone, write
from tests.tonepack import write_tone_pack

ROOT = Path(__file__).parents[2]
FULL = Path("/dev/full")

needs_full = pytest.mark.skipif(not FULL.exists(), reason="needs Linux's /dev/full")


def into(output: int, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """A command whose standard output is a descriptor."""
    command = [sys.executable, "-m", "streamer", *map(str, arguments)]
    return subprocess.run(command, stdout=output, stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=60, check=False)


@needs_full
@pytest.mark.parametrize("command", ["--version", "--help", "meetings list", "models list", "recover", "doctor"])
def test_a_full_disk_is_one_line_and_an_exit_code(tmp_path: Path, command: str) -> None:
    where = ("--data-dir", tmp_path) if command in {"meetings list", "recover", "doctor"} else ()
    with FULL.open("w", encoding="utf-8") as full:
        done = into(full.fileno(), *command.split(), *where)

    assert done.stderr == (
        "streamer: standard output: No space left on device; make room where it is written, or write it elsewhere\n"
    )
    assert done.returncode == 5


@needs_full
def test_a_full_disk_ends_the_transcription_of_a_file(tmp_path: Path) -> None:
    pack, sound = write_tone_pack(tmp_path / "pack"), write(tmp_path / "a.wav", tone(1.0))
    with FULL.open("w", encoding="utf-8") as full:
        done = into(full.fileno(), "transcribe", sound, "--format", "vtt", "--pack", pack)

    assert done.stderr.splitlines()[-1].startswith("streamer: standard output: No space left on device; ")
    assert "Traceback" not in done.stderr
    assert done.returncode == 5


@pytest.mark.parametrize("command", ["--help", "models list"])
def test_a_reader_that_has_gone_ends_a_command_without_a_word(command: str) -> None:
    read, write_end = os.pipe()
    os.close(read)
    done = into(write_end, *command.split())
    os.close(write_end)

    assert (done.returncode, done.stderr) == (1, "")


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", ">&- 2>&- <&-"])
def test_without_standard_descriptors_a_command_goes_on(tmp_path: Path, closed: str) -> None:
    pack, sound = write_tone_pack(tmp_path / "pack"), write(tmp_path / "a.wav", tone(1.0))
    shell = f"exec {shlex.quote(sys.executable)} -m streamer transcribe {sound} --format vtt --pack {pack} {closed}"
    done = subprocess.run(["sh", "-c", shell], stderr=subprocess.PIPE, text=True, cwd=ROOT, timeout=60, check=False)

    assert done.returncode == 0
    assert "Traceback" not in done.stderr
