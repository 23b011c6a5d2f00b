"""What is asked of a kept meeting and cannot be done, in Chinese."""

from __future__ import annotations

from typing import Final

from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.sayings import Sayings

_LINES = Sayings(
    (
        ("it has none", "它没有行"),
        (r"its lines are 1 to (?P<last>\d+)", "只有第 1 到第 {last} 行"),
    )
)


def _dated(meetings: str) -> str:
    return meetings.replace(" of ", "（").replace(", ", "）、").rstrip("…") + (
        "…）" if meetings.endswith("…") else "）"
    )


MEETINGS: Final = Sayings(
    (
        (
            "an empty id names no meeting; `streamer meetings` lists them, `last` is the newest",
            "编号是空的；`streamer meetings` 列出会议，`last` 是最新的",
        ),
        (
            r"(?P<count>\d+) meetings have the title (?P<title>.*?): (?P<dated>\S+ of .*); give the id",
            "有 {count} 个会议的标题是 {title}：{dated}；请写编号",
        ),
        (
            r"there is no meeting (?P<name>.*); `streamer meetings` lists them",
            "没有编号或标题为 {name} 的会议；`streamer meetings` 列出会议",
        ),
        (r"there is no meeting (?P<name>.*)", "没有会议 {name}"),
        (
            (
                r"(?P<name>.*) is no meeting's title, and too little of an id to change a meeting by: expected at "
                r"least "
                r"(?P<least>\d+) characters of it; `streamer meetings` lists them"
            ),
            "{name} 不是会议标题；要改动会议，编号至少写 {least} 个字符；`streamer meetings` 列出会议",
        ),
        (
            r"(?P<name>.*) could be any of (?P<count>\d+) meetings \((?P<ids>.*)\); give more of the id",
            "{name} 可以是 {count} 个会议中的任何一个（{ids}）；请多写几个字符",
        ),
        (
            r"meeting (?P<id>\S+) has no line (?P<line>\S+): (?P<lines>.*); `streamer meetings show` lists them",
            "会议 {id} 没有第 {line} 行：{lines}；`streamer meetings show` 列出各行",
        ),
        (
            r"meeting (?P<id>\S+) has no segment (?P<segment>\S+): (?P<how>`.*`) has them",
            "会议 {id} 没有段 {segment}：{how} 列出各段",
        ),
        (
            r"(?P<line>.*) is no line: expected its number, as `streamer meetings show` prints it",
            "{line} 不是行号：应为 `streamer meetings show` 所示的数字",
        ),
        ("give the line's new text, or --undo", "请写这一行的新文字，或用 --undo"),
        ("give a new text or --undo, not both", "新文字和 --undo 只能用一个"),
        (
            r"line (?P<line>\S+) of meeting (?P<id>\S+) was never edited: .*",
            "会议 {id} 的第 {line} 行没有修改过，没有可以撤销的：它就是机器写的",
        ),
        (
            r"meeting (?P<id>\S+) was edited while it was decoded again; nothing is changed, do it once more",
            "会议 {id} 在重新识别时被人修改；没有改动任何内容，请再做一次",
        ),
        (
            r"meeting (?P<id>\S+) is running; end it before you delete it",
            "会议 {id} 正在进行；请先结束它再删除",
        ),
        (
            r"meeting (?P<id>\S+) is running; end it with q or Ctrl-C where it runs",
            "会议 {id} 正在进行；请在运行它的地方用 q 或 Ctrl-C 结束",
        ),
        (
            r"meeting (?P<id>\S+) is in use by another streamer; wait for its end",
            "会议 {id} 正被另一个 streamer 使用；请等它结束",
        ),
        (
            r"meeting (?P<id>\S+) has ended; `streamer meetings redo` decodes it again",
            "会议 {id} 已正常结束；`streamer meetings redo` 可重新识别",
        ),
        (
            (
                r"the folder of meeting (?P<id>\S+) is not in (?P<folder>.*): put it back, because not all of its "
                r"sound is "
                r"transcribed; where it is gone for good, (?P<how>`.*`) closes the meeting with the text that is stored"
            ),
            (
                "会议 {id} 的文件夹不在 {folder} 里：它的声音还没有全部识别，请放回原处；如果找不回来了，"
                "{how} 用已保存的文字结束会议"
            ),
        ),
        (
            r"the sound of meeting (?P<id>\S+) is not kept, so it cannot be decoded again",
            "会议 {id} 的录音没有保留，不能重新识别",
        ),
        (r"the sound of meeting (?P<id>\S+) is not kept", "会议 {id} 的录音没有保留"),
        (r"the title (?P<title>.*) is empty; expected some text", "标题 {title} 是空的；应有文字"),
        (r"cannot rename (?P<folder>.*) to (?P<name>.*?): (?P<error>.*)", "无法把 {folder} 改名为 {name}：{error}"),
        (
            r"nothing to search for in (?P<text>.*): expected characters, letters or digits, as in (?P<how>`.*`)",
            "{text} 中没有可查找的内容：应有汉字、字母或数字，如 {how}",
        ),
    ),
    {"error": SYSTEM.chinese, "lines": _LINES.chinese, "dated": _dated},
)
"""Errors of naming, reading and changing meetings."""


def _formats(names: str) -> str:
    return names.replace(" (or ", "（或 ").replace(")", "）").replace(", ", "、")


EXPORTS: Final = Sayings(
    (
        (r"no format to export to; expected one or more of (?P<formats>.*)", "没有写导出格式；可选：{formats}"),
        (r"cannot export to (?P<name>.*); expected one of (?P<formats>.*)", "不能导出为 {name}；可选：{formats}"),
        (
            "--around needs --at: the time around which sound is cut out",
            "--around 要和 --at 一起用：截取哪个时间前后的声音",
        ),
        (
            r"--at takes a piece out of the sound: expected --to (?P<one>\S+) or (?P<other>\S+), got (?P<found>.*)",
            "--at 截取一段声音：--to 应为 {one} 或 {other}，而不是 {found}",
        ),
        (
            r"--out (?P<out>.*): expected a folder: files are named after the meeting; formats are chosen with --to",
            "--out {out}：应为文件夹：文件按会议命名，格式用 --to 选",
        ),
        (r"--around nan is no number of seconds", "--around nan 不是秒数"),
        (
            r"(?P<at>.*) is not in the meeting: its sound goes from (?P<begin>.*) to (?P<end>.*)",
            "{at} 不在会议里：它的声音从 {begin} 到 {end}",
        ),
        (
            r"no sound is recorded within (?P<seconds>\S+) s of (?P<at>.*): the disk refused it, or it was taken away",
            "{at} 前后 {seconds} 秒内没有录音：当时磁盘没有存下，或文件已不在",
        ),
        (
            r"(?P<at>.*) is no time: expected one as `streamer meetings show` prints it, (?P<example>\S+)",
            "{at} 不是时间：应如 `streamer meetings show` 所示，如 {example}",
        ),
        (
            (
                r"(?P<path>.*) was saved by somebody at (?P<when>.*), and is left as it is: rename it, or name another "
                r"folder with --out"
            ),
            "{path} 在 {when} 被人保存过，没有覆盖：请给它改名，或用 --out 指定另一个文件夹",
        ),
        (r"cannot write to (?P<folder>.*): (?P<error>.*)", "无法写入文件夹 {folder}：{error}"),
    ),
    {"error": SYSTEM.chinese, "formats": _formats},
)
"""Errors of exporting them."""
