from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from msgspec.structs import replace

from streamer.archive import archive
from streamer.archive.archive import Archive
from streamer.errors import SinkError, SummaryError, together
from streamer.sinks.failures.failure import told_failure
from streamer.sinks.messages import CHINESE, ENGLISH
from tests.brokers import free_port
from tests.disks import locked, remount, small_disk
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import STARTED
from tests.sinks.failures.failing import command

ID = STARTED.meeting_id


def streamer(locale: str, *arguments: str) -> tuple[int, str]:
    environment = {**os.environ, "LC_ALL": locale}
    ended = subprocess.run(
        [sys.executable, "-m", "streamer", *arguments], env=environment, capture_output=True, text=True, check=False
    )
    return ended.returncode, ended.stderr


def test_the_program_tells_an_error_in_the_language_of_the_locale() -> None:
    arguments = ("doctor", "--config", "/nowhere/my.toml")

    assert streamer("zh_CN.UTF-8", *arguments) == (2, "streamer: 没有配置文件：/nowhere/my.toml\n")
    assert streamer("en_US.UTF-8", *arguments) == (2, "streamer: configuration file not found: /nowhere/my.toml\n")


def test_what_nobody_knows_stays_as_it_is() -> None:
    assert told_failure("the moon is in the way; wait", CHINESE) == "the moon is in the way; wait"


def test_in_english_an_error_stays_as_it_is() -> None:
    assert told_failure("--plain and --json exclude each other", ENGLISH) == "--plain and --json exclude each other"


def test_of_several_errors_each_is_told() -> None:
    both = together([SummaryError("--send and --drop exclude each other"), SinkError("no such thing")])

    assert told_failure(str(both), CHINESE) == "--send 和 --drop 只能选一个\nno such thing"


def test_minutes_that_cannot_follow_a_change_are_told_with_what_is_stored(tmp_path: Path) -> None:
    hold(tmp_path)
    folder = folder_of(tmp_path)
    with locked(folder):
        told = command("meetings", "edit", ID, "1", "大家好。", "--data-dir", tmp_path)

    assert told == (
        f"无法写 {folder} 中的纪要：没有权限；改动已保存：`streamer meetings export {ID} --data-dir {tmp_path} --out "
        "FOLDER` 可把它写到别处，排除故障后下一次改动会重写纪要"
    )


def test_a_meeting_that_another_streamer_works_on_is_told_with_what_is_stored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_CLOSING_SECONDS", 0.0)
    hold(tmp_path)
    kept = Archive(tmp_path)
    with closing(kept.open_store(SETTINGS)) as store, kept.released(store.record(ID)):
        renamed = command("meetings", "rename", ID, "预算会", "--data-dir", tmp_path)
        edited = command("meetings", "edit", ID, "1", "大家好。", "--data-dir", tmp_path)

    used = f"会议 {ID} 正被另一个 streamer 使用；请等它结束"
    assert renamed == f"{used}；标题已保存，下次 `rename` 会改文件夹的名字"
    assert edited == f"{used}；改动已保存，下一次改动会重写纪要"


def test_a_summary_that_cannot_be_kept_is_told_with_what_became_of_it(tmp_path: Path) -> None:
    with small_disk(tmp_path / "data", "8m") as data_dir:
        hold(data_dir)
        remount(data_dir, "ro")
        told = command("summarize", ID, "--extract", "--data-dir", data_dir)

    assert told == (
        f"摘要只在这里显示，没有存下：会议存储 {data_dir}/streamer.db 出错：文件夹不可写；请让它可写，"
        "或用 --data-dir 另选一个"
    )


def test_a_pack_of_a_kept_meeting_that_is_not_here_is_told_with_what_takes_its_place(tmp_path: Path) -> None:
    held = replace(SETTINGS, recognizer=replace(SETTINGS.recognizer, pack="/packs/room"))
    hold(tmp_path / "ended", settings=held)
    begin(tmp_path / "begun", settings=held).close()
    decoded = command("meetings", "redo", ID, "--data-dir", tmp_path / "ended")
    recovered = command("recover", "--data-dir", tmp_path / "begun")

    assert decoded.startswith("没有模型包 '/packs/room'：")
    assert decoded.endswith(f"；会议 {ID} 当时就是这样设置的，用 --pack 或 --config FILE.toml 的 [recognizer] 可换别的")
    assert recovered.startswith("没有模型包 '/packs/room'：")
    assert recovered.endswith(
        f"；会议 {ID} 当时就是这样设置的，`streamer recover {ID} --data-dir {tmp_path}/begun --config FILE.toml` "
        "改用该文件的 [recognizer] 识别"
    )


def test_an_end_that_a_broker_is_not_told_of_is_told_in_one_language(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    port = free_port()
    settings = replace(SETTINGS, mqtt=replace(SETTINGS.mqtt, url=f"mqtt://127.0.0.1:{port}/streamer"))
    begin(tmp_path, settings=settings).close()

    assert command("recover", "--data-dir", tmp_path) == (
        f"未能告知服务器会议已结束（127.0.0.1:{port} 没有全部接收（连接被拒绝；请启动服务器，或更正主机和端口）："
        "1 条中已发送 0 条，其余继续等待），那里会一直显示会议仍在进行；"
        f"用 `streamer recover {ID} --data-dir {tmp_path}` 重试，或等这个房间下次运行。"
    )
