"""What disks that refuse are called in Chinese: as the recording and the store say it now."""

from __future__ import annotations

import errno
import os
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from streamer.audio.room import explained, missing_room
from streamer.errors import StoreError
from streamer.meeting.database import Database
from streamer.sinks.disk_reasons import told_disk
from streamer.sinks.messages import CHINESE, ENGLISH


@pytest.mark.parametrize(
    ("number", "chinese"),
    [
        (errno.ENOSPC, "磁盘已满；请腾出空间"),
        (errno.EDQUOT, "超出了磁盘配额；请腾出空间，或提高配额"),
        (errno.EFBIG, "文件超过了大小上限；请提高文件大小的上限（ulimit -f）"),
        (errno.EROFS, "只读文件系统；磁盘变成只读；请检查"),
        (errno.EACCES, "没有权限；请让文件夹可写"),
        (errno.EIO, "磁盘读写出错；请检查磁盘"),
        (errno.ENODEV, "No such device；请检查磁盘"),
    ],
)
def test_why_sound_is_not_recorded(number: int, chinese: str) -> None:
    reason = explained(OSError(number, os.strerror(number)))

    told = told_disk(f"sound is not being recorded: {reason} (/data/周会 (2)/audio)", CHINESE)
    assert told == f"{chinese}（/data/周会 (2)/audio）"


def test_room_that_is_kept_for_captions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    full = os.statvfs_result((4096, 4096, 2**20, 0, 0, 1, 1, 1, 0, 255))
    monkeypatch.setattr(os, "statvfs", lambda _: full)
    reason = missing_room(tmp_path, is_full=False)

    told = told_disk(f"sound is not being recorded: {reason}; free some space (/a)", CHINESE)
    assert told == "磁盘最后 32 MB 留给字幕；请腾出空间（/a）"


@pytest.mark.parametrize(
    ("code", "chinese"),
    [
        (sqlite3.SQLITE_FULL, "磁盘已满；请腾出空间"),
        (sqlite3.SQLITE_IOERR, "磁盘拒绝读写；请检查磁盘的空间和好坏"),
        (sqlite3.SQLITE_BUSY, "另一个程序锁住了它；请关闭那个程序，或再试一次"),
        (sqlite3.SQLITE_CORRUPT, "文件已损坏；请用备份恢复（录音和会议记录在它旁边）"),
    ],
)
def test_why_the_store_refuses(tmp_path: Path, code: int, chinese: str) -> None:
    def refuse() -> None:
        with database.transaction():
            error = sqlite3.OperationalError("database or disk is full")
            error.sqlite_errorcode = code
            raise error

    with closing(Database(tmp_path / "streamer.db")) as database, pytest.raises(StoreError) as refused:
        refuse()

    assert told_disk(str(refused.value), CHINESE) == f"会议存储 {tmp_path}/streamer.db：{chinese}"


def test_a_store_that_was_moved_away(tmp_path: Path) -> None:
    def write() -> None:
        (tmp_path / "streamer.db").rename(tmp_path / "elsewhere.db")
        with database.transaction():
            pass

    with closing(Database(tmp_path / "streamer.db")) as database, pytest.raises(StoreError) as refused:
        write()

    moved = f"会议存储 {tmp_path}/streamer.db 在使用中被删除或移走；请放回原处"
    assert told_disk(str(refused.value), CHINESE) == moved


def test_why_minutes_are_not_written() -> None:
    error = FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), "/data/周会")

    told = told_disk(f"minutes cannot be written: {error}; free some space or check the folder", CHINESE)
    assert told == "无法写入：没有这个文件或文件夹：'/data/周会'；请腾出空间，或检查文件夹"


def test_what_nobody_knows_and_english_stay_as_they_are() -> None:
    assert told_disk("something new", CHINESE) == "something new"
    assert told_disk("No space left on device", ENGLISH) == "No space left on device"
