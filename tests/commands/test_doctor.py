from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path

import numpy as np
import soundfile
from typer.testing import CliRunner

from tests.commands.doctoring import app, run
from tests.commands.outboxes import fill
from tests.meeting.kept import begin, hold


def test_a_folder_whose_name_looks_like_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    folder = tmp_path / "a\\[/b] :mic:"
    outcome = CliRunner().invoke(app, ["--data-dir", str(folder)], catch_exceptions=False)

    assert f" GiB free at {folder}\n" in outcome.stdout


def test_a_folder_whose_name_is_no_utf_8_is_looked_at(tmp_path: Path) -> None:
    _, found = run("--data-dir", str(tmp_path / os.fsdecode("会议".encode("gbk"))))

    assert found["disk"]["found"].endswith(f" GiB free at {tmp_path}/\ufffd\ufffd\ufffd\ufffd")


def test_rooms_that_a_run_would_refuse_are_a_fault(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[[room]]\nname = "Lab 1"\n[[room]]\nname = "lab-1"\n')
    code, found = run("--config", str(config), "--data-dir", str(tmp_path))

    assert code == 1
    assert found["rooms"]["found"] == (
        "[[room]] names 'lab-1' and 'Lab 1' mean the same room (lab-1): give each its own name"
    )


def test_each_room_whose_file_is_absent_is_a_fault(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    rooms = [f'[[room]]\nname = "{name}"\nsource = "{tmp_path}/{name}.wav"\n' for name in ("lab", "hall")]
    config.write_text("".join(rooms))
    code, found = run("--config", str(config), "--data-dir", str(tmp_path))

    assert code == 1
    assert found["room lab"]["found"] == f"{tmp_path}/lab.wav: there is no such file"
    assert found["room hall"]["found"] == f"{tmp_path}/hall.wav: there is no such file"
    assert "rooms" not in found


def test_a_channel_that_a_rooms_file_lacks_is_a_fault(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "lab.wav", np.zeros(1600, np.int16), 16_000)
    config = tmp_path / "config.toml"
    config.write_text(f'[[room]]\nname = "lab"\nsource = "{tmp_path}/lab.wav"\nchannel = 2\n')
    _, found = run("--config", str(config), "--data-dir", str(tmp_path))

    assert found["room lab"]["found"] == (
        f"{tmp_path}/lab.wav: channel 2 was asked for, but there are 1; 0 mixes all of them"
    )


def test_a_channel_that_a_rooms_microphone_lacks_is_a_fault(tmp_path: Path, many_inputs: None) -> None:
    config = tmp_path / "config.toml"
    rooms = ('name = "lab"\nchannel = 9', 'name = "hall"\nchannel = 1')
    config.write_text("\n[[room]]\n".join(('[audio]\ndevice = "USB Mic A"', *rooms)))
    _, found = run("--config", str(config), "--data-dir", str(tmp_path))

    assert found["audio"]["found"].startswith("channel 9 was asked for, but USB Mic A has ")
    assert found["audio"]["advice"] == "correct audio.channel, or channel in [[room]]; 0 mixes all of them"


def test_a_hotword_list_that_is_absent_is_a_fault_and_one_that_is_read_is_counted(tmp_path: Path) -> None:
    config, words = tmp_path / "config.toml", tmp_path / "names.txt"
    config.write_text(f'[hotwords]\nfile = "{words}"\n')
    code, absent = run("--config", str(config), "--data-dir", str(tmp_path))
    words.write_text("张伟\n李娜 2.5\n")
    _, read = run("--config", str(config), "--data-dir", str(tmp_path))

    assert (code, absent["hotwords"]["state"]) == (1, "bad")
    assert str(words) in absent["hotwords"]["found"]
    assert read["hotwords"]["found"] == "words: 2"


def test_a_meeting_that_waits_for_recovery_is_named(tmp_path: Path) -> None:
    meeting = hold(tmp_path)
    with closing(sqlite3.connect(tmp_path / "streamer.db")) as connection, connection:
        connection.execute("UPDATE meetings SET ended_at = NULL")
    _, found = run("--data-dir", str(tmp_path))

    assert found["unfinished meetings"]["found"] == meeting
    assert found["unfinished meetings"]["advice"].startswith(f"`streamer recover --data-dir {tmp_path}` ")


def test_captions_of_a_room_that_no_run_serves_wait_for_ever(tmp_path: Path) -> None:
    fill(tmp_path, "hall:1883", 3)
    config = tmp_path / "config.toml"
    outbox = []
    for name in ("other", "room"):
        config.write_text(f'[mqtt]\nurl = "mqtt://hall/streamer"\n[[room]]\nname = "{name}"\nsource = "demo"\n')
        outbox.append(run("--config", str(config), "--data-dir", str(tmp_path))[1]["outbox"])

    assert [(found["state"], found["found"]) for found in outbox] == [
        ("doubtful", "captions that wait for hall:1883/streamer/room: 3"),
        ("good", "captions that wait for hall:1883: 3"),
    ]
    assert outbox[0]["advice"] == (
        "`streamer meetings outbox` sends or drops what waits for a broker or a room of the past"
    )


def test_captions_of_a_room_whose_meeting_runs_now_are_sent_by_it(tmp_path: Path) -> None:
    with closing(begin(tmp_path, room="room")):
        fill(tmp_path, "hall:1883", 3)
        _, found = run("--mqtt", "mqtt://hall/streamer", "--data-dir", str(tmp_path))

    assert found["outbox"]["state"] == "good"


def test_the_microphones_of_the_rooms_are_looked_for(tmp_path: Path, many_inputs: None) -> None:
    config = tmp_path / "config.toml"
    rooms = ('name = "lab"', 'name = "hall"\ndevice = "Beam"', 'name = "file"\nsource = "demo"')
    config.write_text("\n[[room]]\n".join(('[audio]\ndevice = "USB Mic A"', *rooms)))
    code, found = run("--config", str(config), "--data-dir", str(tmp_path))

    assert code == 1
    assert found["rooms"]["found"] == "lab, hall, file"
    assert found["audio"]["found"].startswith("no input is named 'Beam'; choose one of: ")
    assert found["audio"]["advice"].startswith("plug it in, a run waits for Beam; or correct ")


def test_without_ascend_only_the_general_checks_run(static_pack: Path) -> None:
    _, found = run("--pack", str(static_pack))

    names = ["Python", "libraries", "audio", "ffmpeg", f"pack {static_pack}", "disk", "store", "MQTT", "outbox"]
    assert list(found) == names
    assert found[f"pack {static_pack}"]["found"].endswith("both models load, with scores")


def test_a_broken_pack_is_bad_and_the_exit_code_says_so(static_pack: Path) -> None:
    (static_pack / "language.onnx").write_bytes(b"")

    outcome = CliRunner().invoke(app, ["--pack", str(static_pack)], catch_exceptions=False)
    assert outcome.exit_code == 1
    assert "✗ pack" in outcome.stdout
    assert "→ " in outcome.stdout


def test_text_from_outside_is_no_markup(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["--pack", str(tmp_path / "[red]x[/]")], catch_exceptions=False)

    assert "[red]x[/]" in outcome.stdout
