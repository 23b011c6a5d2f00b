from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from typer.testing import CliRunner

from streamer import __version__
from streamer.doctor import general
from streamer.doctor.broker import check_broker
from streamer.settings.mqtt import MqttSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.system.system_packages import how_to_install
from tests.acl_simulator.copies import offline_copy
from tests.brokers import Mosquitto, free_port
from tests.commands.doctoring import app, many_inputs, static_pack
from tests.commands.outboxes import fill
from tests.disks import locked
from tests.meeting.kept import hold
from tests.sinks.failures.finding import told

__all__ = ["many_inputs", "static_pack"]

MIC = "只有 `--source mic` 需要"
DEVICE = "请更正 audio.device，或 [[room]] 的 device：`streamer devices` 列出输入"


@pytest.fixture
def chinese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")


def test_an_old_python() -> None:
    assert told(general.check_python((3, 9)))[1] == "请安装 Python 3.11 或更新的版本"


def test_a_library_that_is_missing() -> None:
    assert told(general.check_libraries(("no-such-package",))) == (
        "缺少：no-such-package",
        "请像第一次那样重新安装 streamer",
    )


def test_ffmpeg() -> None:
    assert told(general.check_ffmpeg(None)) == (
        "没有安装",
        f"只有 m4a、mp4 等格式需要它：{how_to_install('ffmpeg')}",
    )


def test_inputs(many_inputs: None) -> None:
    assert told(general.check_audio()) == ("3 个输入；默认输入：Webcam", "")
    assert told(general.check_audio(("USB",))) == (
        "有几个输入的名称含 'USB'；请选其一：1 USB Mic A, 2 USB Mic B",
        DEVICE,
    )
    assert told(general.check_audio(("Beam",), is_awaited=True)) == (
        "没有名为 'Beam' 的输入；现有：0 Webcam, 1 USB Mic A, 2 USB Mic B",
        f"请插上，运行时会等待 Beam；或{DEVICE[1:]}",
    )
    assert told(general.check_audio(("USB Mic A",), {"USB Mic A": 9})) == (
        "要的是第 9 声道，而 USB Mic A 只有 2 个",
        "请更正 audio.channel，或 [[room]] 的 channel；0 为全部声道混合",
    )


def test_no_inputs(monkeypatch: pytest.MonkeyPatch, open_euler: None) -> None:
    async def none() -> tuple[()]:
        return ()

    monkeypatch.setattr(general, "find_inputs", none)
    plug_in = "请插上麦克风；使用 PulseAudio 或 PipeWire 时请安装插件：dnf install alsa-plugins-pulseaudio"

    assert told(general.check_audio()) == ("没有输入", f"{MIC}：{plug_in}")
    assert told(general.check_audio(("USB",), is_awaited=True)) == ("没有输入", f"运行时会等待 USB：{plug_in}")
    assert told(general.check_audio(("", "USB"), is_awaited=True)) == (
        "没有输入",
        f"运行时会等待 默认输入、USB：{plug_in}",
    )


def test_no_sound_system(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "no library")
    missing = told(general.check_audio())
    fake.setattr("streamer.audio.devices._PATIENCE", 0.0)
    hanging = told(general.check_audio())

    assert missing[1] == f"{MIC}它：{how_to_install('PortAudio')}"
    assert hanging == ("声音系统 0 秒内没有给出输入列表：它没有响应", f"{MIC}麦克风")


def test_a_pack(static_pack: Path, tmp_path: Path) -> None:
    def check(folder: Path) -> tuple[str, str]:
        return told(general.check_pack(RecognizerSettings(pack=str(folder))))

    offline = offline_copy(static_pack, tmp_path / "offline")
    assert check(static_pack) == ("tones 1，4 个文件与清单相符，两个模型都能加载，有分数", "")
    assert check(offline) == ("tones 1，4 个文件与清单相符；用 `--ascend` 加载", "")
    (static_pack / "language.onnx").unlink()
    assert check(static_pack) == (
        f"模型包 {static_pack} 缺少文件 language.onnx（它的清单 [files] 中有）",
        "`streamer models list` 列出已安装的；请重新安装或复制模型包",
    )


def test_a_data_folder_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    assert told(general.check_disk(tmp_path / "file")) == (
        f"{tmp_path}/file 是文件，不是文件夹",
        "请用 --data-dir 或 store.data_dir 指定一个文件夹",
    )


def test_a_data_folder_that_may_not_be_entered(tmp_path: Path) -> None:
    hold(tmp_path)
    with locked(tmp_path):
        disk, store = general.check_disk(tmp_path), general.check_store(tmp_path)
        outbox = general.check_outbox(tmp_path, "")

    assert told(disk) == (f"{tmp_path}：没有权限", f"请让 {tmp_path} 可写，或另选 --data-dir")
    assert told(store) == (f"{tmp_path}/streamer.db：没有权限", f"请让 {tmp_path} 可读，或另选 --data-dir")
    assert told(outbox) == (f"没有权限：'{tmp_path}/streamer.db'", "")


NO_ROOM = "请腾出空间，或另选 --data-dir：现在不能在那里开始会议"


@pytest.mark.parametrize(
    ("free", "room", "advice"),
    [
        (0, "0 MB", NO_ROOM),
        (100 << 20, "100 MB", "请腾出空间：几小时内录音就会停下"),
        (
            1 << 30,
            "1.0 GiB",
            "一小时的录音最多占 80 MB；可设置 store.audio_gib 和 store.audio_days",
        ),
        (50 << 30, "50.0 GiB", ""),
    ],
)
def test_room_on_the_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, free: int, room: str, advice: str) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda _: shutil._ntuple_diskusage(100 << 30, 0, free))  # type: ignore[attr-defined]

    assert told(general.check_disk(tmp_path)) == (f"{tmp_path} 所在磁盘还有 {room}", advice)


def test_a_disk_that_takes_no_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.audio.room._RESERVED_BYTES", 1 << 60)
    monkeypatch.setattr("streamer.audio.room._SMALLEST_SHARE", 1)
    advice = told(general.check_disk(tmp_path))[1]

    assert advice.startswith("请腾出空间：现在运行不会录音；磁盘最后 ")
    assert advice.endswith(" MB 留给字幕")


def test_a_disk_that_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)

    assert told(general.check_disk(tmp_path)) == (f"{tmp_path}：磁盘已满", NO_ROOM)


def test_a_store(tmp_path: Path) -> None:
    none = general.check_store(tmp_path)
    hold(tmp_path)
    sound = general.check_store(tmp_path)
    store = tmp_path / "streamer.db"
    pages = store.read_bytes()
    store.write_bytes(pages[: 4096 * 3] + b"\xa5" * 4096 + pages[4096 * 4 :])
    damaged = general.check_store(tmp_path)
    for path in tmp_path.glob("streamer.db*"):
        path.unlink()
    away = general.check_store(tmp_path)
    advice = f"请用备份恢复 {store}；录音和会议记录在 {tmp_path}/meetings 里"

    assert told(none) == ("还没有会议", "")
    assert told(sound) == ("1 个会议；文件完好", "")
    assert told(damaged)[0].startswith(("已损坏：", f"会议存储 {store} 出错：文件已损坏"))
    assert told(damaged)[1] == advice
    assert told(away) == (f"{tmp_path}/meetings 中有 1 个会议不在存储里", advice)


def test_captions_that_wait(tmp_path: Path) -> None:
    empty = general.check_outbox(tmp_path, "")
    fill(tmp_path, "old:1883", 3)
    fill(tmp_path, "", 2)

    assert told(empty) == ("空的", "")
    assert told(general.check_outbox(tmp_path, "mqtt://new/streamer")) == (
        "等待任意服务器的有 2 条，等待 old:1883 的有 3 条",
        "`streamer meetings outbox` 可发送或丢弃等待以前服务器或房间的字幕",
    )
    assert told(general.check_outbox(tmp_path, "http://a")) == (
        "MQTT 地址 'http://a'：应以 mqtt:// 或 mqtts:// 开头，如 mqtt://user@host:1883/prefix",
        "请更正 mqtt.url",
    )


def test_a_broker_that_is_away() -> None:
    port = free_port()

    assert told(check_broker(MqttSettings())) == ("没有配置", "")
    assert told(check_broker(MqttSettings(url=f"mqtt://127.0.0.1:{port}"))) == (
        f"mqtt://127.0.0.1:{port}/streamer：连接被拒绝",
        "请启动服务器，或更正主机和端口",
    )
    assert told(check_broker(MqttSettings(url="http://a")))[1] == "请更正 [mqtt] 的内容"


def test_a_broker_of_which_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fail(*_: object) -> None:
        raise aiomqtt.MqttError("it is odd")

    monkeypatch.setattr("streamer.doctor.broker._log_in", fail)

    assert told(check_broker(MqttSettings(url="mqtt://a"))) == (
        "mqtt://a:1883/streamer：it is odd",
        "请启动服务器，或更正主机、端口和防火墙",
    )


@pytest.mark.broker
async def test_a_broker_that_takes_the_login(tmp_path: Path) -> None:
    password = tmp_path / "password"
    password.write_text("right\n")
    password.chmod(0o644)
    async with Mosquitto(tmp_path) as broker:
        settings = MqttSettings(url=f"mqtt://ann@127.0.0.1:{broker.port}", password_file=str(password))
        open_to_all = await asyncio.to_thread(check_broker, settings)
        password.chmod(0o600)
        good = await asyncio.to_thread(check_broker, settings)
    url = f"mqtt://127.0.0.1:{broker.port}/streamer"

    assert told(open_to_all) == (f"{url} 接受登录；但本机的任何人都能读 {password}", f"chmod o= {password}")
    assert told(good) == (f"{url} 接受登录", "")


@pytest.mark.usefixtures("chinese", "many_inputs")
def test_the_doctor_says_it_in_chinese_and_its_json_in_english(tmp_path: Path) -> None:
    meeting = hold(tmp_path)
    with closing(sqlite3.connect(tmp_path / "streamer.db")) as connection, connection:
        connection.execute("UPDATE meetings SET ended_at = NULL")
    config = tmp_path / "config.toml"
    config.write_text('[hotwords]\nwords = ["张伟", "李明"]\n[[room]]\nname = "hall"\nsource = "none.wav"\n')
    arguments = ["--config", str(config), "--data-dir", str(tmp_path)]
    rows = CliRunner().invoke(app, arguments, catch_exceptions=False).stdout.splitlines()
    json = CliRunner().invoke(app, [*arguments, "--json"], catch_exceptions=False).stdout

    assert [row.split("：")[0] for row in rows if not row.startswith("  ")] == [
        *(
            "✓ Python",
            "✓ 所需的库",
            "✗ 房间 hall",
            "✓ 热词",
            "✓ 声音输入",
            "✓ ffmpeg",
            "✓ 模型包 zh",
            "✓ 磁盘",
            "✓ 会议存储",
        ),
        *("! 未完成的会议", "✓ MQTT", "✓ 待发送的字幕"),
    ]
    assert rows[0].endswith(f", streamer {__version__}")
    assert rows[2:4] == ["✗ 房间 hall：none.wav：没有这个文件", "  → 请更正 [[room]]"]
    assert "✓ 热词：2 个词" in rows
    assert rows[rows.index(f"! 未完成的会议：{meeting}") + 1] == (
        f"  → `streamer recover --data-dir {tmp_path}` 补全文字并结束它们"
    )
    assert '"found":"none.wav: there is no such file","advice":"correct [[room]]"' in json


@pytest.mark.usefixtures("chinese")
def test_hotwords_that_a_run_would_refuse(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[hotwords]\nwords = ["张伟 99"]\n')
    shown = CliRunner().invoke(app, ["--config", str(config), "--data-dir", str(tmp_path)]).stdout

    assert "✗ 热词：hotwords.words：热词 '张伟' 的权重 99 应大于 0，且不超过 10\n  → 请更正 [hotwords]\n" in shown
