from __future__ import annotations

import socket
from pathlib import Path

import pytest
import typer

from streamer.commands.run import _failure_of, _finish
from streamer.commands.sound_files import replacing
from streamer.errors import AudioFileError
from streamer.metrics.metrics import Metrics
from streamer.pipeline import MeetingReport
from streamer.rooms import RoomOutcome
from streamer.settings import load_settings
from streamer.sinks.failures.failure import told_failure
from streamer.sinks.messages import CHINESE
from streamer.sinks.printed import unwritable
from tests.meeting.material import STARTED
from tests.sinks.failures.failing import chinese

ID = STARTED.meeting_id


def test_standard_output_that_takes_nothing() -> None:
    assert told_failure(str(unwritable(OSError(28, "No space left on device"))), CHINESE) == (
        "标准输出：磁盘已满；请在写入的地方腾出空间，或写到别处"
    )


def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "x.txt"

    assert chinese(lambda: replacing(target).__enter__()) == f"无法写入 {target}：已存在"


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("127.0.0.1", "端口已被占用；请换一个 --metrics-port，或查看哪个程序占用了它"),
        ("[::1]", "没有这个主机名；请把 metrics.host 设为本机的地址：127.0.0.1，或表示全部地址的 0.0.0.0"),
        ("192.0.2.1", "不是本机的地址；请把 metrics.host 设为本机的地址：127.0.0.1，或表示全部地址的 0.0.0.0"),
        ("厅" * 64, "主机不会有这样的名字；请把 metrics.host 设为本机的地址：127.0.0.1，或表示全部地址的 0.0.0.0"),
    ],
)
def test_figures_that_cannot_be_shown(host: str, told: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = load_settings(overrides={"metrics": {"host": host, "port": port}})
        said = chinese(lambda: Metrics(lambda: None, dict).serve(settings).__enter__())

    assert said == f"无法在 {host}:{port} 上提供指标：{told}"


def failing(lost: int = 0, **refusals: str) -> str:
    """What a run ends with."""
    report = MeetingReport(STARTED, 16_000, lost, None, refusals)
    return told_failure(str(_failure_of(RoomOutcome("r", report, None), "")), CHINESE)


def test_what_became_of_several_rooms(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    outcomes = (
        RoomOutcome("hall", None, AudioFileError("a.wav: there is no sound in it")),
        RoomOutcome("lab", MeetingReport(STARTED, 16_000, 2, None, {}), None),
    )
    with pytest.raises(typer.Exit) as ended:
        _finish(outcomes, set(), "")

    assert ended.value.exit_code == 3
    assert capsys.readouterr().err.splitlines() == [
        "streamer: [hall] a.wav：其中没有声音",
        f"streamer: [lab] 有 2 段话未能识别；`streamer meetings redo {ID}` 可再试一次",
    ]


def test_passages_that_were_lost() -> None:
    assert failing(2) == f"有 2 段话未能识别；`streamer meetings redo {ID}` 可再试一次"


def test_outputs_that_did_not_take_everything() -> None:
    assert failing(plain="No space left on device") == (
        f"标准输出没有全部写下：磁盘已满；请在写入的地方腾出空间，或写到别处；会议本身已保存：`streamer meetings "
        f"show {ID}`"
    )
    assert failing(minutes="minutes cannot be written: [Errno 28] No space left on device; free some space") == (
        f"纪要没有全部写下：无法写入：磁盘已满；请腾出空间；文字已保存：`streamer meetings export {ID}` 把它写成文件"
    )
