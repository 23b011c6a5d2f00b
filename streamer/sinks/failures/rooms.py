"""What contradicts itself about rooms and their sources, in Chinese."""

from __future__ import annotations

from typing import Final

from streamer.sinks.sayings import Sayings

ROOMS: Final = Sayings(
    (
        ("--plain and --json exclude each other", "--plain 和 --json 只能选一个"),
        (
            (
                r"(?P<option>--\w+) (?P<value>.*) is about one room, but \[\[room\]\] names (?P<count>\d+): "
                r"choose one with --room \((?P<names>.*)\)"
            ),
            "{option} {value} 说的是一个房间，而 [[room]] 有 {count} 个：请用 --room 选一个（{names}）",
        ),
        (
            r"--room (?P<room>.*) is none of the configured rooms: (?P<names>.*)",
            "--room {room} 不在配置的房间里：{names}",
        ),
        (
            r"--device (?P<device>.*) names a microphone, but the source is (?P<source>.*): leave one of them out",
            "--device {device} 是麦克风，而声音来源是 {source}：请去掉其中一个",
        ),
        (
            r"--hotword (?P<word>.*): the word is missing, and (?P=word) is an option",
            "--hotword 后面缺少热词：{word} 是选项",
        ),
        (
            r"--wait-for-device waits for a microphone, but the source is (?P<source>.*): leave one of them out",
            "--wait-for-device 等待的是麦克风，而声音来源是 {source}：请去掉其中一个",
        ),
        (
            (
                r"--began says when a recording was made, but the source is (?P<source>.*): name one sound file with "
                r"--source, or - where the recording comes on standard input, or leave it out"
            ),
            (
                "--began 说的是录音何时开始，而声音来源是 {source}：请用 --source 指定一个声音文件，"
                "录音从标准输入来就用 -，或去掉它"
            ),
        ),
        (
            r"--fast is for files and the demo; the source is (?P<source>.*)",
            "--fast 只用于声音文件和演示，而声音来源是 {source}",
        ),
        (r"(?P<key>--room|room\.name) (?P<name>.*) holds no letter or digit", "{key} {name} 中没有文字或数字"),
        (
            r"two \[\[room\]\] have the name (?P<name>.*): give each its own name",
            "有两个 [[room]] 都叫 {name}：请各起一个名字",
        ),
        (
            r"\[\[room\]\] names (?P<one>.*) and (?P<other>.*) mean the same room \((?P<slug>.*)\): .*",
            "[[room]] 的名字 {one} 和 {other} 是同一个房间（{slug}）：请各起一个名字",
        ),
        (
            (
                r"the source of room (?P<room>.*) is empty \(--source, or source in \[\[room\]\]\); expected "
                r"(?P<mic>\S+), "
                r"(?P<demo>\S+), (?P<stdin>\S+) for raw PCM on standard input, or a sound file"
            ),
            (
                "房间 {room} 的声音来源是空的（--source，或 [[room]] 的 source）；应为 {mic}、{demo}、"
                "{stdin}（标准输入上的原始 PCM）或声音文件"
            ),
        ),
        (
            r"\[\[room\]\] (?P<room>.*) has the sink \"mqtt\", but mqtt\.url is empty: .*",
            (
                '[[room]] {room} 的 sinks 里有 "mqtt"，而 mqtt.url 是空的：请设置它（如 [mqtt] url = '
                '"mqtt://user@host:1883/prefix"），或用 --mqtt URL，或从 sinks 里去掉 "mqtt"'
            ),
        ),
        (
            r"\[\[room\]\]: only one room can listen to standard input \(source = (?P<source>.*)\)",
            "[[room]]：只有一个房间可以听标准输入（source = {source}）",
        ),
    )
)
"""Errors of planning rooms, from options and ``[[room]]``."""
