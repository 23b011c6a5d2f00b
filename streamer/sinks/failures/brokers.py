"""Why a broker's address, login or answer does not do, in Chinese."""

from __future__ import annotations

from typing import Final

from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.sayings import Sayings
from streamer.sinks.told_notices import told_broker_reason

_ADDRESSES = Sayings(
    (
        (
            r"expected mqtt:// or mqtts://, as in (?P<example>\S+)",
            "应以 mqtt:// 或 mqtts:// 开头，如 {example}",
        ),
        (r"the port must be a number from (?P<least>\d+) to (?P<most>\d+)", "端口应为 {least} 到 {most} 的数"),
        (
            r"an address ends at (?P<sign>'.'), and the rest would be lost; leave it out",
            "地址到 {sign} 为止，其后的内容会丢失；请去掉",
        ),
        (
            r"(?P<host>.*) can be no host: between its dots are 1 to 63 characters",
            "{host} 不能是主机名：每两点之间应有 1 到 63 个字符",
        ),
        (
            r"(?P<error>.*); expected one as (?P<one>\S+) or (?P<other>\S+)",
            "{error}；应如 {one} 或 {other}",
        ),
    )
)

BROKERS: Final = Sayings(
    (
        (
            (
                r"MQTT address (?P<url>'.*') holds a password, which other users of this machine could read: put it "
                r"into "
                r"the environment variable (?P<name>\S+) or a file \((?P<key>\S+)\)"
            ),
            "MQTT 地址 {url} 中有密码，本机的其他用户可能看到：请放进环境变量 {name} 或文件（{key}）",
        ),
        (
            r"MQTT address (?P<url>'.*') names no host, as in (?P<example>\S+)",
            "MQTT 地址 {url} 中没有主机名，应如 {example}",
        ),
        (r"MQTT address (?P<url>'[^']*'): (?P<problem>.*)", "MQTT 地址 {url}：{problem}"),
        (
            r"(?P<url>.*) names no room: expected mqtt://host/prefix/room, or \+ as room for all of them",
            "{url} 中没有房间：应为 mqtt://主机/前缀/房间，房间写 + 表示全部",
        ),
        (
            r"room (?P<room>.*) must not hold '/': it is one level of an MQTT topic",
            "房间 {room} 中不能有 '/'：它是 MQTT 主题的一级",
        ),
        (
            r"(?P<name>\S+) (?P<value>.*) cannot be part of an MQTT topic: expected 1–1024 bytes, no \$ in front",
            "{name} {value} 不能用在 MQTT 主题里：应为 1–1024 字节，不以 $ 开头",
        ),
        (
            r"(?P<name>\S+) (?P<value>.*) cannot be part of an MQTT topic: it holds (?P<sign>.*); leave out .*",
            "{name} {value} 不能用在 MQTT 主题里：其中有 {sign}；请去掉 +、# 和控制字符",
        ),
        (
            r"mqtt\.password_file (?P<path>.*) cannot be read: (?P<error>.*)",
            "无法读取 mqtt.password_file {path}：{error}",
        ),
        (
            r"the environment variable (?P<name>\S+) is not UTF-8: let what sets it use UTF-8",
            "环境变量 {name} 不是 UTF-8：请让设置它的程序用 UTF-8",
        ),
        (
            (
                r"the key in (?P<path>.*) is locked with a pass phrase, which nobody is asked for: (?P<how>`.*`) "
                r"writes one "
                r"without, for mqtt\.key_file"
            ),
            "{path} 中的密钥有口令，而这里不会问口令：{how} 可写出没有口令的，用作 mqtt.key_file",
        ),
        (
            r"mqtt\.ca_file (?P<ca>.*), mqtt\.cert_file (?P<cert>.*) or mqtt\.key_file: (?P<error>.*)",
            "mqtt.ca_file {ca}、mqtt.cert_file {cert} 或 mqtt.key_file：{error}",
        ),
        (r"(?P<broker>\S+) cannot be told \((?P<reason>.*)\)", "无法告知 {broker}（{reason}）"),
        (
            (
                r"(?P<broker>\S+) did not take everything \((?P<reason>.*)\): captions sent: (?P<sent>\d+) of "
                r"(?P<all>\d+), "
                r"the others wait on"
            ),
            "{broker} 没有全部接收（{reason}）：{all} 条中已发送 {sent} 条，其余继续等待",
        ),
        (
            (
                r"(?P<broker>\S+) did not take everything \((?P<reason>.*)\): captions sent: (?P<sent>\d+) of "
                r"(?P<all>\d+), "
                r"refused: (?P<refused>\d+), the others wait on"
            ),
            "{broker} 没有全部接收（{reason}）：{all} 条中已发送 {sent} 条，{refused} 条被拒收，其余继续等待",
        ),
        (
            r"nothing waits for (?P<broker>.*); captions wait for: none",
            "没有字幕在等待 {broker}，也没有等待别的服务器的",
        ),
        (
            r"nothing waits for (?P<broker>.*); captions wait for: (?P<others>.*)",
            "没有字幕在等待 {broker}；有字幕等待的是：{others}",
        ),
        ("--send and --drop exclude each other", "--send 和 --drop 只能选一个"),
    ),
    {"problem": _ADDRESSES.chinese, "reason": told_broker_reason, "error": SYSTEM.chinese},
)
"""Errors of MQTT: what is configured, and what a broker answers."""
