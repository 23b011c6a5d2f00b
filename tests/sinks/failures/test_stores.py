from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from streamer.archive import journals
from streamer.archive.archive import Archive
from streamer.audio.pieces import pieces_of
from streamer.commands.run_log import run_log
from streamer.meeting.aside import AsideFile, drop_aside, read_aside
from streamer.meeting.database import Database
from streamer.meeting.locks import MeetingLock
from streamer.meeting.migrations import MIGRATIONS, migrate
from streamer.outputs import Output
from streamer.settings import load_settings
from tests.disks import locked, small_disk
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import final
from tests.meeting.test_fullness import fill
from tests.sinks.failures.failing import chinese, command


def test_a_data_folder_that_is_named_by_nothing() -> None:
    assert command("meetings", "--data-dir", "") == (
        "--data-dir '' 不是文件夹名：去掉它就用本人的数据文件夹，或写一个文件夹"
    )


def test_a_data_folder_that_is_not_there(tmp_path: Path) -> None:
    assert command("meetings", "--data-dir", tmp_path / "daat") == (
        f"没有文件夹 {tmp_path}/daat：--data-dir 应是存有会议的文件夹"
    )


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert chinese(lambda: begin(tmp_path / "file")) == (
        f"数据文件夹 {tmp_path}/file 不能用：{tmp_path}/file 或它的上级是文件；请用 --data-dir 指定一个文件夹"
    )


def test_a_data_folder_that_may_not_be_entered(tmp_path: Path) -> None:
    with locked(tmp_path):
        told = command("meetings", "--data-dir", tmp_path / "data")

    assert told == f"数据文件夹 {tmp_path}/data 不能用：没有权限；请让它可读写，或用 --data-dir 另选一个"


def test_a_disk_that_is_full(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        fill(disk)
        told = chinese(lambda: begin(disk / "data"))

    assert told == f"数据文件夹 {tmp_path}/disk/data 所在的磁盘已满；请腾出空间，或用 --data-dir 选另一个磁盘上的文件夹"


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "streamer.log").mkdir()

    assert chinese(lambda: run_log(Output.TERMINAL, load_settings(), tmp_path).__enter__()) == (
        f"无法写日志 {tmp_path}/streamer.log：这是文件夹；请删除它或让它可写，或用 --data-dir 另选文件夹"
    )


def opened(folder: Path) -> str:
    return chinese(lambda: Database(folder / "streamer.db")).replace(str(folder), "…")


def test_a_store_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "streamer.db").write_bytes(b"minutes of 2026\n" * 300)

    assert opened(tmp_path) == "会议存储 …/streamer.db 出错：这个文件不是 SQLite 数据库；请把它移走"


def test_a_store_of_another_program(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "streamer.db")) as connection:
        connection.execute("PRAGMA application_id = 77")
        connection.execute("CREATE TABLE t (x)")
        connection.commit()

    assert opened(tmp_path) == "这个文件是别的程序的 SQLite 数据库（application id 0x4d），不是会议存储"


def test_a_store_of_a_newer_streamer(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)) as connection:
        migrate(connection, (*MIGRATIONS, "CREATE TABLE more (x);"))
    known = len(MIGRATIONS)

    assert opened(tmp_path) == (
        f"会议存储的格式是第 {known + 1} 版，这个 streamer 只认得到第 {known} 版：它由更新的 streamer 创建；"
        "请安装那一版，或用 --data-dir 另选文件夹"
    )


def test_a_store_that_is_damaged(tmp_path: Path) -> None:
    hold(tmp_path)
    store = tmp_path / "streamer.db"
    store.write_bytes(store.read_bytes()[:100] + b"\xa5" * 8192)

    assert opened(tmp_path) == "会议存储 …/streamer.db 出错：文件已损坏；请用备份恢复（录音和会议记录在它旁边）"


def test_a_store_that_another_program_holds(tmp_path: Path) -> None:
    hold(tmp_path)
    with closing(sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with closing(Database(tmp_path / "streamer.db", busy_ms=0)) as database:
            told = chinese(lambda: database.transaction().__enter__())

    assert told == f"会议存储 {tmp_path}/streamer.db 出错：另一个程序锁住了它；请关闭那个程序，或再试一次"


def test_a_store_that_was_moved_while_it_was_in_use(tmp_path: Path) -> None:
    with closing(Archive(tmp_path).open_store(SETTINGS)) as store:
        (tmp_path / "streamer.db").rename(tmp_path / "moved.db")
        told = chinese(lambda: store.database.transaction().__enter__())

    assert told == f"会议存储 {tmp_path}/streamer.db 在使用中被删除或移走；请放回原处"


def test_a_store_that_has_no_place(tmp_path: Path) -> None:
    assert chinese(lambda: Database(tmp_path / "none" / "streamer.db")) == (
        f"无法打开会议存储 {tmp_path}/none/streamer.db：没有这个文件或文件夹"
    )


def test_a_meeting_that_is_in_use(tmp_path: Path) -> None:
    lock = MeetingLock(tmp_path, "m")
    told = chinese(lambda: MeetingLock(tmp_path, "m", patience_s=0))
    lock.release()

    assert told == "会议 m 正被另一个 streamer 使用；请等它结束"


def test_a_meeting_that_cannot_be_locked(tmp_path: Path) -> None:
    (tmp_path / "m.lock").mkdir()
    told = chinese(lambda: MeetingLock(tmp_path, "m"))

    assert told == f"无法用 {tmp_path}/m.lock 锁定会议：这是文件夹；数据文件夹必须可写，可用 `--data-dir` 另选"


def test_captions_that_lie_aside_and_are_damaged(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text('{"kind": "Other", "event": {}, "messages": []}\n')

    assert chinese(lambda: list(read_aside(path))).startswith(f"{path} 第 1 行损坏（")
    assert chinese(lambda: list(read_aside(path))).endswith("）：移走它即可不要它而继续")


def test_a_recording_that_cannot_be_read(tmp_path: Path) -> None:
    folder = tmp_path / "audio"
    folder.symlink_to(folder)

    assert chinese(lambda: pieces_of(folder)) == f"无法读取录音 {folder}：符号链接互相指向"


def test_a_recording_of_another_user(tmp_path: Path) -> None:
    folder = tmp_path / "audio"
    folder.mkdir()
    (folder / "000000000000.flac").touch()
    with locked(folder):
        told = chinese(lambda: pieces_of(folder))

    assert told == f"无法读取录音 {folder}：没有权限；请以录音者的身份读取"


def test_a_recording_that_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "000000000000.flac").write_bytes(b"no sound")
    told = chinese(lambda: pieces_of(tmp_path))

    assert told.startswith(f"录音 {tmp_path}/000000000000.flac 损坏：")
    assert told.endswith("；移走它即可不要它而继续")


def test_a_recording_that_is_shorter_than_it_was(tmp_path: Path) -> None:
    path = tmp_path / "000000000000.pcm"
    path.write_bytes(bytes(64_000))
    (piece,) = pieces_of(tmp_path)
    path.write_bytes(bytes(48_000))

    assert chinese(lambda: piece.read(17_000, 32_000)) == (
        f"录音 {path} 损坏：从 17000 起应有 15000 个采样，只有 7000 个"
    )


def test_a_recording_that_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "000000000000.pcm"
    path.write_bytes(bytes(64_000))
    (piece,) = pieces_of(tmp_path)
    path.unlink()

    assert chinese(lambda: piece.read(0, 32_000)) == (
        f"无法读取录音 {path}：没有这个文件或文件夹：{str(path)!r}；移走它即可不要它而继续"
    )


def test_what_a_store_says_of_itself_where_nothing_is_known_to_help(tmp_path: Path) -> None:
    with closing(Database(tmp_path / "streamer.db")) as database:
        told = chinese(lambda: list(database.rows("SELECT x FROM nowhere")))

    assert told == f"会议存储 {tmp_path}/streamer.db 出错：no such table: nowhere"


def test_what_cannot_be_deleted(tmp_path: Path) -> None:
    meeting = hold(tmp_path)
    folder = folder_of(tmp_path)
    delete = ("meetings", "delete", meeting, "--yes", "--data-dir", tmp_path)
    with locked(folder):
        whole = command(*delete)
    with locked(folder / "audio"):
        sound = command(*delete, "--sound-only")

    assert whole == f"无法删除 {folder}：没有权限；会议保持原样"
    assert sound == f"无法删除录音 {folder}/audio：没有权限"


def test_captions_aside_that_cannot_be_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    aside = AsideFile("m", [tmp_path])
    aside.keep([(final(1, "没存上", 1, 2), ())])
    aside.close()

    def refuse(path: Path, **_: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "unlink", refuse)
    assert chinese(lambda: drop_aside("m", [tmp_path])) == f"无法删除 {tmp_path}/streamer-m-unsaved.jsonl：没有权限"


def test_a_lock_that_cannot_be_deleted(tmp_path: Path) -> None:
    lock = MeetingLock(tmp_path, "m")
    (tmp_path / "m.lock").unlink()
    (tmp_path / "m.lock").mkdir()

    assert chinese(lock.release) == f"无法删除 {tmp_path}/m.lock：这是文件夹；磁盘恢复后 `streamer recover` 会删除"


def test_a_folder_that_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(folder: Path, _meeting_id: str) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    monkeypatch.setattr(journals, "make_meeting_folder", refuse)
    told = chinese(lambda: begin(tmp_path))

    assert told.startswith(f"无法建立会议文件夹 {tmp_path}/meetings/2026-11-2")
    assert told.endswith("_周会：没有权限")
