"""Notices in Chinese: those that are given now, and what nobody knows as it is."""

from __future__ import annotations

import socket
import ssl
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.reasoncodes import ReasonCode

from streamer.asr.hotword_list import read_hotwords
from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.messages import CHINESE, ENGLISH
from streamer.sinks.mqtt.link_errors import LinkError, RefusedForNowError, SubscriptionRefusedError
from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.reasons import hint_for_silence, reason_of
from streamer.sinks.mqtt.unread import Unread
from streamer.sinks.told_notices import told_broker_reason, told_event, told_notice
from streamer.types import MICROPHONE_LOST, SOUND_REMARK, DeviceAwaited, HotwordsChanged, Notice, Severity

BROKER = "mqtt://hall:1883/streamer"


def in_chinese(text: str, key: str = "any") -> str:
    return told_notice(Notice(key, Severity.WARNING, text), CHINESE).text


@pytest.fixture
def told() -> list[Notice]:
    return []


@pytest.fixture
def notices(told: list[Notice]) -> LinkNotices:
    return LinkNotices(BROKER, lambda notice: told.append(told_notice(notice, CHINESE)))


def refused(code: int, packet: int = PacketTypes.CONNACK) -> aiomqtt.MqttCodeError:
    return aiomqtt.MqttCodeError(ReasonCode(packet, identifier=code))


@pytest.mark.parametrize(
    ("error", "chinese"),
    [
        (ConnectionRefusedError(), "连接被拒绝；请启动服务器，或更正主机和端口"),
        (socket.gaierror(), "没有这个主机名；请更正，或检查网络"),
        (TimeoutError(), "没有应答；请检查网络和防火墙"),
        (LinkError("no answer within 0.5 s"), "0.5 秒内没有应答"),
        (OSError(101, ""), "网络不可达；请检查网络和防火墙"),
        (OSError(113, ""), "没有到主机的路由；请检查网络和防火墙"),
        (ConnectionResetError(), "服务器关闭了连接；端口可能要求 TLS（mqtts://），或不用 TLS（mqtt://）"),
        (refused(0x80), "连接中断"),
        (refused(0x84), '服务器不支持这个 MQTT 版本；请设置 mqtt.protocol 为 "5" 或 "3.1.1"'),
        (refused(0x85), "服务器拒绝这个客户端标识；请换一个 mqtt.client_id"),
        (
            refused(0x87),
            "服务器拒绝登录；请更正用户 mqtt://USER@HOST 和密码（STREAMER_MQTT_PASSWORD 或 mqtt.password_file）",
        ),
        (refused(0x88), "服务器暂不可用"),
        (refused(0x8B, PacketTypes.DISCONNECT), "服务器正在关闭"),
        (refused(0x8D, PacketTypes.DISCONNECT), "服务器不再应答"),
        (refused(0x8E, PacketTypes.DISCONNECT), "另一个程序用了同样的客户端标识；请换一个 mqtt.client_id"),
        (SubscriptionRefusedError("a/b", ""), "服务器不转发 a/b"),
        (SubscriptionRefusedError("a/b", "Not authorized"), "服务器不转发 a/b：Not authorized"),
        (LinkError("something new"), "something new"),
    ],
)
def test_why_a_broker_cannot_be_used(error: BaseException, chinese: str) -> None:
    assert told_broker_reason(str(reason_of(error))) == chinese


def test_a_certificate_that_is_not_trusted() -> None:
    error = ssl.SSLCertVerificationError()
    error.verify_message = "self-signed certificate"

    assert told_broker_reason(str(reason_of(error))) == (
        "服务器的证书不可信：self-signed certificate；请在 mqtt.ca_file 中给出签发机构，主机名与证书一致"
    )


def test_a_broker_that_says_nothing() -> None:
    said = "it closed the connection without an answer" + hint_for_silence(MqttSettings(), tls=False)

    assert told_broker_reason(said) == (
        '服务器没有应答就关闭了连接；也许服务器要求 TLS (mqtts://) 或 MQTT 3.1.1 (mqtt.protocol = "3.1.1")'
    )


def test_finals_that_wait(notices: LinkNotices, told: list[Notice]) -> None:
    notices.down(ConnectionRefusedError())
    notices.down(RefusedForNowError("Quota exceeded"))
    notices.back(0)
    notices.back(3)
    notices.settled()

    assert [notice.text for notice in told] == [
        f"MQTT：定稿先保存，以后发送；连不上 {BROKER}（连接被拒绝；请启动服务器，或更正主机和端口）",
        f"MQTT：定稿先保存，以后发送；{BROKER} 不接收（Quota exceeded）",
        f"MQTT：{BROKER} 已恢复连接",
        f"MQTT：{BROKER} 已恢复连接；正在补发 3 条",
        "",
    ]


def test_what_a_broker_does_not_take(notices: LinkNotices, told: list[Notice]) -> None:
    notices.refused("s/b/status", "it closes the connection, or does not answer")
    notices.refused("s/a/status", "Not authorized")
    reason = "larger than its limit of 9 bytes"
    notices.left_out("s/a/mark", b'{"position": 2.5}', reason)
    notices.left_out("s/a/gap", b'{"position": 61}', reason)
    notices.left_out("s/a/revised", b'{"segment": 3}', reason)
    notices.left_out("s/a/status", b"{}", reason)
    notices.parked("12 bytes are more than mqtt.max_message_bytes = 9")
    notices.parked("it closed the connection 5 times instead; raise its limit on sizes")
    notices.without_tokens(4096)

    assert [notice.text for notice in told] == [
        f"MQTT：{BROKER} 不接收 s/b/status 上的消息（服务器关闭连接，或没有应答）",
        f"MQTT：{BROKER} 不接收 s/a/status, s/b/status 上的消息（Not authorized）",
        f"MQTT：{BROKER} 不接收 1 条消息，已略去；最近一条：s/a/mark，2.5 秒处的标记（超过服务器的上限 9 字节）",
        f"MQTT：{BROKER} 不接收 2 条消息，已略去；最近一条：s/a/gap，61 秒处的声音中断（超过服务器的上限 9 字节）",
        f"MQTT：{BROKER} 不接收 3 条消息，已略去；最近一条：s/a/revised，第 3 段（超过服务器的上限 9 字节）",
        f"MQTT：{BROKER} 不接收 4 条消息，已略去；最近一条：s/a/status，一条消息（超过服务器的上限 9 字节）",
        f"MQTT：{BROKER} 不接收 1 条定稿，已搁置（12 字节超过 mqtt.max_message_bytes = 9）",
        f"MQTT：{BROKER} 不接收 2 条定稿，已搁置（服务器 5 次关闭连接；请提高服务器的大小上限）",
        f"MQTT：4096 字节以上的定稿不带逐字信息发送，否则 {BROKER} 会关闭连接；请按其上限设置 mqtt.max_message_bytes",
    ]


def test_commands_rivals_and_what_cannot_be_read(notices: LinkNotices, told: list[Notice]) -> None:
    notices.commands("it does not pass on s/a/command")
    notices.rival("a", "20261120T143000Z-3f9a")
    (unread,) = Unread().refuse("s/a/final", "s/a/final: version 9")

    assert [notice.text for notice in (*told, told_notice(unread, CHINESE))] == [
        f"MQTT：收不到 {BROKER} 的命令（服务器不转发 s/a/command）",
        "MQTT：房间 a 里另有一个会议 20261120T143000Z-3f9a：请用 --room 给它们各起一个名字",
        "MQTT：读不懂的消息已略去：s/a/final: version 9",
    ]


@pytest.mark.parametrize(
    ("key", "text", "chinese"),
    [
        (MICROPHONE_LOST, "nothing came through the pipe", "收不到声音，正在等待恢复：管道中没有数据"),
        (SOUND_REMARK, "a.wav: 7 samples are beyond full scale; they were clipped", "a.wav：7 个采样超出满幅，已削波"),
        (
            SOUND_REMARK,
            "a.wav: it was not read to its end: 00:02:18 of 00:16:38",
            "a.wav：没有读到结尾：全长 00:16:38，只读到 00:02:18",
        ),
        ("x", f"MQTT: no link to {BROKER} (no answer)", f"MQTT：连不上 {BROKER}（没有应答）"),
        (
            "x",
            "Ascend: the NPU is away, captions come from the fallback pack (error 507899)",
            "Ascend：NPU 不可用，字幕由备用模型包给出（error 507899）",
        ),
        (
            "x",
            "Ascend: the NPU is away, captions come from the fallback pack (the Ascend device failed: no device)",
            "Ascend：NPU 不可用，字幕由备用模型包给出（昇腾设备失败：no device）",
        ),
        (
            "x",
            "hotwords a.txt, line 1: not UTF-8 (save the list as UTF-8); the hotwords before stay in use",
            "热词表 a.txt 第 1 行：不是 UTF-8 编码（请另存为 UTF-8）；之前的热词继续有效",
        ),
        (
            "x",
            "hotwords a.txt: its disk does not answer; the hotwords before stay in use",
            "热词表 a.txt：磁盘没有响应；之前的热词继续有效",
        ),
        ("x", "{0} was never heard of", "{0} was never heard of"),
        ("x", "", ""),
    ],
)
def test_other_notices(key: str, text: str, chinese: str) -> None:
    assert in_chinese(text, key) == chinese


@pytest.mark.parametrize(
    ("line", "chinese"),
    [
        ("李明 99", "第 1 行：热词 '李明' 的权重 99 应大于 0，且不超过 10"),
        ("李明，陈静", "第 1 行：'李明，陈静' 中有 '，'，像是几个热词：每行只写一个"),
        ("李明:2", "第 1 行：'李明:2'：权重前要有空格，如 '李明 2'"),
        (
            "李明 high",
            (
                "第 1 行：'李明' 之后的 'high' 不是权重：应写成“词”或“词 权重”，如 张伟 2.5；"
                "属于这个词的字母不要用空格隔开"
            ),
        ),
        ("明" * 17, f"第 1 行：热词有 17 个字符，最多 16 个：{'明' * 16}…"),
    ],
)
def test_what_is_wrong_with_a_list_of_hotwords(tmp_path: Path, line: str, chinese: str) -> None:
    path = tmp_path / "words.txt"
    path.write_text(line, encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        read_hotwords(path)

    said = in_chinese(f"{refused.value}; the hotwords before stay in use")
    assert said == f"热词表 {path} {chinese}；之前的热词继续有效"


def test_a_list_of_hotwords_that_is_gone(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as refused:
        read_hotwords(path := tmp_path / "words.txt")

    said = in_chinese(f"{refused.value}; the hotwords before stay in use")
    assert said == f"无法读取热词表 {path}：没有这个文件；之前的热词继续有效"


def test_a_list_of_hotwords_that_has_become_a_pipe() -> None:
    said = in_chinese("cannot read hotwords /a b: it is no file any more; the hotwords before stay in use")

    assert said == "无法读取热词表 /a b：已经不是文件；之前的热词继续有效"


def test_words_stand_in_a_row_as_chinese_is_written() -> None:
    said = "these hotwords cannot be favoured, they have one syllable or no known reading: 张, 王"

    assert in_chinese(said) == "这些热词用不上，只有一个音节或不知道读音：张、王"


def test_in_english_what_is_told_stays_as_it_is() -> None:
    notice = Notice("mqtt.link", Severity.WARNING, f"MQTT: no link to {BROKER} (no answer)")

    assert told_notice(notice, ENGLISH) == notice
    assert told_notice(replace(notice, key=MICROPHONE_LOST, text="gone"), ENGLISH).text == (
        ENGLISH.away.format(reason="gone")
    )


def test_what_is_waited_for_is_told_with_the_meetings_title() -> None:
    waiting = DeviceAwaited("USB", datetime(2026, 11, 20, tzinfo=UTC), "no input is named 'USB'")
    notice = Notice("k", Severity.WARNING, "t")

    told = [told_event(event, ENGLISH, "周会") for event in (waiting, notice, HotwordsChanged(0, ("昇腾",)))]

    assert told == [replace(waiting, title="周会"), notice, HotwordsChanged(0, ("昇腾",))]


def test_why_the_microphone_is_lost_is_told_in_the_language_of_the_meeting() -> None:
    notice = Notice(
        "microphone.lost",
        Severity.WARNING,
        "usb went away, and hdmi, which the sound server gave instead, was not asked for",
    )

    assert in_chinese(notice.text, notice.key) == (
        "收不到声音，正在等待恢复：usb 已断开；声音服务器换成了 hdmi；这不是所选的麦克风，没有采用"
    )
    assert told_notice(notice, ENGLISH).text == f"no sound arrives, waiting for it: {notice.text}"
    assert in_chinese("", notice.key) == ""


def test_another_microphone_is_told_of_in_the_language_of_the_meeting() -> None:
    notice = Notice("microphone.changed", Severity.WARNING, "Webcam is heard now: USB Mic went away")

    assert told_event(notice, CHINESE, "") == replace(notice, text="USB Mic 已断开，现在收的是 Webcam 的声音")
