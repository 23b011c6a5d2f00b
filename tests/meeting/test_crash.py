from __future__ import annotations

import random
import re
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from streamer.archive.archive import Archive
from streamer.audio.pieces import pieces_of, read_sound, recorded_spans
from streamer.settings import Settings
from tests.meeting.material import STARTED, sound

DRIVER = [sys.executable, "-m", "tests.meeting.driver"]


def random_moments(seed: int, upto: int, count: int) -> list[int]:
    """Lines of output after which to kill."""
    return random.Random(seed).sample(range(1, upto), count)  # noqa: S311 - chosen to be repeatable


def run_and_kill(data_dir: Path, lines: int) -> tuple[int, int]:
    """Run a meeting, SIGKILL it after a number of lines; the last position appended and the last final shown."""
    process = subprocess.Popen([*DRIVER, data_dir, STARTED.meeting_id, "60"], stdout=subprocess.PIPE, text=True)
    output = []
    for line in process.stdout:
        output.append(line)
        if len(output) == lines:
            process.kill()
    process.wait()
    process.stdout.close()
    shown = {"POSITION": 0, "FINAL": 0}
    for line in output:
        word, _, number = line.partition(" ")
        if word in shown and line.endswith("\n"):
            shown[word] = int(number)
    return shown["POSITION"], shown["FINAL"]


def check_survival(data_dir: Path, position: int, shown: int) -> None:
    archive = Archive(data_dir)
    store = archive.open_store(Settings())
    assert list(store.database.rows("PRAGMA integrity_check")) == [("ok",)]
    record = store.record(STARTED.meeting_id)
    texts = [line.text for line in store.lines(record.id)]
    store.close()
    assert texts[:shown] == [f"第{number}句。" for number in range(1, shown + 1)]
    assert record.ended_at is None
    assert not archive.is_running(record)

    pieces = pieces_of(archive.audio(record))
    ((first, last),) = recorded_spans(pieces)
    assert first == 0
    assert position - last <= 16_000, "at most the last second is lost"
    assert read_sound(pieces, 0, last) == sound(0, last)


@pytest.mark.parametrize("lines", random_moments(seed=4, upto=1500, count=3))
def test_what_was_shown_survives_sigkill(tmp_path, lines):
    check_survival(tmp_path, *run_and_kill(tmp_path, lines))


@pytest.mark.slow
@pytest.mark.parametrize("lines", random_moments(seed=5, upto=3000, count=20))
def test_what_was_shown_survives_sigkill_often(tmp_path, lines):
    check_survival(tmp_path, *run_and_kill(tmp_path, lines))


def traced_calls(tmp_path: Path) -> list[tuple[str, str]]:
    """The order of writes and syncs of a short meeting: (call, file) or ("shown", "FINAL n")."""
    trace = tmp_path / "trace"
    calls = "trace=write,pwrite64,fsync,fdatasync,rename,unlink"
    command = ["strace", "-f", "-y", "-s", "64", "-e", calls, "-o", trace, *DRIVER, tmp_path / "data", "m", "11"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=100)
    found = []
    for line in trace.read_text(errors="replace").splitlines():
        if match := re.search(r"(fsync|fdatasync|write|pwrite64)\(\d+<([^>]*)>", line):
            kind = "sync" if "sync" in match[1] else "write"
            shown = re.search(r'"(FINAL \d+|CLOSED)', line)
            found.append(("shown", shown[1]) if shown else (kind, Path(match[2]).name))
        elif match := re.search(r'(rename|unlink)\("([^"]*)"', line):
            found.append((match[1], Path(match[2]).name))
    return found


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace (apt-get install strace)")
def test_sound_is_synced_before_its_final_and_the_final_before_it_is_shown(tmp_path):
    calls = traced_calls(tmp_path)
    shown = [index for index, call in enumerate(calls) if call[0] == "shown" and call[1].startswith("FINAL")]
    assert len(shown) == 27

    begin = calls.index(("write", "000000000000.pcm"))
    for end in shown:
        part = calls[begin:end]
        sound_written = max(index for index, call in enumerate(part) if call[0] == "write" and ".pcm" in call[1])
        sound_synced = part.index(("sync", part[sound_written][1]), sound_written)
        committed = part.index(("write", "streamer.db-wal"), sound_synced)
        assert ("sync", "streamer.db-wal") in part[committed:]
        assert ("write", "streamer.db-wal") not in part[:sound_synced]
        begin = end


@pytest.mark.skipif(shutil.which("strace") is None, reason="needs strace (apt-get install strace)")
def test_names_are_synced_and_a_raw_piece_goes_only_after_its_copy_is_durable(tmp_path):
    calls = traced_calls(tmp_path)
    first_sync = calls.index(("sync", "000000000000.pcm"))
    assert ("sync", "audio") in calls[first_sync : calls.index(("shown", "FINAL 1"))]

    for start in ("000000000000", "000000080000", "000000160000"):
        written = calls.index(("sync", f"{start}.part"))
        renamed = calls.index(("rename", f"{start}.part"), written)
        named = calls.index(("sync", "audio"), renamed)
        assert calls.index(("unlink", f"{start}.pcm")) > named


def test_a_whole_meeting_is_closed(tmp_path):
    subprocess.run([*DRIVER, tmp_path, "m", "3"], check=True, stdout=subprocess.DEVNULL)

    with sqlite3.connect(tmp_path / "streamer.db") as store:
        assert store.execute("SELECT end_sample FROM meetings").fetchall() == [(48_000,)]
    store.close()


def test_two_meetings_run_in_one_data_folder_at_once(tmp_path):
    processes = [
        subprocess.Popen([*DRIVER, tmp_path, meeting, "8"], stdout=subprocess.DEVNULL) for meeting in ("a", "b", "c")
    ]
    assert [process.wait(60) for process in processes] == [0, 0, 0]

    store = Archive(tmp_path).open_store(Settings())
    assert {record.id: len(list(store.lines(record.id))) for record in store.records()} == {"a": 20, "b": 20, "c": 20}
    assert len({record.folder for record in store.records()}) == 3
    store.close()
