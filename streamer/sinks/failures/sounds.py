"""Why sound cannot be heard or transcribed, in Chinese; besides what sources and readers of files say."""

from __future__ import annotations

from typing import Final

from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.sayings import Sayings

_MISSING = Sayings(
    (
        ("the Python package sounddevice is not installed", "没有安装 Python 包 sounddevice"),
        ("the library PortAudio is not installed", "没有安装 PortAudio 库"),
    )
)

_WHAT = Sayings(((r"(?P<name>[^(]*) \((?P<how>.*)\)", "{name}（{how}）"),))

_KINDS = Sayings(((r"an? (?P<kind>.*) file", " {kind} 文件"),))

_TRANSCRIPTS = Sayings(
    (
        ("take one of these endings, or name the --format", "请用其中的扩展名，或写明 --format"),
        (
            (
                r"take one of these endings, or name the --format; or make a meeting of it, whose minutes can be "
                r"exported: "
                r"(?P<run>`.*`), then (?P<export>`.*`) \(or markdown\)"
            ),
            "请用其中的扩展名，或写明 --format；或者把它识别成会议，再导出纪要：{run}，然后 {export}（或 markdown）",
        ),
    )
)

SOUNDS: Final = Sayings(
    (
        (
            (
                r"(?P<file>(?:.*: )?)channel (?P<channel>\d+) was asked for, but there are (?P<count>\d+); 0 mixes all "
                r"of them"
            ),
            "{file}要的是第 {channel} 声道，而它只有 {count} 个；0 为全部声道混合",
        ),
        (
            r"(?P<file>(?:.*: )?)a sample rate of (?P<rate>\d+) Hz; expected (?P<least>\d+) to (?P<most>\d+) Hz",
            "{file}采样率为 {rate} Hz；应为 {least} 到 {most} Hz",
        ),
        (
            r"the microphone needs (?P<what>.*?): (?P<missing>.*); files work without it \((?P<how>`.*`)\)",
            "麦克风需要 {what}：{missing}；声音文件不需要它（{how}）",
        ),
        (
            r"the sound system gave no list of inputs within (?P<seconds>\d+) s: it hangs",
            "声音系统 {seconds} 秒内没有给出输入列表：它没有响应",
        ),
        (r"(?P<file>.*): there is no sound in it", "{file}：其中没有声音"),
        (
            r"-: a sound has to be a file; of standard input, (?P<how>`.*`) reads raw PCM",
            "-：声音应为文件；标准输入上的原始 PCM 用 {how} 读",
        ),
        (
            r"(?P<folder>.*): the folder holds no sound files \(by their endings: (?P<endings>.*)\)",
            "{folder}：文件夹里没有声音文件（看扩展名：{endings}）",
        ),
        ("standard input is closed; pipe raw PCM into it", "标准输入已关闭；请用管道送入原始 PCM"),
        (
            "standard input is a terminal; `--source -` expects raw PCM from a pipe",
            "标准输入是终端；`--source -` 从管道读原始 PCM",
        ),
        (
            (
                r"standard input holds (?P<kind>.*), but `--source -` expects raw PCM; give the file's name as the "
                r"source, "
                r"or convert it: (?P<how>.*)"
            ),
            "标准输入上是{kind}，而 `--source -` 要原始 PCM；请把文件名写作声音来源，或先转换：{how}",
        ),
        (
            r"--out (?P<out>.*): (?P<count>\d+) sounds need a folder, a text file for each; name a folder",
            "--out {out}：{count} 个声音各有一个文字文件，需要文件夹；请写文件夹名",
        ),
        (
            r"--out (?P<out>.*): transcripts are (?P<formats>.*?); (?P<advice>.*)",
            "--out {out}：文字稿的格式是 {formats}；{advice}",
        ),
        (
            r"(?P<format>\w+) of (?P<count>\d+) files cannot go into one: give a folder with --out",
            "{count} 个文件的 {format} 不能写进一个文件：请用 --out 写一个文件夹",
        ),
        (r"--out (?P<out>.*) is the sound itself; choose another name", "--out {out} 就是声音文件本身；请换一个名字"),
        (
            r"two of the sounds would be written to (?P<out>.*); transcribe them one after the other",
            "有两个声音会写到同一个文件 {out}；请分开识别",
        ),
        (
            (
                r"--reference (?P<table>.*) names none of the sounds, but .*; expected .*, "
                r"for example (?P<name>.*)"
            ),
            "--reference {table} 里没有这些声音的原文；第一列应为各声音的路径或文件名，如 {name}",
        ),
        (r"cannot read the references (?P<path>.*): (?P<error>.*?)", "无法读取参考文本 {path}：{error}"),
        (
            r"references (?P<path>.*), line (?P<line>\d+): not UTF-8 \(save the table as UTF-8\)",
            "参考文本 {path} 第 {line} 行：不是 UTF-8 编码（请另存为 UTF-8）",
        ),
        (
            (
                r"(?P<path>.*), line (?P<line>\d+): expected (?P<form>FILE<tab>TEXT) or "
                r"(?P<other>FILE<tab>SECONDS<tab>TEXT): "
                r"(?P<found>.*)"
            ),
            "{path} 第 {line} 行：应为“文件<Tab>文字”或“文件<Tab>秒数<Tab>文字”：{found}",
        ),
        (r"(?P<path>.*), line (?P<line>\d+): (?P<file>.*) is there twice", "{path} 第 {line} 行：{file} 前面已有"),
    ),
    {
        "file": lambda file: f"{file.removesuffix(': ')}：" if file.endswith(": ") else file,
        "what": _WHAT.chinese,
        "kind": _KINDS.chinese,
        "missing": _MISSING.chinese,
        "advice": _TRANSCRIPTS.chinese,
        "error": SYSTEM.chinese,
    },
)
"""Errors of devices, standard input, and of the files that ``transcribe`` takes and writes."""
