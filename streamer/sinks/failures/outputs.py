"""Why an output does not take what it is given, in Chinese: standard output, files, figures."""

from __future__ import annotations

from functools import partial
from typing import Final

from streamer.sinks.disk_reasons import told_disk
from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.messages import CHINESE
from streamer.sinks.sayings import Sayings

_OUTPUTS = Sayings(
    (
        ("minutes", "纪要"),
        ("standard output", "标准输出"),
    )
)

_METRICS = Sayings(
    (
        (
            "choose another --metrics-port, or see which program holds it",
            "请换一个 --metrics-port，或查看哪个程序占用了它",
        ),
        (
            "set metrics.host to an address of this computer: 127.0.0.1, or 0.0.0.0 for all that it has",
            "请把 metrics.host 设为本机的地址：127.0.0.1，或表示全部地址的 0.0.0.0",
        ),
    )
)

_REFUSALS = Sayings(
    (
        (r"(?P<name>standard output|\w+) did not take everything: (?P<parts>.*)", "{name}没有全部写下：{parts}"),
        ("make room where it is written, or write it elsewhere", "请在写入的地方腾出空间，或写到别处"),
        (r"the meeting itself is kept: (?P<how>`.*`)", "会议本身已保存：{how}"),
        (r"the text is kept: (?P<how>`.*`) writes it into a file here", "文字已保存：{how} 把它写成文件"),
        (r"(?P<parts>.*)", "{parts}"),
    ),
    {"name": _OUTPUTS.chinese, "parts": partial(told_disk, messages=CHINESE)},
)

OUTPUTS: Final = Sayings(
    (
        (
            r"standard output: (?P<error>.*); make room where it is written, or write it elsewhere",
            "标准输出：{error}；请在写入的地方腾出空间，或写到别处",
        ),
        (r"cannot write (?P<path>/.*|[^\s]+): (?P<error>.*)", "无法写入 {path}：{error}"),
        (r"cannot read (?P<path>/.*): (?P<error>.*)", "无法读取 {path}：{error}"),
        (
            r"metrics: cannot listen on (?P<address>\S+): (?P<error>.*); (?P<advice>(?:choose|set) .*)",
            "无法在 {address} 上提供指标：{error}；{advice}",
        ),
        (r"the minutes in (?P<folder>.*) cannot be written: (?P<error>.*)", "无法写 {folder} 中的纪要：{error}"),
        (
            r"passages that could not be recognised: (?P<count>\d+); (?P<how>`.*`) tries again",
            "有 {count} 段话未能识别；{how} 可再试一次",
        ),
        (r"(?P<refusals>(?:standard output|\w+) did not take everything: .*)", "{refusals}"),
    ),
    {
        "error": SYSTEM.chinese,
        "advice": _METRICS.chinese,
        "refusals": _REFUSALS.chinese_parts,
    },
)
"""Errors of outputs."""
