"""What a meeting's end says of a store or a recording that did not take everything, in Chinese."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.errors import StoreError
from streamer.meeting.aside import AsideFile
from streamer.meeting.journal import MeetingJournal
from streamer.sinks.messages import CHINESE, ENGLISH
from streamer.sinks.store_reasons import told_store
from tests.meeting.kept import begin
from tests.meeting.material import STARTED, final
from tests.meeting.refused import LostSound

FULL = "the meeting store {} failed: database or disk is full (the disk is full; free some space)"


def last_words(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *places: Path) -> str:
    """Of a journal whose store's disk is full; ``places``: where captions are put aside."""

    def refuse(*_: object) -> None:
        raise StoreError(FULL.format(tmp_path / "streamer.db"))

    opened = begin(tmp_path)
    aside = AsideFile(STARTED.meeting_id, places)
    journal = MeetingJournal(opened.store, LostSound(), STARTED.meeting_id, aside=aside, on_close=opened.close)
    with monkeypatch.context() as full:
        full.setattr(opened.store, "add", refuse)
        with pytest.raises(StoreError):
            journal.record(final(9, "没存上", 6, 7))
        with pytest.raises(StoreError) as told:
            journal.close()
    return str(told.value)


def test_captions_that_lie_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_store(last_words(tmp_path, monkeypatch, tmp_path), CHINESE).splitlines()[0]

    assert told == (
        f"1 条字幕和会议的结束没有存入会议：会议存储 {tmp_path}/streamer.db：磁盘已满；请腾出空间。"
        f"它们暂存在 {tmp_path}/streamer-{STARTED.meeting_id}-unsaved.jsonl；排除故障后、本机重启之前，"
        f"运行 `streamer recover {STARTED.meeting_id} --data-dir {tmp_path}` 补存"
    )


def test_captions_that_lie_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = told_store(last_words(tmp_path, monkeypatch), CHINESE).splitlines()[0]

    assert told == (
        f"1 条字幕和会议的结束没有存入会议：会议存储 {tmp_path}/streamer.db：磁盘已满；请腾出空间。"
        "别的磁盘也存不下：请现在就从屏幕上抄下字幕"
    )


def test_sound_that_is_not_recorded() -> None:
    lost = "2.0 s of sound were not recorded to /data/周会: No space left on device; free some space"

    assert told_store(lost, CHINESE) == "2.0 秒的声音没有录到 /data/周会：磁盘已满；请腾出空间"


def test_in_english_and_what_nobody_knows_it_stays_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = last_words(tmp_path, monkeypatch)

    assert told_store(told, ENGLISH) == told
    assert told_store("something new", CHINESE) == "something new"
