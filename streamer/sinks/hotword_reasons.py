"""Why hotwords are not taken, in Chinese: patterns of what their readers say."""

from __future__ import annotations

from typing import Final

from streamer.sinks.sayings import Sayings

_ENTRIES = Sayings(
    (
        (r"not UTF-8 \(save the list as UTF-8\)", "不是 UTF-8 编码（请另存为 UTF-8）"),
        (
            r"weight (?P<weight>\S+) of hotword (?P<word>.*), expected above 0 and at most (?P<most>\d+)",
            "热词 {word} 的权重 {weight} 应大于 0，且不超过 {most}",
        ),
        (
            r"(?P<word>.*) holds (?P<found>.*), as if it were several hotwords: .*",
            "{word} 中有 {found}，像是几个热词：每行只写一个",
        ),
        (r"(?P<text>.*): a weight stands after a space, as in (?P<example>.*)", "{text}：权重前要有空格，如 {example}"),
        (
            r"(?P<last>.*) after (?P<before>.*) is no weight: .*",
            "{before} 之后的 {last} 不是权重：应写成“词”或“词 权重”，如 张伟 2.5；属于这个词的字母不要用空格隔开",
        ),
        (
            r"hotword of (?P<count>\d+) characters, expected at most (?P<most>\d+): (?P<word>.*)",
            "热词有 {count} 个字符，最多 {most} 个：{word}",
        ),
    )
)

_SYSTEM = Sayings(
    (
        ("No such file or directory", "没有这个文件"),
        ("Permission denied", "没有读取权限"),
        ("Is a directory", "这是一个文件夹"),
        ("it is no file any more", "已经不是文件"),
    )
)

HOTWORDS: Final = Sayings(
    (
        (r"hotwords (?P<path>.*), line (?P<line>\d+): (?P<entry>.*)", "热词表 {path} 第 {line} 行：{entry}"),
        (r"cannot read hotwords (?P<path>.*): (?P<error>.*)", "无法读取热词表 {path}：{error}"),
        (r"hotwords (?P<path>.*): more than (?P<most>\S+) words .*", "热词表 {path} 超过 {most} 个词，太长了"),
        (
            "hotwords.words holds an empty word; expected a name or term, as (?P<example>.*) or (?P<weighted>.*)",
            "hotwords.words 中有一个词是空的；应写人名或术语，如 {example} 或 {weighted}",
        ),
        (r"hotwords\.words: (?P<entry>.*)", "hotwords.words：{entry}"),
    ),
    {"entry": _ENTRIES.chinese, "error": _SYSTEM.chinese},
)
"""Of a list, and of those that the settings or the command line name."""
