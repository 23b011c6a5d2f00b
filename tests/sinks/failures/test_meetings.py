from __future__ import annotations

import os
import re
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import docx
import pytest
from typer.testing import CliRunner

from streamer.archive.archive import Archive
from streamer.cli import app
from streamer.meeting.edits import edit_line
from streamer.offline.redoing import redo
from tests.meeting.kept import SETTINGS, begin, folder_of, hold
from tests.meeting.material import STARTED, final
from tests.meeting.real_run import Studio
from tests.meeting.test_recovery_moved import DYING
from tests.sinks.failures.failing import chinese, command

ID = STARTED.meeting_id
LISTS = "`streamer meetings` 列出会议"


@pytest.fixture
def data_dir(tmp_path: Path) -> Path:
    """A data folder with one meeting in it."""
    hold(tmp_path / "data")
    return tmp_path / "data"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["show", " "], f"编号是空的；{LISTS}，`last` 是最新的"),
        (["show", "nobody"], f"没有编号或标题为 nobody 的会议；{LISTS}"),
        (["delete", "3f"], f"3f 不是会议标题；要改动会议，编号至少写 4 个字符；{LISTS}"),
        (["edit", ID, "9", "好"], f"会议 {ID} 没有第 9 行：只有第 1 到第 3 行；`streamer meetings show` 列出各行"),
        (["edit", ID, "@9", "好"], f"会议 {ID} 没有段 @9：`streamer meetings show {ID} --json` 列出各段"),
        (["edit", ID, "one", "好"], "'one' 不是行号：应为 `streamer meetings show` 所示的数字"),
        (["edit", ID, "1"], "请写这一行的新文字，或用 --undo"),
        (["edit", ID, "1", "好", "--undo"], "新文字和 --undo 只能用一个"),
        (["edit", ID, "1", "--undo"], f"会议 {ID} 的第 1 行没有修改过，没有可以撤销的：它就是机器写的"),
        (["rename", ID, " "], "标题 ' ' 是空的；应有文字"),
        (["search", "，"], "'，' 中没有可查找的内容：应有汉字、字母或数字，如 `streamer meetings search 预算`"),
        (["outbox", "--send", "mqtt://a", "--drop", "a:1883"], "--send 和 --drop 只能选一个"),
        (["outbox", "--drop", "a:1883"], "没有字幕在等待 'a:1883'，也没有等待别的服务器的"),
        (["export", ID, "--to", ","], "没有写导出格式；可选：markdown（或 md）、txt、srt、vtt、json、docx、wav、flac"),
        (
            ["export", ID, "--to", "pdf"],
            "不能导出为 'pdf'；可选：markdown（或 md）、txt、srt、vtt、json、docx、wav、flac",
        ),
        (["export", ID, "--around", "5"], "--around 要和 --at 一起用：截取哪个时间前后的声音"),
        (
            ["export", ID, "--at", "06:30:01", "--to", "txt,wav"],
            "--at 截取一段声音：--to 应为 wav 或 flac，而不是 txt",
        ),
        (["export", ID, "--out", "周会.docx"], "--out 周会.docx：应为文件夹：文件按会议命名，格式用 --to 选"),
        (["export", ID, "--at", "06:30:01", "--around", "nan"], "--around nan 不是秒数"),
        (["export", ID, "--at", "soon"], "'soon' 不是时间：应如 `streamer meetings show` 所示，如 16:21:31"),
    ],
)
def test_what_cannot_be_done_with_a_meeting(data_dir: Path, arguments: list[str], told: str) -> None:
    assert command("meetings", *arguments, "--data-dir", data_dir) == told


def test_a_time_that_is_not_in_the_meeting(data_dir: Path) -> None:
    told = command("meetings", "export", ID, "--at", "2026-11-20 23:00:00", "--data-dir", data_dir)

    assert re.fullmatch(r"2026-11-20 23:00:00 不在会议里：它的声音从 \S+ 到 \S+", told)


def test_names_that_fit_several_meetings(data_dir: Path) -> None:
    hold(data_dir, meeting_id="20261120T063100Z-3f9b")
    with closing(Archive(data_dir).open_store(SETTINGS)) as store:
        dates = [f"{one.local_start:%Y-%m-%d %H:%M}" for one in store.records()]
    ids = ("20261120T063100Z-3f9b", ID)

    assert command("meetings", "show", "3f9", "--data-dir", data_dir) in {
        f"3f9 可以是 2 个会议中的任何一个（{one}, {other}）；请多写几个字符" for one, other in (ids, ids[::-1])
    }
    assert command("meetings", "show", "周会", "--data-dir", data_dir) in {
        f"有 2 个会议的标题是 周会：{one}（{dates[0]}）、{other}（{dates[1]}）；请写编号"
        for one, other in (ids, ids[::-1])
    }


def test_no_meetings_at_all(tmp_path: Path) -> None:
    assert command("meetings", "show", "last", "--data-dir", tmp_path) == f"{tmp_path} 中还没有会议"


def test_a_meeting_that_runs(tmp_path: Path) -> None:
    with closing(begin(tmp_path)):
        assert command("meetings", "delete", ID, "--yes", "--data-dir", tmp_path) == (
            f"会议 {ID} 正在进行；请先结束它再删除"
        )
        assert command("recover", ID, "--data-dir", tmp_path) == (
            f"会议 {ID} 正在进行；请在运行它的地方用 q 或 Ctrl-C 结束"
        )


def test_a_meeting_that_has_ended(data_dir: Path) -> None:
    assert command("recover", ID, "--data-dir", data_dir) == (
        f"会议 {ID} 已正常结束；`streamer meetings redo` 可重新识别"
    )


def test_a_meeting_whose_sound_is_gone(data_dir: Path) -> None:
    CliRunner().invoke(app, ["meetings", "delete", ID, "--sound-only", "--yes", "--data-dir", str(data_dir)])
    kept = ("--data-dir", data_dir)

    assert command("meetings", "redo", ID, *kept) == f"会议 {ID} 的录音没有保留，不能重新识别"
    assert command("meetings", "export", ID, "--to", "wav", *kept) == f"会议 {ID} 的录音没有保留"


def test_a_meeting_whose_folder_is_away(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", DYING, tmp_path / "data"], check=False)
    folder_of(tmp_path / "data").rename(tmp_path / "moved")

    assert command("recover", "--data-dir", tmp_path / "data") == (
        f"会议 {ID} 的文件夹不在 {tmp_path}/data/meetings 里：它的声音还没有全部识别，请放回原处；如果找不回来了，"
        f"`streamer recover {ID} --data-dir {tmp_path}/data` 用已保存的文字结束会议"
    )


def test_an_export_that_somebody_has_changed_is_left(data_dir: Path, tmp_path: Path) -> None:
    export = ["meetings", "export", ID, "--to", "docx", "--out", str(tmp_path), "--data-dir", str(data_dir)]
    CliRunner().invoke(app, export, catch_exceptions=False)
    (path,) = tmp_path.glob("*.docx")
    document = docx.Document(path)
    document.paragraphs[-1].text = "预算已批准。"
    document.save(path)
    saved = datetime(2026, 11, 21, 1, 5, tzinfo=UTC).timestamp()
    os.utime(path, (saved, saved))
    when = f"{datetime.fromtimestamp(saved):%Y-%m-%d %H:%M}"  # noqa: DTZ006 - as it is told: by the computer's clock

    assert command(*export) == f"{path} 在 {when} 被人保存过，没有覆盖：请给它改名，或用 --out 指定另一个文件夹"


def test_an_export_that_has_no_place(data_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert command("meetings", "export", ID, "--out", tmp_path / "file", "--data-dir", data_dir) == (
        f"无法写入文件夹 {tmp_path}/file：已存在"
    )


def test_a_title_that_the_folder_cannot_have(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = folder_of(data_dir)

    def refuse(path: Path, _target: Path) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "rename", refuse)
    assert command("meetings", "rename", ID, "预算会", "--data-dir", data_dir) == (
        f"无法把 {folder} 改名为 {folder.name.replace('周会', '预算会')}：没有权限；"
        "标题已保存，下次 `rename` 会改文件夹的名字"
    )


def test_a_meeting_that_somebody_edits_while_it_is_decoded_again(data_dir: Path, studio: Studio) -> None:
    kept = Archive(data_dir)
    with closing(kept.open_store(SETTINGS)) as store, closing(kept.open_store(SETTINGS)) as other:
        acts = [partial(edit_line, text="人写的", at=datetime.now(UTC))]

        def act(_done: float, _total: float) -> None:
            if acts:
                acts.pop()(other.database, ID, 2)

        told = chinese(lambda: redo(kept, store, store.record(ID), studio.settings, progress=act))

    assert told == f"会议 {ID} 在重新识别时被人修改；没有改动任何内容，请再做一次"


def test_a_line_of_a_meeting_without_any(tmp_path: Path) -> None:
    hold(tmp_path, final(1, "", 0.2, 1.8))

    assert command("meetings", "edit", ID, "1", "好", "--data-dir", tmp_path) == (
        f"会议 {ID} 没有第 1 行：它没有行；`streamer meetings show` 列出各行"
    )


def test_a_meeting_that_the_store_does_not_know(data_dir: Path) -> None:
    with closing(Archive(data_dir).open_store(SETTINGS)) as store:
        assert chinese(lambda: store.record("m")) == "没有会议 m"


def test_a_time_whose_sound_is_not_there(tmp_path: Path) -> None:
    hold(tmp_path)
    audio = folder_of(tmp_path) / "audio"
    first, *_ = sorted(audio.iterdir())
    first.unlink()

    assert command("meetings", "export", ID, "--at", "06:30:01", "--around", "0.5", "--data-dir", tmp_path) == (
        "06:30:01 前后 0.5 秒内没有录音：当时磁盘没有存下，或文件已不在"
    )
