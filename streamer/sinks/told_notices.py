"""What sources, brokers, hotwords and the NPU tell, in the language of whoever reads it. They speak English."""

from __future__ import annotations

import logging
from dataclasses import replace

from streamer.errors import NOTICED
from streamer.sinks.hotword_reasons import HOTWORDS
from streamer.sinks.messages import CHINESE, Messages
from streamer.sinks.sayings import Sayings
from streamer.sinks.sound_reasons import told_reason
from streamer.types import (
    MICROPHONE_CHANGED,
    MICROPHONE_LOST,
    SOUND_REMARK,
    DeviceAwaited,
    HotwordsChanged,
    Notice,
    Severity,
)

logger = logging.getLogger(__name__)

Told = Notice | HotwordsChanged | DeviceAwaited
"""What others than the meeting itself tell of it."""


def told_notice(notice: Notice, messages: Messages) -> Notice:
    """A notice in the language of ``messages``: what is often said; anything else as it is."""
    text = notice.text
    if not text:
        return notice
    if notice.key == MICROPHONE_LOST:
        text = messages.away.format(reason=told_reason(text, messages))
    elif notice.key in {MICROPHONE_CHANGED, SOUND_REMARK}:
        text = told_reason(text, messages)
    elif messages is CHINESE:
        text = _NOTICES.chinese(text)
    return replace(notice, text=text)


def told_event(event: Told, messages: Messages, title: str) -> Told:
    """What a source or the models tell of a meeting, who know neither its language nor its ``title``."""
    match event:
        case Notice():
            return told_notice(event, messages)
        case DeviceAwaited():
            return replace(event, title=title)
        case HotwordsChanged():
            return event


def log_notice(notice: Notice) -> None:
    """Put a warning into the log, where whoever tells of it does not: on a screen it is gone once it is over."""
    if notice.text and notice.severity is not Severity.INFO:
        logger.warning("%s", notice.text, extra=NOTICED)


def told_broker_reason(reason: str) -> str:
    """In Chinese why a broker cannot be used, and what helps."""
    return _REASONS.chinese_parts(reason)


_REASONS = Sayings(
    (
        ("the connection was lost", "连接中断"),
        ("the connection was refused", "连接被拒绝"),
        ("start the broker, or correct host and port", "请启动服务器，或更正主机和端口"),
        ("there is no host of this name", "没有这个主机名"),
        ("correct it, or look at the network", "请更正，或检查网络"),
        ("no answer", "没有应答"),
        (r"no answer within (?P<seconds>\S+) s", "{seconds} 秒内没有应答"),
        ("network is unreachable", "网络不可达"),
        ("no route to host", "没有到主机的路由"),
        ("look at the network and the firewall", "请检查网络和防火墙"),
        ("it closed the connection", "服务器关闭了连接"),
        ("it closed the connection without an answer", "服务器没有应答就关闭了连接"),
        ("it closes the connection, or does not answer", "服务器关闭连接，或没有应答"),
        (
            r"its port may expect TLS \(mqtts://\), or none \(mqtt://\)",
            "端口可能要求 TLS（mqtts://），或不用 TLS（mqtt://）",
        ),
        (r"perhaps it expects (?P<one>.*) or (?P<other>.*)", "也许服务器要求 {one} 或 {other}"),
        (r"perhaps it expects (?P<what>.*)", "也许服务器要求 {what}"),
        (r"the broker refused a message: (?P<code>.*)", "服务器拒收一条消息：{code}"),
        ("it does not speak this version of MQTT", "服务器不支持这个 MQTT 版本"),
        ('set mqtt.protocol, "5" or "3.1.1"', '请设置 mqtt.protocol 为 "5" 或 "3.1.1"'),
        ("it refuses the client id", "服务器拒绝这个客户端标识"),
        ("another program has the same client id", "另一个程序用了同样的客户端标识"),
        ("set another mqtt.client_id", "请换一个 mqtt.client_id"),
        ("it refuses the login", "服务器拒绝登录"),
        (
            r"correct the user \((?P<user>.*)\) and the password \((?P<name>\S+) or mqtt.password_file\)",
            "请更正用户 {user} 和密码（{name} 或 mqtt.password_file）",
        ),
        ("it is not available", "服务器暂不可用"),
        ("it shuts down", "服务器正在关闭"),
        ("it does not answer any more", "服务器不再应答"),
        (r"it does not pass on (?P<topic>\S+): (?P<code>.*)", "服务器不转发 {topic}：{code}"),
        (r"it does not pass on (?P<topic>\S+)", "服务器不转发 {topic}"),
        (r"its certificate is not trusted: (?P<told>.*)", "服务器的证书不可信：{told}"),
        (
            "name its authority in mqtt.ca_file, and the host as the certificate does",
            "请在 mqtt.ca_file 中给出签发机构，主机名与证书一致",
        ),
        (r"no TLS: (?P<told>.*)", "TLS 失败：{told}"),
        (r"(?P<size>\d+) bytes are more than (?P<limit>.*)", "{size} 字节超过 {limit}"),
        (r"it closed the connection (?P<count>\d+) times instead", "服务器 {count} 次关闭连接"),
        ("raise its limit on sizes", "请提高服务器的大小上限"),
        (r"larger than its limit of (?P<limit>\d+) bytes", "超过服务器的上限 {limit} 字节"),
    )
)


def _of_npu(error: str) -> str:
    from streamer.sinks.failures.npu import NPU  # noqa: PLC0415 - many patterns, seldom needed

    return NPU.chinese(error)


def _row(words: str) -> str:
    return words.replace(", ", "、")


_UNREAD = "these hotwords cannot be favoured, they have one syllable or no known reading"
_UNREAD_CHINESE = "这些热词用不上，只有一个音节或不知道读音：{words}"
_SPELLED = (
    r"these hotwords are favoured only where their letters are spelled one by one, not as a word that is read "
    r"\(capitals say that they are meant so\)"
)
_SPELLED_CHINESE = "这些热词只在逐个字母念时有效，当单词念时无效（如果本来就逐个字母念，请全部大写）：{spelled}"

_MESSAGES = Sayings(
    (
        (r"segment (?P<number>\d+)", "第 {number} 段"),
        (r"the mark at (?P<seconds>\S+) s", "{seconds} 秒处的标记"),
        (r"the gap at (?P<seconds>\S+) s", "{seconds} 秒处的声音中断"),
        ("a message", "一条消息"),
    )
)

_NOTICES = Sayings(
    (
        (
            r"MQTT: finals are kept and sent later, no link to (?P<broker>\S+) \((?P<reason>.*)\)",
            "MQTT：定稿先保存，以后发送；连不上 {broker}（{reason}）",
        ),
        (
            r"MQTT: finals are kept and sent later, (?P<broker>\S+) does not take them \((?P<reason>.*)\)",
            "MQTT：定稿先保存，以后发送；{broker} 不接收（{reason}）",
        ),
        (
            r"MQTT: the link to (?P<broker>\S+) is back; sent now of what waited: (?P<count>\d+)",
            "MQTT：{broker} 已恢复连接；正在补发 {count} 条",
        ),
        (r"MQTT: the link to (?P<broker>\S+) is back", "MQTT：{broker} 已恢复连接"),
        (r"MQTT: no link to (?P<broker>\S+) \((?P<reason>.*)\)", "MQTT：连不上 {broker}（{reason}）"),
        (
            r"MQTT: (?P<broker>\S+) does not take messages on (?P<topics>\S+(?:, \S+)*) \((?P<reason>.*)\)",
            "MQTT：{broker} 不接收 {topics} 上的消息（{reason}）",
        ),
        (
            (
                r"MQTT: (?P<count>\d+) message\(s\) left out that (?P<broker>\S+) does not take, "
                r"at last (?P<what>.*) on (?P<topic>\S+) \((?P<reason>.*)\)"
            ),
            "MQTT：{broker} 不接收 {count} 条消息，已略去；最近一条：{topic}，{what}（{reason}）",
        ),
        (
            r"MQTT: (?P<count>\d+) final\(s\) set aside that (?P<broker>\S+) does not take \((?P<reason>.*)\)",
            "MQTT：{broker} 不接收 {count} 条定稿，已搁置（{reason}）",
        ),
        (
            (
                r"MQTT: finals of (?P<size>\d+) bytes and more go without tokens, (?P<broker>\S+) closes the "
                r"connection over them; set (?P<key>\S+) to what it takes"
            ),
            "MQTT：{size} 字节以上的定稿不带逐字信息发送，否则 {broker} 会关闭连接；请按其上限设置 {key}",
        ),
        (r"MQTT: no commands come from (?P<broker>\S+) \((?P<reason>.*)\)", "MQTT：收不到 {broker} 的命令（{reason}）"),
        (
            r"MQTT: another meeting is held in room (?P<room>.*), (?P<meeting>\S+): --room NAME parts them",
            "MQTT：房间 {room} 里另有一个会议 {meeting}：请用 --room 给它们各起一个名字",
        ),
        (r"MQTT: messages that cannot be read are left out: (?P<why>.*)", "MQTT：读不懂的消息已略去：{why}"),
        (
            r"hotwords (?P<path>.*): its disk does not answer; the hotwords before stay in use",
            "热词表 {path}：磁盘没有响应；之前的热词继续有效",
        ),
        (r"(?P<complaint>.*); the hotwords before stay in use", "{complaint}；之前的热词继续有效"),
        (r"hotwords are not favoured: (?P<error>.*)", "热词未生效：{error}"),
        (rf"{_UNREAD}: (?P<words>.*?); {_SPELLED}: (?P<spelled>.*)", f"{_UNREAD_CHINESE}；{_SPELLED_CHINESE}"),
        (rf"{_UNREAD}: (?P<words>.*)", _UNREAD_CHINESE),
        (rf"{_SPELLED}: (?P<spelled>.*)", _SPELLED_CHINESE),
        (
            r"Ascend: the NPU is away, captions come from the fallback pack \((?P<error>.*)\)",
            "Ascend：NPU 不可用，字幕由备用模型包给出（{error}）",
        ),
    ),
    {
        "reason": told_broker_reason,
        "what": _MESSAGES.chinese,
        "complaint": HOTWORDS.chinese,
        "error": _of_npu,
        "words": _row,
        "spelled": _row,
    },
)
