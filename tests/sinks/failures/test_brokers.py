from __future__ import annotations

import asyncio
from contextlib import closing
from pathlib import Path

import pytest

from streamer.announcing import CaptionAnnouncer
from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.commands.waiting_captions import broker_of
from streamer.delivering import send_waiting, tell_ended
from streamer.meeting.outbox import drop_messages
from streamer.settings import load_settings
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import Topics, check_address
from streamer.sinks.mqtt.credentials import read_password, secret_in, tls_context
from streamer.sinks.mqtt.subscriber import parse_watch_address
from tests.brokers import Mosquitto, access_list, free_port
from tests.commands.outboxes import fill
from tests.deliveries import ended
from tests.meeting.material import STARTED, final
from tests.sinks.failures.failing import chinese, command
from tests.sinks.mqtt.test_credentials import with_own_certificate


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("http://a", "MQTT 地址 'http://a'：应以 mqtt:// 或 mqtts:// 开头，如 mqtt://user@host:1883/prefix"),
        (
            "mqtt://a:b@c",
            (
                "MQTT 地址 'mqtt://a:***@c' 中有密码，本机的其他用户可能看到：请放进环境变量 STREAMER_MQTT_PASSWORD "
                "或文件"
                "（mqtt.password_file）"
            ),
        ),
        ("mqtt://a:99999", "MQTT 地址 'mqtt://a:99999'：端口应为 1 到 65535 的数"),
        ("mqtt:///x", "MQTT 地址 'mqtt:///x' 中没有主机名，应如 mqtt://user@host:1883/prefix"),
        ("mqtt://a/b#c", "MQTT 地址 'mqtt://a/b#c'：地址到 '#' 为止，其后的内容会丢失；请去掉"),
        ("mqtt://a..b", "MQTT 地址 'mqtt://a..b'：'a..b' 不能是主机名：每两点之间应有 1 到 63 个字符"),
        (
            "mqtt://[::1",
            "MQTT 地址 'mqtt://[::1'：Invalid IPv6 URL；应如 mqtt://user@host:1883/prefix 或 mqtt://[::1]/prefix",
        ),
        ("mqtt://a/b+c", "prefix 'b+c' 不能用在 MQTT 主题里：其中有 '+'；请去掉 +、# 和控制字符"),
        ("mqtt://a/$b", "prefix '$b' 不能用在 MQTT 主题里：应为 1–1024 字节，不以 $ 开头"),
    ],
)
def test_an_address_that_is_none(url: str, told: str) -> None:
    assert chinese(lambda: check_address(url)) == told


def test_an_address_to_watch_without_a_room() -> None:
    assert chinese(lambda: parse_watch_address("mqtt://a")) == (
        "'mqtt://a' 中没有房间：应为 mqtt://主机/前缀/房间，房间写 + 表示全部"
    )


def test_a_room_that_would_be_two_levels() -> None:
    assert chinese(lambda: Topics("streamer", "a/b")) == "房间 'a/b' 中不能有 '/'：它是 MQTT 主题的一级"


def test_secrets_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "password"
    monkeypatch.delenv("STREAMER_MQTT_PASSWORD", raising=False)
    monkeypatch.setenv("SECRET", "\udcff")

    assert chinese(lambda: read_password(MqttSettings(password_file=str(path)))) == (
        f"无法读取 mqtt.password_file {str(path)!r}：没有这个文件或文件夹：{str(path)!r}"
    )
    assert chinese(lambda: secret_in("SECRET")) == "环境变量 SECRET 不是 UTF-8：请让设置它的程序用 UTF-8"
    assert chinese(lambda: tls_context(MqttSettings(ca_file=str(path)))) == (
        f"mqtt.ca_file {str(path)!r}、mqtt.cert_file '' 或 mqtt.key_file：没有这个文件或文件夹"
    )


def test_captions_that_a_broker_does_not_get(tmp_path: Path) -> None:
    port = free_port()
    fill(tmp_path, f"127.0.0.1:{port}", 2)

    assert command("meetings", "outbox", "--send", f"mqtt://127.0.0.1:{port}", "--data-dir", tmp_path) == (
        f"127.0.0.1:{port} 没有全部接收（连接被拒绝；请启动服务器，或更正主机和端口）：2 条中已发送 0 条，其余继续等待"
    )
    assert command("meetings", "outbox", "--drop", "other:1883", "--data-dir", tmp_path) == (
        f"没有字幕在等待 'other:1883'；有字幕等待的是：127.0.0.1:{port}"
    )


def test_a_key_that_is_locked(tmp_path: Path) -> None:
    folder = with_own_certificate(tmp_path, "-passout", "pass:hunter2")
    certificate, key = str(folder / "cert.pem"), str(folder / "key.pem")

    assert chinese(lambda: tls_context(MqttSettings(cert_file=certificate, key_file=key))) == (
        f"{key!r} 中的密钥有口令，而这里不会问口令：`openssl pkey -in FILE -out OPEN` 可写出没有口令的，用作 "
        f"mqtt.key_file"
    )


def test_an_end_that_a_broker_is_not_told_of(tmp_path: Path) -> None:
    settings = load_settings(overrides={"mqtt": {"url": f"mqtt://127.0.0.1:{free_port()}/streamer"}})
    with ended(tmp_path, settings) as (archive, store):
        drop_messages(store.database, broker_of(settings.mqtt.url))
        told = chinese(lambda: tell_ended(archive, store, store.record(STARTED.meeting_id), settings.mqtt))

    assert told == f"无法告知 {broker_of(settings.mqtt.url)}（连接被拒绝；请启动服务器，或更正主机和端口）"


@pytest.mark.broker
async def test_captions_that_a_broker_refuses(tmp_path: Path) -> None:
    rules = access_list(tmp_path, "write streamer/other", "read #")
    async with Mosquitto(tmp_path, *rules, "max_packet_size 2000") as broker:
        settings = load_settings(overrides={"mqtt": {"url": f"mqtt://127.0.0.1:{broker.port}/streamer"}})
        announce = CaptionAnnouncer(settings.mqtt, STARTED.room, STARTED.meeting_id)
        with closing(open_meeting(settings, tmp_path / "data", STARTED, announce=announce)) as journal:
            journal.record(final(3, "长" * 1000, 1, 2))
            journal.record(final(4, "不让说。", 2, 3))
        with closing(Archive(tmp_path / "data").open_store(settings)) as store:
            told = await asyncio.to_thread(chinese, lambda: send_waiting(store, settings.mqtt))

    assert told == (
        f"127.0.0.1:{broker.port} 没有全部接收（服务器拒收一条消息：Not authorized）：2 条中已发送 0 条，1 条被拒收，"
        "其余继续等待"
    )
