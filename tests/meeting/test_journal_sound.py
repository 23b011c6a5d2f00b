"""The sound of a meeting: kept with it, or deleted once its finals are durable."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from streamer.audio.pieces import pieces_of, recorded_spans
from streamer.errors import StoreError
from streamer.types import (
    SAMPLE_RATE,
    MarkAdded,
    MeetingEnded,
)
from tests.disks import small_disk
from tests.meeting.journals import append, open_journal
from tests.meeting.material import START, STARTED, final, sound


def test_sound_is_read_back_before_and_after_pieces_close(tmp_path):
    journal = open_journal(tmp_path, piece_s=5)
    append(journal, 12)

    assert journal.read(4 * SAMPLE_RATE, 6 * SAMPLE_RATE) == sound(4 * SAMPLE_RATE, 6 * SAMPLE_RATE)
    assert journal.read(11 * SAMPLE_RATE, 12 * SAMPLE_RATE) == sound(11 * SAMPLE_RATE, 12 * SAMPLE_RATE)
    journal.close()


def test_without_recording_sound_goes_once_its_finals_are_durable(tmp_path):
    journal = open_journal(tmp_path, recording=False, piece_s=5)
    audio = tmp_path / "meetings" / journal.store.record(STARTED.meeting_id).folder / "audio"
    append(journal, 30)
    assert [piece.start_sample // SAMPLE_RATE for piece in pieces_of(audio)] == [0, 5, 10, 15, 20, 25]

    journal.record(final(1, "说完了", 18, 21))
    assert [piece.start_sample // SAMPLE_RATE for piece in pieces_of(audio)] == [10, 15, 20, 25]

    journal.record(MeetingEnded(30 * SAMPLE_RATE, START + timedelta(seconds=30)))
    journal.close()
    assert not audio.exists()


def test_sound_that_is_kept_stays_whatever_is_final(tmp_path):
    journal = open_journal(tmp_path, piece_s=5, compress=False)
    audio = tmp_path / "meetings" / journal.store.record(STARTED.meeting_id).folder / "audio"
    append(journal, 30)
    journal.record(final(1, "说完了", 18, 21))
    journal.record(MeetingEnded(30 * SAMPLE_RATE, START + timedelta(seconds=30)))
    journal.close()

    assert recorded_spans(pieces_of(audio)) == ((0, 30 * SAMPLE_RATE),)


def test_a_store_that_is_locked_holds_up_the_sound_once_only(tmp_path):
    journal = open_journal(tmp_path, busy_ms=50)
    other = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    waits = []
    for statement in ("BEGIN IMMEDIATE", "SELECT 1"):
        other.execute(statement)
        waits += journal.store.database.rows("PRAGMA busy_timeout")
        with pytest.raises(StoreError, match="another program holds its lock"):
            journal.record(MarkAdded(0, START))
    waits += journal.store.database.rows("PRAGMA busy_timeout")
    other.execute("ROLLBACK")
    other.close()
    journal.record(MarkAdded(0, START))
    waits += journal.store.database.rows("PRAGMA busy_timeout")
    journal.close()

    assert waits == [(50,), (0,), (0,), (50,)]


def test_a_store_that_is_locked_is_waited_for_again_at_the_end(tmp_path, monkeypatch):
    journal = open_journal(tmp_path, busy_ms=50)
    add, waits = journal.store.add, []

    def watched(*arguments) -> None:
        waits.extend(journal.store.database.rows("PRAGMA busy_timeout"))
        add(*arguments)

    other = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program holds its lock"):
        journal.record(MarkAdded(0, START))
    other.close()
    monkeypatch.setattr(journal.store, "add", watched)
    journal.close()

    assert waits == [(50,)]


def test_without_recording_no_sound_stays_where_the_disk_was_full_at_the_end(tmp_path):
    with small_disk(tmp_path / "disk", "64m") as disk:
        journal = open_journal(disk, recording=False, piece_s=5)
        audio = disk / "meetings" / journal.store.record(STARTED.meeting_id).folder / "audio"
        append(journal, 7)
        (disk / "filler").write_bytes(bytes(60 * 2**20))
        with pytest.raises(StoreError):
            append(journal, 1, start=7)
        with pytest.raises(StoreError):
            journal.record(MeetingEnded(8 * SAMPLE_RATE, START + timedelta(seconds=8)))
        journal.close()
        assert not audio.exists()


def test_without_recording_no_sound_stays_where_the_end_waited_for_the_store(tmp_path):
    journal = open_journal(tmp_path, recording=False, busy_ms=50)
    audio = tmp_path / "meetings" / journal.store.record(STARTED.meeting_id).folder / "audio"
    append(journal, 2)
    other = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreError, match="another program holds its lock"):
        journal.record(MeetingEnded(2 * SAMPLE_RATE, START + timedelta(seconds=2)))
    other.execute("ROLLBACK")
    other.close()
    journal.close()

    assert not audio.exists()


def test_without_recording_sound_stays_for_recovery_where_the_meeting_has_not_ended(tmp_path):
    journal = open_journal(tmp_path, recording=False)
    audio = tmp_path / "meetings" / journal.store.record(STARTED.meeting_id).folder / "audio"
    append(journal, 2)
    journal.close()

    assert recorded_spans(pieces_of(audio)) == ((0, 2 * SAMPLE_RATE),)
