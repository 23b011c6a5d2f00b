from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from streamer.archive.archive import Archive, rename_folder
from streamer.errors import StoreError
from streamer.meeting.edits import edit_line
from streamer.meeting.outbox import OutboxEntry
from streamer.meeting.search import search
from streamer.meeting.stored import StoredMinutes
from streamer.meeting.summaries import set_summary
from streamer.minutes import Line, MomentKind
from streamer.offline.rehearing import hotwords_of, settings_of
from streamer.settings import Settings
from streamer.settings.hotwords import HotwordSettings
from streamer.types import HotwordsChanged
from tests.meeting.kept import SETTINGS, begin, hold
from tests.meeting.looks import ID, NOW, found, texts
from tests.meeting.material import STARTED, final, segment


@pytest.mark.parametrize(
    ("query", "segments"),
    [
        ("周", [4, 1]),
        ("预算", [2]),
        ("20万", [2]),
        ("二十万", [2]),
        ("好开始", [1]),
        ("见周", []),
        ("！", []),
        ("", []),
    ],
)
def test_search_finds_one_character_up_in_both_forms(store, query, segments):
    assert found(store, query) == segments


def test_a_hit_knows_its_place_and_its_neighbours(store):
    (hit,) = search(store.database, "预算", limit=10)
    assert (hit.meeting_id, hit.title, hit.segment_id, hit.start_sample) == (ID, "周会", 2, 32_000)
    assert (hit.before, hit.text, hit.after) == ("大家好，开始周会。", "今年预算是20万。", "下周见。")


def test_the_newest_meeting_is_the_one_that_was_begun_last_whenever_its_sound_was(store, tmp_path):
    hold(tmp_path, meeting_id="20261121T000000Z-0000", started_at=STARTED.started_at - timedelta(hours=4))
    assert [record.id for record in store.records()] == ["20261121T000000Z-0000", ID]
    assert [record.id for record, _ in store.counted_records()] == ["20261121T000000Z-0000", ID]


def test_search_gives_the_newest_first_and_no_more_than_asked(store, tmp_path):
    hold(tmp_path, final(1, "周报", 0, 1), meeting_id="20261121T000000Z-0000")
    assert [hit.text for hit in search(store.database, "周", limit=2)] == ["周报", "下周见。"]
    assert [hit.text for hit in search(store.database, "周", limit=9, meeting_id=ID)] == [
        "下周见。",
        "大家好，开始周会。",
    ]


def test_what_is_decoded_again_is_as_old_as_it_was(store, tmp_path):
    hold(tmp_path, meeting_id="20261121T000000Z-0001")
    edit_line(store.database, ID, 2, "人写的周报", NOW)
    store.finals(ID).replace([segment(11, "又一周。", 0, 1.9), segment(12, "下周见。", 4, 6)], "other 2", None)

    hits = [(hit.meeting_id, hit.segment_id) for hit in search(store.database, "周", limit=9)]
    newer = "20261121T000000Z-0001"
    assert hits == [(newer, 4), (newer, 1), (ID, 12), (ID, 2), (ID, 11)]


def test_more_lines_than_before_are_all_found(store):
    store.finals(ID).replace([segment(10 + each, "周", each, each + 1) for each in range(7)], "other 2", None)

    assert found(store, "周") == [16, 15, 14, 13, 12, 11, 10]


def test_a_final_that_comes_again_changes_nothing(store):
    store.add(ID, [(final(1, "别的", 0, 1), ())])
    assert texts(store)[0] == "大家好，开始周会。"


def test_entries_are_in_order_of_position_and_have_text(store):
    entries = list(StoredMinutes(store, ID, lambda sample: f"audio#{sample}").entries())
    assert [entry.text if isinstance(entry, Line) else entry.kind for entry in entries] == [
        "大家好，开始周会。",
        "今年预算是20万。",
        MomentKind.MARK,
        "下周见。",
    ]


def replace_hotwords(words: HotwordSettings) -> Settings:
    return msgspec.structs.replace(SETTINGS, hotwords=words)


def test_hotwords_are_kept_with_the_place_from_which_they_are_favoured(tmp_path):
    changes = (HotwordsChanged(32_000, ("张伟 2.5", "昇腾 1.0")), HotwordsChanged(64_000, ()))
    journal = begin(tmp_path, *changes)

    assert journal.store.hotword_changes(ID) == changes
    journal.close()


def test_recovery_favours_what_the_meeting_did(tmp_path):
    words = HotwordSettings(words=("重庆 1.0",))
    changed, unchanged = (
        begin(tmp_path / name, *events, settings=replace_hotwords(words))
        for name, events in (
            ("changed", [HotwordsChanged(32_000, ("昇腾 1.0",))]),
            ("unchanged", [final(1, "一", 0, 1)]),
        )
    )
    record = changed.store.record(ID)
    source = hotwords_of(changed.store, record, settings_of(record, SETTINGS))

    assert [source.words_from(at)[0].text for at in (0, 31_999, 32_000)] == ["重庆", "重庆", "昇腾"]
    assert hotwords_of(unchanged.store, record, SETTINGS) is None
    changed.close()
    unchanged.close()


def test_delete_forgets_everything(store):
    edit_line(store.database, ID, 2, "人写的", NOW)
    set_summary(store.database, ID, NOW, "model", "总结", "{}")
    store.add(ID, [(HotwordsChanged(0, ("张伟",)), (OutboxEntry("broker:1883", "final", b"1"),))])
    tables = ("segments", "edits", "moments", "outbox", "summaries", "hotword_changes")

    def kept() -> list[int]:
        return [count for table in tables for (count,) in store.database.rows(f"SELECT count(*) FROM {table}")]  # noqa: S608

    assert 0 not in kept()
    store.delete(ID)

    assert (store.records(), kept()) == ((), [0] * 6)
    assert (found(store, "周"), found(store, "人")) == ([], [])
    index = "SELECT rowid FROM spoken_and_written WHERE spoken_and_written MATCH '周 OR 人'"
    assert list(store.database.rows(index)) == []  # nor would it be found in the line that gets a number again


def test_lines_are_counted_without_empty_ones(store):
    ((record, count),) = store.counted_records()
    assert (record.id, count) == (ID, 3)
    edit_line(store.database, ID, 2, "", NOW)
    edit_line(store.database, ID, 1, "改过", NOW)
    assert store.counted_records()[0][1] == 2
    edit_line(store.database, ID, 3, "补上", NOW)
    assert store.counted_records()[0][1] == 3


def test_an_unknown_meeting_is_an_error(store):
    with pytest.raises(StoreError, match="there is no meeting nothing"):
        store.record("nothing")


def test_the_folder_follows_a_title_given_while_the_meeting_ran(tmp_path):
    journal = begin(tmp_path)
    store = Archive(tmp_path).open_store(SETTINGS)
    store.set_title(ID, "预算会")
    journal.close()

    record = store.record(ID)
    assert record.folder.endswith("_预算会")
    assert (tmp_path / "meetings" / record.folder / "audio").is_dir()
    store.close()


def test_a_folder_is_found_when_a_crash_came_between_its_renaming_and_the_stores(store, tmp_path):
    archive, record = Archive(tmp_path), store.record(ID)
    moved = archive.folder(record).rename(archive.meetings / "elsewhere")

    assert archive.folder(record) == moved
    renamed = rename_folder(archive, store, replace(record, title="新名"))
    assert archive.folder(store.record(ID)) == archive.meetings / renamed.folder
