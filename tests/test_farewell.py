from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streamer.archive.archive import Archive
from streamer.errors import StoreError
from streamer.farewell import Farewell
from streamer.pipeline import MeetingReport, Worker
from streamer.rooms import RoomOutcome
from streamer.settings import load_settings
from streamer.sinks.messages import CHINESE
from streamer.types import SAMPLE_RATE, MarkAdded, MeetingEvent, Notice, Severity
from tests.meeting.kept import SETTINGS, folder_of, hold
from tests.meeting.material import START, STARTED, final

OUTCOME = RoomOutcome("r", MeetingReport(STARTED, 7 * SAMPLE_RATE, 0, None), None)
"""Of the meeting that :func:`hold` keeps, in pieces of five seconds."""


async def told(data: Path, outcome: RoomOutcome = OUTCOME) -> list[str]:
    with Worker("streamer-storage") as storage:
        return (await Farewell(Archive(data), SETTINGS, storage, CHINESE).said(outcome, None))[1]


async def noticed(data: Path, outcome: RoomOutcome = OUTCOME) -> Notice | None:
    with Worker("streamer-storage") as storage:
        return (await Farewell(Archive(data), SETTINGS, storage, CHINESE).said(outcome, None))[0]


@pytest.mark.parametrize(
    ("gone", "missing"),
    [
        ((), []),
        (("000000000000.flac",), ["录音缺少 5.0 秒：当时没有录下，或文件已不在 {} 里"]),
        (("000000080000.flac",), ["录音缺少 2.0 秒：当时没有录下，或文件已不在 {} 里"]),
        (("000000000000.flac", "000000080000.flac"), ["录音缺少 7.0 秒：当时没有录下，或文件已不在 {} 里"]),
    ],
)
async def test_seconds_of_sound_that_are_missing_are_told(tmp_path, gone, missing):
    hold(tmp_path)
    folder = folder_of(tmp_path)
    for name in gone:
        (folder / "audio" / name).unlink()

    whereabouts = [
        f"会议记录：{folder}",
        f"会议编号：{STARTED.meeting_id}（用于 streamer meetings show、edit、export）",
    ]
    assert await told(tmp_path) == [line.format(folder) for line in missing] + whereabouts


async def test_the_store_is_opened_once_for_all_that_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hold(tmp_path)
    opened, open_store = [], Archive.open_store
    monkeypatch.setattr(Archive, "open_store", lambda *given: (opened.append(given), open_store(*given))[1])

    await told(tmp_path, replace(OUTCOME, report=replace(OUTCOME.report, was_refused=True)))
    assert len(opened) == 1


COMPLETE = "录音和字幕是完整的：磁盘一度不收的，后来都补存了"


@pytest.mark.parametrize(
    ("report", "gone", "told_first"),
    [
        ({}, "none", "会议记录："),
        ({"was_refused": True}, "none", COMPLETE),
        ({"was_refused": True}, "000000000000.flac", "录音缺少 5.0 秒："),
        ({"was_refused": True, "failure": StoreError("captions (1) are not in the meeting")}, "none", "会议记录："),
    ],
)
async def test_sound_that_was_written_late_is_told_to_be_complete(tmp_path, report, gone, told_first):
    hold(tmp_path)
    (folder_of(tmp_path) / "audio" / gone).unlink(missing_ok=True)

    lines = await told(tmp_path, replace(OUTCOME, report=replace(OUTCOME.report, **report)))
    assert lines[0].startswith(told_first)


async def test_where_the_recording_cannot_be_read_it_is_not_called_complete(tmp_path):
    hold(tmp_path)
    (folder_of(tmp_path) / "audio" / "000000000000.flac").write_bytes(b"no sound")

    assert COMPLETE not in await told(tmp_path, replace(OUTCOME, report=replace(OUTCOME.report, was_refused=True)))


async def test_programs_get_a_notice_of_sound_that_is_missing(tmp_path):
    hold(tmp_path)
    assert await noticed(tmp_path) is None

    (folder_of(tmp_path) / "audio" / "000000000000.flac").unlink()
    text = f"录音缺少 5.0 秒：当时没有录下，或文件已不在 {folder_of(tmp_path)} 里"
    assert await noticed(tmp_path) == Notice("store.missing", Severity.WARNING, text)


async def test_of_a_meeting_that_did_not_begin_no_sound_is_missing(tmp_path):
    hold(tmp_path)

    assert await noticed(tmp_path, RoomOutcome("r", None, OSError())) is None


async def test_sound_that_was_not_to_be_kept_is_not_missing(tmp_path):
    hold(tmp_path, settings=load_settings(overrides={"store": {"recording": False, "piece_s": 5}}))

    assert len(await told(tmp_path)) == 2
    assert len(await told(tmp_path, replace(OUTCOME, report=replace(OUTCOME.report, was_refused=True)))) == 2
    assert await noticed(tmp_path) is None


@pytest.mark.parametrize(
    ("said", "lost", "failure", "wordless"),
    [
        (final(1, "大家好。", 0.2, 1.8), 0, None, False),
        (final(1, "", 0.2, 1.8), 0, None, True),
        (MarkAdded(0, START, "预算"), 0, None, True),
        (MarkAdded(0, START, "预算"), 1, None, False),
        (MarkAdded(0, START, "预算"), 0, StoreError("captions are not in the meeting"), False),
    ],
)
async def test_that_no_speech_was_found_is_told_where_nothing_else_says_why_there_is_no_text(
    tmp_path: Path, said: MeetingEvent, lost: int, failure: StoreError | None, wordless: bool
) -> None:
    hold(tmp_path, said)
    outcome = RoomOutcome("r", MeetingReport(STARTED, 7 * SAMPLE_RATE, lost, failure), None)

    assert ("没有找到说话声：会议记录中没有文字" in await told(tmp_path, outcome)) == wordless


async def test_a_damaged_recording_hides_nothing_else(tmp_path):
    hold(tmp_path)
    (folder_of(tmp_path) / "audio" / "000000000000.flac").write_bytes(b"no sound")

    assert len(await told(tmp_path)) == 2
    assert await noticed(tmp_path) is None
