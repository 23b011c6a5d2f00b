from __future__ import annotations

import json
import shutil
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from streamer import retention
from streamer.archive.archive import Archive, remove_sound
from streamer.commands.run import _tell_deleted
from streamer.errors import SinkError
from streamer.minutes import Audio
from streamer.outputs import Output
from streamer.retention import (
    GIB,
    Deletion,
    KeptSound,
    delete_overdue,
    overdue,
    overdue_sound_gone,
    unfinished_meetings,
    write_without_sound,
)
from streamer.settings import load_settings
from streamer.settings.store import StoreSettings
from streamer.sinks.messages import ENGLISH
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import START, STARTED
from tests.running import Program
from tests.sinks.minutes.material import ENDED

NOW = datetime(2026, 12, 1, tzinfo=UTC)


def kept(*days_and_gib: tuple[int, float]) -> list[KeptSound]:
    return [
        KeptSound(
            replace(ENDED, id=str(days), started_at=NOW - timedelta(days=days), ended_at=NOW - timedelta(days=days)),
            int(size * GIB),
        )
        for days, size in days_and_gib
    ]


@pytest.mark.parametrize(
    ("settings", "deleted"),
    [
        ({}, []),
        ({"audio_days": 30}, ["90", "31"]),
        ({"audio_gib": 2.5}, ["90", "31"]),
        ({"audio_gib": 10}, []),
        ({"audio_days": 10**12}, []),
        ({"audio_days": 60, "audio_gib": 1.5}, ["90", "31", "5"]),
    ],
)
def test_the_oldest_goes_first(settings, deleted):
    sounds = kept((5, 1), (90, 1), (31, 1), (0, 1))
    assert [sound.record.id for sound in overdue(sounds, StoreSettings(**settings), NOW)] == deleted


def test_sound_is_as_old_as_its_meetings_end_says_where_the_clock_was_set_meanwhile():
    """As on a machine without a battery, whose clock begins in 1970 until the network tells it."""
    (sound,) = kept((20_000, 1))
    sound = replace(sound, record=replace(sound.record, ended_at=NOW - timedelta(days=1)))

    assert overdue([sound], StoreSettings(audio_days=30), NOW) == ()


def test_sound_of_a_computer_that_did_not_know_the_date_is_not_too_old_and_goes_last():
    undated, old, new = sounds = kept((20_000, 1), (31, 1), (1, 1))

    assert overdue(sounds, StoreSettings(audio_days=30), NOW) == (old,)
    assert overdue(sounds, StoreSettings(audio_gib=1), NOW) == (old, new)
    assert overdue(sounds, StoreSettings(audio_gib=0.5), NOW) == (old, new, undated)


def test_sound_that_is_overdue_goes_and_the_text_stays(tmp_path):
    hold(tmp_path)
    begin(tmp_path, meeting_id="running").close()  # not ended: kept for its recovery
    settings = load_settings(overrides={"store": {"audio_days": 1}})

    deletion = delete_overdue(settings, tmp_path, START + timedelta(days=2))
    assert deletion == Deletion(1, (STARTED.meeting_id,))
    assert not (folder_of(tmp_path) / "audio").exists()
    assert "audio/" in (folder_of(tmp_path) / "minutes.md").read_text(encoding="utf-8")
    write_without_sound(settings, tmp_path, deletion.silent)
    assert "audio/" not in (folder_of(tmp_path) / "minutes.md").read_text(encoding="utf-8")
    store = Archive(tmp_path).open_store(SETTINGS)
    assert store.record(STARTED.meeting_id).audio is Audio.DELETED
    assert (folder_of(tmp_path, "running") / "audio").exists()
    assert len(list(store.lines(STARTED.meeting_id))) == 4
    store.close()


def test_a_folder_that_was_moved_away_is_not_made_anew_for_minutes_without_sound(tmp_path):
    hold(tmp_path)
    folder_of(tmp_path).rename(tmp_path / "elsewhere")
    settings = load_settings(overrides={"store": {"audio_days": 1}})

    assert delete_overdue(settings, tmp_path, START + timedelta(days=2)) == Deletion(0, ())
    assert list((tmp_path / "meetings").iterdir()) == []
    with closing(Archive(tmp_path).open_store(SETTINGS)) as store:
        assert store.record(STARTED.meeting_id).audio is Audio.DELETED


def test_a_meeting_that_was_deleted_meanwhile_does_not_keep_others_from_minutes_without_sound(tmp_path, caplog):
    hold(tmp_path)
    shutil.rmtree(folder_of(tmp_path) / "audio")
    with closing(Archive(tmp_path).open_store(SETTINGS)) as store:
        store.set_audio(STARTED.meeting_id, Audio.DELETED)

    write_without_sound(SETTINGS, tmp_path, ("gone", STARTED.meeting_id))
    assert "audio/" not in (folder_of(tmp_path) / "minutes.md").read_text(encoding="utf-8")
    assert caplog.messages == ["there is no meeting gone"]


def test_minutes_without_sound_stay_in_their_meetings_language_and_formats(tmp_path):
    own = load_settings(overrides={"minutes": {"language": "en", "formats": ["txt"]}})
    hold(tmp_path, settings=own)

    write_without_sound(SETTINGS, tmp_path, (STARTED.meeting_id,))
    assert [path.name for path in folder_of(tmp_path).glob("minutes.*")] == ["minutes.txt"]
    assert "时间" not in (folder_of(tmp_path) / "minutes.txt").read_text(encoding="utf-8")


def test_a_run_deletes_what_is_overdue_and_writes_its_minutes_without_it(tmp_path):
    program = Program(tmp_path)
    hold(program.data)
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[store]\naudio_days = 1\n")
    minutes = folder_of(program.data) / "minutes.md"
    assert "audio/" in minutes.read_text(encoding="utf-8")

    assert program.run("--fast", "--plain").returncode == 0
    assert "audio/" not in minutes.read_text(encoding="utf-8")
    assert not (minutes.parent / "audio").exists()


DELETED = "按设置（[store] audio_days 或 audio_gib）删除了 1 场旧会议的录音，文字保留"


@pytest.mark.parametrize("output", ["--plain", "--json"])
def test_a_run_says_how_many_recordings_it_deleted(tmp_path, output):
    program = Program(tmp_path)
    hold(program.data)
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[store]\naudio_days = 1\n")

    done = program.run("--fast", output)
    again = program.run("--fast", output)

    assert done.stderr.count(DELETED) == 1  # the log
    assert DELETED not in again.stdout + again.stderr
    if output == "--json":
        notice = json.loads(done.stdout.splitlines()[0])
        assert (notice["event"], notice["key"], notice["severity"]) == ("notice", "store.deleted", "info")
        assert notice["text"] == DELETED


def test_on_a_terminal_deleted_recordings_are_told_above_the_captions_and_in_the_log(capsys, caplog):
    assert _tell_deleted(Deletion(13, ()), Output.TERMINAL, ENGLISH) == ()

    told = "recordings deleted, as [store] audio_days or audio_gib asks: 13; their text stays"
    assert " ".join(capsys.readouterr().err.split()) == f"! {told}"
    assert caplog.messages == [told]
    assert _tell_deleted(Deletion(0, ("a",)), Output.TERMINAL, ENGLISH) == ()
    assert capsys.readouterr().err == ""


def test_a_piece_that_another_process_takes_away_meanwhile_has_no_size(tmp_path):
    """Two runs that begin at the same time delete the same sound, or one compresses what the other measures."""
    hold(tmp_path)
    (folder_of(tmp_path) / "audio" / "000000960000.pcm").symlink_to("gone")
    settings = load_settings(overrides={"store": {"audio_gib": 1}})

    assert delete_overdue(settings, tmp_path, NOW) == Deletion(0, ())


def test_unfinished_meetings_are_named_before_a_new_one(tmp_path):
    hold(tmp_path)
    begin(tmp_path, meeting_id="unfinished").close()
    running = begin(tmp_path, meeting_id="running")

    assert [one.id for one in unfinished_meetings(SETTINGS, tmp_path)] == ["unfinished"]
    running.close()


def test_minutes_that_a_run_left_with_links_to_deleted_sound_are_written_after_the_next_one(tmp_path):
    """It was left at once, by a second Ctrl-C or a power failure; sound is kept for ever meanwhile."""
    hold(tmp_path)
    minutes = folder_of(tmp_path) / "minutes.md"
    settings = load_settings(overrides={"store": {"audio_days": 1}})
    delete_overdue(settings, tmp_path, START + timedelta(days=2))
    assert "audio/" in minutes.read_text(encoding="utf-8")

    with overdue_sound_gone(SETTINGS, tmp_path, START + timedelta(days=3)):
        pass
    assert "audio/" not in minutes.read_text(encoding="utf-8")
    assert delete_overdue(SETTINGS, tmp_path, START + timedelta(days=4)) == Deletion(0, ())


def test_minutes_that_a_disk_refuses_are_written_after_the_next_run(tmp_path, monkeypatch, caplog):
    def refuse(*_: object) -> None:
        raise SinkError("the disk is full")

    hold(tmp_path)
    settings = load_settings(overrides={"store": {"audio_days": 1}})
    with monkeypatch.context() as full:
        full.setattr(retention, "write_minutes", refuse)
        with overdue_sound_gone(settings, tmp_path, START + timedelta(days=2)):
            pass
    assert caplog.messages == ["the disk is full"]

    assert delete_overdue(SETTINGS, tmp_path, START + timedelta(days=3)) == Deletion(0, (STARTED.meeting_id,))


def test_two_runs_at_the_same_time_forget_no_minutes_of_each_other(tmp_path):
    hold(tmp_path)
    settings = load_settings(overrides={"store": {"audio_days": 1}})
    first = delete_overdue(settings, tmp_path, START + timedelta(days=2)).silent
    hold(tmp_path, meeting_id="later")
    second = delete_overdue(settings, tmp_path, START + timedelta(days=2)).silent
    write_without_sound(SETTINGS, tmp_path, first)

    assert (first, second) == ((STARTED.meeting_id,), (STARTED.meeting_id, "later"))
    assert delete_overdue(SETTINGS, tmp_path, START + timedelta(days=2)) == Deletion(0, ("later",))


@pytest.mark.parametrize("has_room_afterwards", [True, False])
def test_minutes_that_a_full_disk_kept_from_being_noted_are_written_after_the_next_run(
    tmp_path, monkeypatch, has_room_afterwards
):
    def refuse(*_: object) -> None:
        raise SinkError("the disk is full")

    hold(tmp_path)
    full = tmp_path / "minutes-to-write.part"
    full.mkdir()

    def remove(*arguments) -> None:
        remove_sound(*arguments)
        if has_room_afterwards:
            full.rmdir()

    monkeypatch.setattr(retention, "remove_sound", remove)
    settings = load_settings(overrides={"store": {"audio_days": 1}})
    deletion = delete_overdue(settings, tmp_path, START + timedelta(days=2))
    if not has_room_afterwards:
        full.rmdir()
        monkeypatch.setattr(retention, "write_minutes", refuse)
        write_without_sound(settings, tmp_path, deletion.silent)

    assert delete_overdue(SETTINGS, tmp_path, START + timedelta(days=3)) == Deletion(0, (STARTED.meeting_id,))
