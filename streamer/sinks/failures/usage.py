"""What is wrong with a command as it was typed, in Chinese: typer's errors, and those of this program's options."""

from __future__ import annotations

from typing import Final

from streamer.sinks.sayings import Sayings

_NUMBERS = Sayings(
    (
        ("a whole number", "整数"),
        (r"(?P<kind>a whole number|a number), at least (?P<least>\S+)", "{kind}，不小于 {least}"),
        (r"(?P<kind>a whole number|a number) from (?P<least>\S+) to (?P<most>\S+)", "{kind}，从 {least} 到 {most}"),
    ),
    {"kind": {"a whole number": "整数", "a number": "数"}.__getitem__},
)

_VALUES = Sayings(
    (
        (
            r"(?P<value>'.*'); expected a number of minutes from 0 \(the meeting goes on\) to (?P<most>\d+)",
            "{value}；应为分钟数，从 0（会议不结束）到 {most}",
        ),
        (r"(?P<value>'.*'); expected (?P<number>a (?:whole )?number.*)", "{value}；应为{number}"),
        (
            r"(?P<value>'.*'); expected a date and a time that are over, as (?P<example>'.*')",
            "{value}；应为已经过去的日期和时间，如 {example}",
        ),
        (r"(?P<value>'.*') is not one of (?P<names>.*)", "{value} 不在可选范围内：{names}"),
        (
            r"(?P<value>'.*') is not UTF-8: let the terminal, or what wrote this command, use UTF-8",
            "{value} 不是 UTF-8：请让终端或写这条命令的程序用 UTF-8",
        ),
    ),
    {"number": _NUMBERS.chinese},
)

_EXTRA = r"Got unexpected extra arguments?(?:\(s\))? \((?P<found>.*)\)"

USAGE: Final = Sayings(
    (
        (
            r"No such option: (?P<option>.*) \(Possible options: (?P<possible>.*)\)",
            "没有选项 {option}；相近的有：{possible}",
        ),
        (r"No such option: (?P<option>.*)", "没有选项 {option}"),
        (
            r"No such command (?P<name>'.*'): did you mean (?P<one>`.*`) or (?P<other>`.*`)\?",
            "没有命令 {name}：是不是 {one} 或 {other}？",
        ),
        (r"No such command (?P<name>'.*'): did you mean (?P<meant>`.*`)\?", "没有命令 {name}：是不是 {meant}？"),
        (r"No such command (?P<name>'.*')\.", "没有命令 {name}。"),
        (r"Option (?P<option>'.*') requires an argument\.", "选项 {option} 后面缺少值。"),
        (r"Option (?P<option>'.*') does not take a value\.", "选项 {option} 不带值。"),
        (
            _EXTRA + r"; a hotword and its weight stand in quotes: (?P<example>.*)",
            "多余的参数：{found}；热词和权重要一起写在引号里：{example}",
        ),
        (_EXTRA, "多余的参数：{found}"),
        (r"Missing option (?P<name>'.*')\.", "缺少选项 {name}。"),
        (r"Missing argument (?P<name>'.*')\.", "缺少参数 {name}。"),
        (
            (
                r"(?P<found>'.*') begins with (?P<dash>'.*'), a dash that an input method made of hyphens: expected "
                r"(?P<meant>\S+)"
            ),
            "{found} 开头的 {dash} 是输入法打出的破折号：应为 {meant}",
        ),
        (r"Invalid value for (?P<option>'.*?'(?: / '.*?')*): (?P<value>.*)", "选项 {option} 的值不对：{value}"),
    ),
    {"value": _VALUES.chinese},
)
"""Errors of usage."""
