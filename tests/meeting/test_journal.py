from __future__ import annotations

import os
from datetime import timedelta

import pytest

from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.asr.hotword_list import Hotword
from streamer.asr.hotword_watch import HotwordWatch
from streamer.meeting.outbox import OutboxEntry, StoreOutbox
from streamer.minutes import MomentKind
from streamer.offline.rehearing import settings_of
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
from tests.meeting.journals import append, open_journal, settings
from tests.meeting.material import START, STARTED, final, segment


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


def _broken(path):
    path.write_bytes("张伟\n".encode("gb18030"))


@pytest.mark.parametrize("become", [_broken, os.mkfifo, lambda path: None])
def test_a_list_that_cannot_be_read_any_more_when_the_microphone_has_come_ends_no_meeting(tmp_path, become):
    """Which words are favoured is told in an event."""
    words = tmp_path / "words.txt"
    become(words)
    wanted = load_settings(overrides={"hotwords": {"words": ("王芳 2",), "file": str(words)}})
    journal = open_meeting(wanted, tmp_path, STARTED)
    kept = settings_of(journal.store.record(STARTED.meeting_id), Settings())
    journal.close()

    assert kept.hotwords == HotwordSettings(words=("王芳 2",))


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
