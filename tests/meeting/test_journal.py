from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from streamer.archive import Archive
from streamer.asr.hotword_list import Hotword
from streamer.asr.hotword_watch import HotwordWatch
from streamer.audio.pieces import pieces_of, recorded_spans
from streamer.errors import StoreError
from streamer.journals import open_meeting
from streamer.meeting.journal import MeetingJournal
from streamer.meeting.outbox import OutboxEntry, StoreOutbox
from streamer.minutes import MomentKind
from streamer.rehearing import settings_of
from streamer.settings import Settings, load_settings
from streamer.settings.hotwords import HotwordSettings
from streamer.types import (
    SAMPLE_RATE,
    Gap,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingPaused,
    MeetingResumed,
    SegmentUpdated,
    TitleChanged,
)
from tests.disks import small_disk
from tests.meeting.material import START, STARTED, final, frame, segment, sound


def settings(**store: object) -> Settings:
    return load_settings(overrides={"store": store})


def open_journal(tmp_path: Path, **store: object) -> MeetingJournal:
    return open_meeting(settings(**store), tmp_path, STARTED)


def append(journal: MeetingJournal, seconds: float, start: float = 0) -> None:
    for number in range(int(start * 50), int((start + seconds) * 50)):
        journal.append(frame(number))


def test_recorded_final_is_read_back(tmp_path):
    journal = open_journal(tmp_path)
    append(journal, 3)
    journal.record(final(1, "大家好。", 0.5, 2.5))
    journal.close()

    store = Archive(tmp_path).open_store(settings())
    (line,) = store.lines(STARTED.meeting_id)
    assert (line.text, line.spoken, line.start_sample, line.end_sample) == ("大家好。", "大家好", 8000, 40000)
    assert line.started_at == START + timedelta(seconds=0.5)
    assert [token.text for token in line.tokens] == ["大", "家", "好"]
    assert line.tokens == segment(1, "大家好。", 0.5, 2.5).tokens
    store.close()


def test_sound_is_read_back_before_and_after_pieces_close(tmp_path):
    journal = open_journal(tmp_path, piece_s=5)
    append(journal, 12)

    assert journal.read(4 * SAMPLE_RATE, 6 * SAMPLE_RATE) == sound(4 * SAMPLE_RATE, 6 * SAMPLE_RATE)
    assert journal.read(11 * SAMPLE_RATE, 12 * SAMPLE_RATE) == sound(11 * SAMPLE_RATE, 12 * SAMPLE_RATE)
    journal.close()


def test_moments_title_and_end_are_kept(tmp_path):
    journal = open_journal(tmp_path)
    append(journal, 2)
    at = START + timedelta(seconds=1)
    journal.record(MarkAdded(16000, at, "预算"))
    journal.record(MeetingPaused(16000, at))
    journal.record(MeetingResumed(16000, at + timedelta(minutes=5)))
    journal.record(GapFound(Gap(20000, at, 2.5, "麦克风断开")))
    journal.record(TitleChanged("预算会"))
    journal.record(MeetingEnded(32000, at + timedelta(minutes=6)))
    journal.close()

    store = Archive(tmp_path).open_store(settings())
    moments = store.moments(STARTED.meeting_id)
    assert [one.kind for one in moments] == [MomentKind.MARK, MomentKind.PAUSE, MomentKind.RESUME, MomentKind.GAP]
    assert (moments[0].text, moments[3].seconds, moments[3].text) == ("预算", 2.5, "麦克风断开")
    record = store.record(STARTED.meeting_id)
    assert (record.title, record.end_sample) == ("预算会", 32000)
    assert record.ended_at == at + timedelta(minutes=6)
    store.close()


def test_a_meeting_that_cannot_begin_leaves_nothing_behind(tmp_path):
    open_journal(tmp_path).close()
    with pytest.raises(StoreError, match="UNIQUE constraint failed"):
        open_journal(tmp_path)

    assert len(list((tmp_path / "meetings").iterdir())) == 1


def test_partials_and_the_start_are_not_recorded(tmp_path):
    journal = open_journal(tmp_path)
    journal.record(STARTED)
    journal.record(SegmentUpdated(segment(1, "大家", 0, 1), 1, 0.2))

    assert list(journal.store.lines(STARTED.meeting_id)) == []
    journal.close()


def test_messages_enter_the_outbox_with_their_final(tmp_path):
    def announce(event):
        return [OutboxEntry("old:1883", "streamer/room-1/caption/final", event.segment.text.encode())]

    journal = open_meeting(settings(), tmp_path, STARTED, announce=announce)
    journal.record(final(1, "一", 0, 1))
    journal.record(final(2, "二", 1, 2))

    outbox = StoreOutbox(journal.store.database, "old:1883", ("streamer/room-1/caption/final",))
    assert [one.payload.decode() for one in outbox.waiting(10)] == ["一", "二"]
    outbox.confirm(1)
    outbox.park(2, "too long")
    assert outbox.count() == 0
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


def test_close_twice_is_safe(tmp_path):
    journal = open_journal(tmp_path)
    journal.close()
    journal.close()


def test_a_running_meeting_is_told_from_an_interrupted_one(tmp_path):
    archive = Archive(tmp_path)
    journal = open_journal(tmp_path)
    record = journal.store.record(STARTED.meeting_id)

    assert archive.is_running(record)
    journal.close()
    assert not archive.is_running(record)


def test_folders_and_files_are_private(tmp_path):
    journal = open_journal(tmp_path / "data", piece_s=5)
    append(journal, 7)
    journal.record(final(1, "好", 0, 1))
    modes = {(path.name, path.is_dir(), oct(path.stat().st_mode & 0o777)) for path in tmp_path.rglob("*")}
    journal.close()

    files = {name for name, is_folder, _ in modes if not is_folder}
    assert {"streamer.db", "streamer.db-wal", "streamer.db-shm", "000000000000.flac", "000000080000.pcm"} <= files
    assert {mode for _, is_folder, mode in modes if not is_folder} == {"0o600"}
    assert {mode for _, is_folder, mode in modes if is_folder} == {"0o700"}


def test_two_meetings_of_one_title_and_minute_have_two_folders(tmp_path):
    first = open_journal(tmp_path)
    other = open_meeting(settings(), tmp_path, type(STARTED)("other", "周会", "r", "d", "p", START))
    folders = [one.folder for one in first.store.records()]
    first.close()
    other.close()

    assert sorted(folders) == sorted({folders[0].removesuffix("_2"), folders[0].removesuffix("_2") + "_2"})


def test_a_meeting_begins_where_one_of_its_minute_and_title_was_deleted_by_hand(tmp_path):
    open_journal(tmp_path).close()
    (deleted,) = (tmp_path / "meetings").iterdir()
    shutil.rmtree(deleted)
    open_meeting(settings(), tmp_path, replace(STARTED, meeting_id="20261120T063001Z-0000")).close()

    assert [one.name for one in (tmp_path / "meetings").iterdir()] == [f"{deleted.name}_2"]


@pytest.mark.parametrize("title", ["", "../../etc/passwd", "a/b\\c:\x00\x1b[31m", "周" * 300, "CON", "..."])
def test_any_title_makes_one_folder(tmp_path, title):
    journal = open_meeting(settings(), tmp_path, type(STARTED)("m", title, "r", "d", "p", START))
    record = journal.store.record("m")
    journal.close()

    assert [path.name for path in (tmp_path / "meetings").iterdir()] == [record.folder]
    assert record.title == title


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_data_folder_may_lie_in_one_that_its_owner_cannot_list():
    """As folders of users on a shared machine do."""
    with tempfile.TemporaryDirectory() as name:
        above = Path(name)
        above.chmod(0o711)
        (above / "data").mkdir()
        os.chown(above / "data", 65_534, -1)
        os.seteuid(65_534)
        try:
            open_journal(above / "data").close()
        finally:
            os.seteuid(0)
        assert len(list((above / "data" / "meetings").iterdir())) == 1


def test_the_words_of_a_hotword_list_are_kept_with_the_meeting(tmp_path):
    words = tmp_path / "words.txt"
    words.write_text("# names\n张伟 2.5\n昇腾\n", encoding="utf-8")
    wanted = load_settings(overrides={"hotwords": {"words": ("王芳",), "file": str(words)}})
    journal = open_meeting(wanted, tmp_path, STARTED)
    words.unlink()
    kept = settings_of(journal.store.record(STARTED.meeting_id), Settings())
    journal.close()

    assert kept.hotwords == HotwordSettings(words=("王芳 1.0", "张伟 2.5", "昇腾 1.0"))
    assert HotwordWatch(kept.hotwords).words == (Hotword("王芳"), Hotword("张伟", 2.5), Hotword("昇腾"))


def test_a_gap_that_is_told_of_in_a_pause_stands_where_it_began(tmp_path):
    journal = open_journal(tmp_path)
    append(journal, 1)
    journal.record(MeetingPaused(SAMPLE_RATE, START + timedelta(seconds=5)))
    journal.record(MarkAdded(SAMPLE_RATE, START + timedelta(seconds=6), "预算"))
    journal.record(GapFound(Gap(SAMPLE_RATE, START + timedelta(seconds=1), 4.0, "麦克风断开")))
    journal.record(MeetingResumed(SAMPLE_RATE, START + timedelta(seconds=8)))
    journal.record(GapFound(Gap(SAMPLE_RATE, START + timedelta(seconds=8), 2.0, "麦克风断开")))
    journal.close()

    store = Archive(tmp_path).open_store(settings())
    moments = store.moments(STARTED.meeting_id)
    store.close()
    assert [(one.kind, (one.at - START).seconds) for one in moments] == [
        (MomentKind.GAP, 1),
        (MomentKind.PAUSE, 5),
        (MomentKind.MARK, 6),
        (MomentKind.RESUME, 8),
        (MomentKind.GAP, 8),
    ]


def test_a_title_that_another_program_has_changed_is_told_once_and_not_written_over(tmp_path):
    journal = open_journal(tmp_path)
    beside = Archive(tmp_path).open_store(settings())
    assert journal.changes() == ()

    beside.set_title(STARTED.meeting_id, "预算会")
    (change,) = journal.changes()
    beside.set_title(STARTED.meeting_id, "决算会")
    journal.record(change)

    assert change == TitleChanged("预算会")
    assert beside.record(STARTED.meeting_id).title == "决算会"
    assert [*journal.changes(), *journal.changes()] == [TitleChanged("决算会")]
    journal.close()
    beside.close()


def test_its_own_title_is_no_change_of_another_program(tmp_path):
    journal = open_journal(tmp_path)
    journal.record(TitleChanged("预算会"))

    assert journal.changes() == ()
    journal.close()
