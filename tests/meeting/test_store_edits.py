"""Lines of the store that a person, or a revision, writes otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from streamer.errors import StoreError
from streamer.meeting.edits import edit_line, edited_ranges, undo_edit
from streamer.meeting.stored import StoredMinutes
from streamer.meeting.summaries import DIGEST, lines_digest, set_summary, summary_is_outdated
from streamer.minutes import Audio, Line
from streamer.types import SegmentRevised
from tests.meeting.looks import ID, NOW, found, texts
from tests.meeting.material import segment


def test_an_edit_replaces_the_text_everywhere(store):
    assert edit_line(store.database, ID, 2, "今年预算是30万。", NOW) == "今年预算是20万。"

    assert texts(store)[1] == "今年预算是30万。"
    assert [one.edited for one in store.lines(ID)] == [False, True, False, False]
    assert found(store, "20") == []
    assert found(store, "二十") == []
    assert found(store, "30万") == [2]
    assert edited_ranges(store.database, ID) == ((32_000, 57_600),)


def test_an_edit_can_be_edited_and_undone(store):
    edit_line(store.database, ID, 2, "甲", NOW)
    assert edit_line(store.database, ID, 2, "乙", NOW) == "甲"
    assert undo_edit(store.database, ID, 2) == ("乙", "今年预算是20万。")
    assert texts(store)[1] == "今年预算是20万。"
    assert (found(store, "乙"), found(store, "二十")) == ([], [2])


def test_a_line_that_was_never_edited_is_named_by_its_number_when_its_edit_is_to_be_undone(store):
    with pytest.raises(StoreError, match=f"line 3 of meeting {ID} was never edited: there is nothing to undo"):
        undo_edit(store.database, ID, 4)
    with pytest.raises(StoreError, match=f"line @3 of meeting {ID} was never edited: there is nothing to undo"):
        undo_edit(store.database, ID, 3)


def test_an_empty_edit_hides_the_line(store):
    edit_line(store.database, ID, 2, "", NOW)
    entries = StoredMinutes(store, ID, lambda sample: None).entries()
    assert [entry.text for entry in entries if isinstance(entry, Line)] == ["大家好，开始周会。", "下周见。"]


def test_a_line_that_is_not_there_cannot_be_edited(store):
    with pytest.raises(StoreError, match=f"has no segment @9: `streamer meetings show {ID} --json` has them"):
        edit_line(store.database, ID, 9, "x", NOW)


def test_a_machine_result_never_replaces_what_a_person_wrote(store):
    edit_line(store.database, ID, 2, "人写的", NOW)
    store.finals(ID).replace([segment(11, "机器又听了一遍。", 0, 1.9), segment(12, "再见。", 4, 6)], "other 2", None)

    assert texts(store) == ["机器又听了一遍。", "人写的", "再见。"]
    assert (found(store, "大家好"), found(store, "又听"), found(store, "人写")) == ([], [11], [2])
    assert store.record(ID).pack == "other 2"
    undo_edit(store.database, ID, 2)
    assert texts(store)[1] == "今年预算是20万。"


def test_a_summary_of_an_older_streamer_is_outdated_by_an_edit_after_it(store):
    set_summary(store.database, ID, NOW, "qwen", "预算批准了。", "as it was answered")
    edit_line(store.database, ID, 2, "甲", NOW)
    assert not summary_is_outdated(store.database, ID)

    edit_line(store.database, ID, 2, "乙", NOW + timedelta(seconds=1))
    assert summary_is_outdated(store.database, ID)


def test_minutes_say_of_a_summary_that_the_text_has_changed_since(store):
    minutes = StoredMinutes(store, ID, lambda sample: None, "（旧）")
    assert minutes.summary() == ""
    digest = lines_digest(store.database, ID)
    set_summary(store.database, ID, NOW, "qwen", "预算批准了。\n", json.dumps({DIGEST: digest}))
    assert minutes.summary() == "预算批准了。\n"
    edit_line(store.database, ID, 2, "甲", NOW)

    assert minutes.summary() == "预算批准了。\n（旧）"
    assert StoredMinutes(store, ID, lambda sample: None).summary() == "预算批准了。\n"


def test_where_a_position_is_heard_is_told_of_recordings_that_are_kept(store):
    def heard_at(sample: int) -> str:
        return f"audio#{sample}"

    assert StoredMinutes(store, ID, heard_at).link(5) == "audio#5"
    store.set_audio(ID, Audio.DELETED)
    assert StoredMinutes(store, ID, heard_at).link(5) is None


def test_the_edition_changes_with_title_edit_and_undo(store):
    editions = [store.edition(ID)]
    store.set_title(ID, "预算会")
    editions.append(store.edition(ID))
    edit_line(store.database, ID, 1, "甲", NOW)
    editions.append(store.edition(ID))
    undo_edit(store.database, ID, 1)
    assert store.edition(ID) == editions[1]
    assert len(set(editions)) == 3


def test_the_edition_changes_with_an_edit_after_the_clock_was_set_back(store):
    edit_line(store.database, ID, 1, "甲", NOW)
    edit_line(store.database, ID, 2, "乙", NOW + timedelta(hours=1))
    before = store.edition(ID)
    edit_line(store.database, ID, 1, "丙", NOW + timedelta(seconds=1))

    assert store.edition(ID) != before


def revised(number: int, text: str, spoken: str, start_s: float = 0.2) -> SegmentRevised:
    return SegmentRevised(replace(segment(number, text, start_s, 1.8, spoken), revision=4, tokens=()))


def test_a_revision_is_what_is_written_and_found(store):
    before = next(store.lines(ID))
    store.add(ID, [(revised(1, "大家好。开始周会，", "大家好开始周会"), ())])

    assert next(store.lines(ID)) == replace(before, text="大家好。开始周会，", revision=4)
    assert found(store, "好。开始") == [1]
    assert list(store.database.rows("PRAGMA integrity_check")) == [("ok",)]


def test_what_a_revision_writes_in_digits_is_found_and_what_it_no_longer_writes_is_not(store):
    store.add(ID, [(revised(1, "大家好。开始2周会，", "大家好开始周会"), ())])
    assert (found(store, "开始2周"), found(store, "开始周会")) == ([1], [1])

    store.add(ID, [(revised(1, "大家好。开始3周会，", "大家好开始周会"), ())])
    assert (found(store, "开始2周"), found(store, "开始3周")) == ([], [1])


def test_a_revision_stands_behind_what_a_person_wrote(store):
    edit_line(store.database, ID, 1, "人写的", NOW)
    store.add(ID, [(revised(1, "大家好。开始周会，", "大家好开始周会"), ())])
    assert (texts(store)[0], found(store, "人写"), found(store, "开始")) == ("人写的", [1], [])

    undo_edit(store.database, ID, 1)
    assert (texts(store)[0], found(store, "人写"), found(store, "开始")) == ("大家好。开始周会，", [], [1])


def test_a_revision_of_what_is_gone_or_was_decoded_again_changes_nothing(store):
    before = list(store.lines(ID))
    store.add(ID, [(revised(1, "另一句。", "另一句"), ()), (revised(9, "没有。", "没有"), ())])

    assert list(store.lines(ID)) == before
