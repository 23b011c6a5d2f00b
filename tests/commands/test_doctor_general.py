from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from streamer.doctor import general
from streamer.doctor.finding import State, bad, good
from streamer.meeting.database import Database
from tests.commands.outboxes import fill
from tests.disks import locked
from tests.meeting.kept import hold


def test_a_file_in_the_place_of_the_data_folder_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert general.check_disk(tmp_path / "file" / "data") == bad(
        "disk", f"{tmp_path}/file is a file, not a folder", "name a folder with --data-dir or store.data_dir"
    )


def test_this_pythons_libraries_are_there() -> None:
    assert general.check_python((3, 11)).state is State.GOOD
    assert general.check_libraries().state is State.GOOD


def test_a_missing_library_is_named() -> None:
    assert general.check_libraries(("numpy", "no-such-package")).found == "missing: no-such-package"


def test_a_configured_microphone_that_is_not_there_is_named(many_inputs: None) -> None:
    assert general.check_audio() == good("audio", "inputs: 3; default input: Webcam")
    assert general.check_audio(("USB Mic B", "", "0")).state is State.GOOD
    assert general.check_audio(("Webcam", "USB")) == bad(
        "audio",
        "several inputs are named like 'USB'; choose one of: 1 USB Mic A, 2 USB Mic B",
        "correct audio.device, or device in [[room]]: `streamer devices` lists the inputs",
    )


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)

    finding = general.check_disk(tmp_path / "not/yet/made")
    assert (finding.state, finding.found) == (State.BAD, f"{tmp_path}: Permission denied")


@pytest.mark.parametrize(("free", "state"), [(100 << 20, "bad"), (1 << 30, "doubtful"), (50 << 30, "good")])
def test_free_space_is_judged(tmp_path: Path, free: int, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(free * 2, free, free))  # type: ignore[attr-defined]

    assert general.check_disk(tmp_path).state == state


@pytest.mark.parametrize(
    ("free", "told"), [(24_500_000, "23 MB"), ((1 << 30) - 1, "1023 MB"), (1 << 30, "1.0 GiB"), (50 << 30, "50.0 GiB")]
)
def test_free_space_below_a_gib_is_told_in_mb(
    tmp_path: Path, free: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(100 << 30, 0, free))  # type: ignore[attr-defined]

    assert general.check_disk(tmp_path).found == f"{told} free at {tmp_path}"


def test_where_no_sound_is_recorded_any_more_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = "the last 32 MB of the disk are kept for the captions"
    monkeypatch.setattr(general, "missing_room", lambda _folder, *, is_full: "" if is_full else lacking)

    finding = general.check_disk(tmp_path)
    assert (finding.state, finding.advice) == (State.BAD, f"make room: a run records no sound now; {lacking}")


NO_ROOM = "make room, or choose another --data-dir: no meeting can begin there now"


def test_a_disk_that_takes_nothing_needs_room_and_no_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)

    assert general.check_disk(tmp_path).advice == NO_ROOM


def test_on_a_disk_without_any_room_no_meeting_begins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(2**30, 2**30, 0))  # type: ignore[attr-defined]

    assert general.check_disk(tmp_path) == bad("disk", f"0 MB free at {tmp_path}", NO_ROOM)


def test_a_store_is_read_through(tmp_path: Path) -> None:
    assert general.check_store(tmp_path) == good("store", "no meetings yet")
    hold(tmp_path)
    assert general.check_store(tmp_path) == good("store", "meetings: 1; the file is sound")

    store = tmp_path / "streamer.db"
    pages = bytearray(store.read_bytes())
    pages[4096 * 3 : 4096 * 4] = b"\xa5" * 4096
    store.write_bytes(pages)
    finding = general.check_store(tmp_path)
    assert (finding.state, finding.advice) == (
        State.BAD,
        f"restore {store} from a copy; sound and minutes lie in {tmp_path / 'meetings'}",
    )


def test_a_folder_that_may_not_be_entered_is_named_not_a_damaged_store(tmp_path: Path) -> None:
    hold(tmp_path)

    with locked(tmp_path):
        disk, store, outbox = (
            general.check_disk(tmp_path),
            general.check_store(tmp_path),
            general.check_outbox(tmp_path, ""),
        )

    told = f"{tmp_path / 'streamer.db'}: Permission denied"
    assert disk.found == f"{tmp_path}: Permission denied"
    assert store == bad("store", told, f"make {tmp_path} readable, or choose another --data-dir")
    assert (outbox.state, outbox.found) == (State.BAD, f"[Errno 13] Permission denied: '{tmp_path / 'streamer.db'}'")


def test_a_newer_store_is_not_to_be_replaced_by_a_copy(tmp_path: Path) -> None:
    hold(tmp_path)
    with closing(sqlite3.connect(tmp_path / "streamer.db")) as connection:
        connection.execute("PRAGMA user_version = 999")

    store, outbox = general.check_store(tmp_path), general.check_outbox(tmp_path, "")

    assert store.found.endswith("it was made by a newer streamer; install that, or name another folder with --data-dir")
    assert (store.advice, outbox) == ("", bad("outbox", store.found, ""))


def test_meetings_without_a_store_are_found(tmp_path: Path) -> None:
    hold(tmp_path)
    for path in tmp_path.glob("streamer.db*"):
        path.unlink()

    told = f"meetings in {tmp_path / 'meetings'} that are not in it: 1"
    missing = general.check_store(tmp_path)
    Database(tmp_path / "streamer.db").close()
    assert (missing.found, general.check_store(tmp_path).found) == (told, told)


@pytest.mark.parametrize("marker", ["", "20261120T063001Z-0000"])
def test_a_folder_in_which_nothing_was_written_is_no_missing_meeting(tmp_path: Path, marker: str) -> None:
    """The disk was full when its meeting was to begin, or the computer died then."""
    hold(tmp_path)
    begun = tmp_path / "meetings" / "2026-11-20_0630_begun"
    (begun / "audio").mkdir(parents=True)
    (begun / ".meeting").write_text(marker, encoding="utf-8")

    assert general.check_store(tmp_path) == good("store", "meetings: 1; the file is sound")


def test_captions_that_wait_for_another_broker_are_told(tmp_path: Path) -> None:
    assert general.check_outbox(tmp_path, "").found == "empty"
    fill(tmp_path, "old:1883", 3)

    assert general.check_outbox(tmp_path, "mqtt://old").state is State.GOOD
    finding = general.check_outbox(tmp_path, "mqtt://new/streamer")
    assert (finding.state, finding.found) == (State.DOUBTFUL, "captions that wait for old:1883: 3")
    assert "streamer meetings outbox" in finding.advice


def test_an_absent_microphone_that_a_run_waits_for_is_told_so(many_inputs: None) -> None:
    found = general.check_audio(("Beam",), is_awaited=True)
    ambiguous = general.check_audio(("USB",), is_awaited=True)
    named = "correct audio.device, or device in [[room]]: `streamer devices` lists the inputs"

    assert found.state is State.BAD
    assert found.advice == f"plug it in, a run waits for Beam; or {named}"
    assert ambiguous.advice == named


def test_without_any_input_it_is_told_what_a_run_waits_for(monkeypatch: pytest.MonkeyPatch, open_euler: None) -> None:
    async def none() -> tuple[()]:
        return ()

    monkeypatch.setattr(general, "find_inputs", none)

    assert general.check_audio(("USB", "", "USB"), is_awaited=True).advice == (
        "a run waits for USB, the default input: plug in a microphone, or dnf install alsa-plugins-pulseaudio "
        "for PulseAudio or PipeWire"
    )
    assert general.check_audio(("USB",)).advice.startswith("only `--source mic` needs one: plug in a microphone")
