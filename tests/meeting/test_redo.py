from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import partial

import pytest

from streamer.archive.archive import Archive, remove_sound
from streamer.errors import PackError, StoreError
from streamer.meeting.edits import edit_line, undo_edit
from streamer.minutes import Audio
from streamer.offline.redoing import redo
from streamer.settings import Settings
from streamer.types import SAMPLE_RATE
from tests.meeting.kept import SETTINGS, begin, hold
from tests.meeting.material import STARTED, final
from tests.meeting.real_run import lines_of


@pytest.fixture
def data_dir(studio, tmp_path):
    """A meeting held by the real program; its pauses and cuts are real."""
    studio.run(tmp_path / "data", "--fast")
    return tmp_path / "data"


@pytest.mark.timeout(400)
def test_the_same_pack_gives_the_same_text_and_edits_stay(studio, data_dir):
    before = [line for line in lines_of(data_dir) if line.text]
    edited = next(line for line in before if line.end_sample - line.start_sample < 80_000)
    archive = Archive(data_dir)
    store = archive.open_store(Settings())
    (record,) = store.records()
    edit_line(store.database, record.id, edited.segment_id, "人写的", datetime.now(UTC))
    told = json.loads(studio.streamer("meetings", "redo", record.id, "--json", "--data-dir", data_dir))
    after = [line for line in store.lines(record.id) if line.text]

    assert (told["lines"], told["edited"], told["unrecorded"]) == (len(before) - 1, 1, 0)
    assert [line.text for line in after if line.edited] == ["人写的"]
    place = before.index(edited)
    assert [(one.start_sample, one.text) for one in after[:place]] == [
        (one.start_sample, one.text) for one in before[:place]
    ]
    assert after[place].start_sample == edited.start_sample
    assert not {one.segment_id for one in after if not one.edited} & {one.segment_id for one in before}
    assert "人写的" in (archive.folder(record) / "minutes.txt").read_text(encoding="utf-8")
    store.close()


def test_without_sound_there_is_nothing_to_decode(tmp_path, studio):
    hold(tmp_path)
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    record = store.record(STARTED.meeting_id)
    remove_sound(archive, store, record)
    with pytest.raises(StoreError, match=r"the sound of meeting .* is not kept"):
        redo(archive, store, store.record(record.id), studio.settings)
    assert store.record(record.id).audio is Audio.DELETED
    store.close()


def test_lines_whose_sound_is_missing_stay(tmp_path, studio):
    hold(tmp_path)
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    record = store.record(STARTED.meeting_id)
    (archive.audio(record) / "000000000000.flac").unlink()  # the first five seconds
    done = redo(archive, store, record, studio.settings)
    kept = {line.segment_id: line.text for line in store.lines(record.id) if line.start_sample < 5 * SAMPLE_RATE}
    store.close()

    assert kept == {1: "大家好，开始周会。", 2: "今年预算是20万。", 3: ""}
    assert done.unrecorded == 2, "lines with text"


def test_how_many_lines_stay_is_said_with_the_reason(tmp_path, studio):
    hold(tmp_path)
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    (archive.audio(store.record(STARTED.meeting_id)) / "000000000000.flac").unlink()
    edit_line(store.database, STARTED.meeting_id, 1, "人写的", datetime.now(UTC))
    edit_line(store.database, STARTED.meeting_id, 4, "", datetime.now(UTC))  # hidden: no line of the list
    store.close()
    told = studio.streamer("meetings", "redo", STARTED.meeting_id, "--data-dir", tmp_path)

    assert told.splitlines()[1:] == [
        "Lines that stay as they were, because somebody edited them: 1.",
        "Lines that stay as they were, because their sound is missing: 1.",
    ]


def test_a_line_that_is_recorded_in_part_stays_and_is_not_decoded_twice(tmp_path, studio):
    hold(tmp_path, final(1, "有一半没录上。", 4, 6.5))
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    record = store.record(STARTED.meeting_id)
    (archive.audio(record) / "000000000000.flac").unlink()
    redo(archive, store, record, studio.settings)
    lines = [(line.segment_id, line.text) for line in store.lines(record.id) if line.end_sample <= 6.5 * SAMPLE_RATE]
    store.close()

    assert lines == [(1, "有一半没录上。")]


@pytest.mark.parametrize("before", [False, True])
def test_a_line_that_somebody_edits_meanwhile_is_neither_doubled_nor_lost(tmp_path, studio, before):
    """Also one whose edit is undone: it was left out, because the edit owned its range."""
    hold(tmp_path, settings=studio.settings)
    archive = Archive(tmp_path)
    store, other = archive.open_store(SETTINGS), archive.open_store(SETTINGS)
    if before:
        edit_line(store.database, STARTED.meeting_id, 2, "人写的", datetime.now(UTC))
    acts = [undo_edit if before else partial(edit_line, text="人写的", at=datetime.now(UTC))]

    def act(_done: float, _total: float) -> None:
        if acts:
            acts.pop()(other.database, STARTED.meeting_id, 2)

    with pytest.raises(StoreError, match="was edited while it was decoded again; nothing is changed, do it once more"):
        redo(archive, store, store.record(STARTED.meeting_id), studio.settings, progress=act)
    texts = [line.text for line in store.lines(STARTED.meeting_id)]
    store.close()
    other.close()

    assert texts == ["大家好，开始周会。", "今年预算是20万。" if before else "人写的", "", "下周见。"]


def test_an_unknown_pack_changes_nothing(tmp_path):
    hold(tmp_path)
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    before = list(store.lines(STARTED.meeting_id))
    settings = Settings(recognizer=type(SETTINGS.recognizer)(pack="nothing"))
    with pytest.raises(PackError):
        redo(archive, store, store.record(STARTED.meeting_id), settings)
    assert list(store.lines(STARTED.meeting_id)) == before
    store.close()


def test_while_the_meeting_runs_its_next_finals_are_not_touched(tmp_path, studio):
    journal = begin(tmp_path)
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    edition = store.edition(STARTED.meeting_id)
    redo(archive, store, store.record(STARTED.meeting_id), studio.settings)
    assert store.edition(STARTED.meeting_id) != edition, "the running meeting writes its minutes anew"
    journal.record(final(5, "会还在开。", 6.3, 6.9))
    journal.close()

    kept = {line.segment_id: line.text for line in store.lines(STARTED.meeting_id)}
    assert kept.pop(5) == "会还在开。"
    assert all(number > 1_000_000 for number in kept)
    store.close()
