"""What ``streamer doctor`` finds and advises, in Chinese; errors that it finds are told as everywhere."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from streamer.sinks.failures.failure import told_failure
from streamer.sinks.failures.npu_findings import NPU_ADVICE, NPU_FOUND
from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.messages import CHINESE
from streamer.sinks.sayings import Sayings
from streamer.sinks.told_notices import told_broker_reason

NAMES: Final = Sayings(
    (
        ("libraries", "所需的库"),
        ("audio", "声音输入"),
        (r"pack (?P<pack>.*)", "模型包 {pack}"),
        ("pack", "模型包"),
        ("disk", "磁盘"),
        ("store", "会议存储"),
        ("outbox", "待发送的字幕"),
        ("rooms", "房间"),
        (r"room (?P<room>.*)", "房间 {room}"),
        ("hotwords", "热词"),
        ("unfinished meetings", "未完成的会议"),
        ("driver", "驱动"),
        ("devices", "设备"),
        ("environment", "环境变量"),
        ("NPU faults", "NPU 故障"),
        ("golden inputs", "标准输入"),
        ("syllable ids", "音节编号"),
    )
)
"""What was looked at."""

_BROKERS = Sayings((("any broker", "任意服务器"), (r"(?P<broker>.*)", " {broker} ")))

_WAITING = Sayings(
    ((r"captions that wait for (?P<broker>.*): (?P<count>\d+)", "等待{broker}的有 {count} 条"),),
    {"broker": _BROKERS.chinese},
)


def _each_waiting(told: str) -> str:
    return "，".join(map(_WAITING.chinese, told.split(", ")))


_ROOM = Sayings(((r"the last (?P<size>\d+) MB of the disk are kept for the captions", "磁盘最后 {size} MB 留给字幕"),))

_FOUND = Sayings(
    (
        (r"missing: (?P<names>.*)", "缺少：{names}"),
        ("no input", "没有输入"),
        (r"inputs: (?P<count>\d+); default input: (?P<name>.*)", "{count} 个输入；默认输入：{name}"),
        ("not installed", "没有安装"),
        (
            r"(?P<pack>.*), (?P<count>\d+) files match; `--ascend` loads it",
            "{pack}，{count} 个文件与清单相符；用 `--ascend` 加载",
        ),
        (
            r"(?P<pack>.*), (?P<count>\d+) files match, both models load, (?P<scores>with|without) scores",
            "{pack}，{count} 个文件与清单相符，两个模型都能加载，{scores}分数",
        ),
        (r"(?P<path>.*) is a file, not a folder", "{path} 是文件，不是文件夹"),
        (r"(?P<size>\S+ (?:GiB|MB)) free at (?P<folder>.*)", "{folder} 所在磁盘还有 {size}"),
        (r"damaged: (?P<fault>.*)", "已损坏：{fault}"),
        (r"meetings in (?P<folder>.*) that are not in it: (?P<count>\d+)", "{folder} 中有 {count} 个会议不在存储里"),
        (r"meetings: (?P<count>\d+); the file is sound", "{count} 个会议；文件完好"),
        ("no meetings yet", "还没有会议"),
        ("empty", "空的"),
        (r"(?P<waiting>captions that wait for .*)", "{waiting}"),
        (r"words: (?P<count>\d+)", "{count} 个词"),
        ("not configured", "没有配置"),
        (
            r"(?P<url>mqtts?://\S+) takes the login; everybody on this machine may read (?P<file>.*)",
            "{url} 接受登录；但本机的任何人都能读 {file}",
        ),
        (r"(?P<url>mqtts?://\S+) takes the login", "{url} 接受登录"),
        (r"(?P<url>mqtts?://[^\s]+): (?P<reason>.*)", "{url}：{reason}"),
        ("none", "没有"),
        (r"(?P<path>/.*): (?P<error>[^:]*)", "{path}：{error}"),
    ),
    {
        "scores": {"with": "有", "without": "没有"}.__getitem__,
        "waiting": _each_waiting,
        "reason": told_broker_reason,
        "error": SYSTEM.chinese,
    },
)

_INPUTS = Sayings((("the default input", "默认输入"),))


def _each_input(told: str) -> str:
    return "、".join(map(_INPUTS.chinese, told.split(", ")))


_NEEDS = Sayings(
    (
        ("only `--source mic` needs one", "只有 `--source mic` 需要"),
        (r"a run waits for (?P<names>.*)", "运行时会等待 {names}"),
    ),
    {"names": _each_input},
)

_ADVICE = Sayings(
    (
        ("install Python 3.11 or newer", "请安装 Python 3.11 或更新的版本"),
        ("install streamer again, as the first time", "请像第一次那样重新安装 streamer"),
        (r"only `--source mic` needs it: (?P<how>.*)", "只有 `--source mic` 需要它：{how}"),
        ("only `--source mic` needs a microphone", "只有 `--source mic` 需要麦克风"),
        (
            (
                r"(?P<needs>only `--source mic` needs one|a run waits for .*): plug in a microphone, or (?P<how>.*) "
                r"for "
                r"PulseAudio or PipeWire"
            ),
            "{needs}：请插上麦克风；使用 PulseAudio 或 PipeWire 时请安装插件：{how}",
        ),
        (
            r"correct audio\.channel, or channel in \[\[room\]\]; 0 mixes all of them",
            "请更正 audio.channel，或 [[room]] 的 channel；0 为全部声道混合",
        ),
        (
            r"plug it in, a run waits for (?P<name>.*); or correct audio\.device, or device in \[\[room\]\]: .*",
            "请插上，运行时会等待 {name}；或更正 audio.device，或 [[room]] 的 device：`streamer devices` 列出输入",
        ),
        (
            r"correct audio\.device, or device in \[\[room\]\]: `streamer devices` lists the inputs",
            "请更正 audio.device，或 [[room]] 的 device：`streamer devices` 列出输入",
        ),
        (r"only m4a, mp4 and the like need it: (?P<how>.*)", "只有 m4a、mp4 等格式需要它：{how}"),
        (
            "`streamer models list` shows what is installed; install or copy the pack again",
            "`streamer models list` 列出已安装的；请重新安装或复制模型包",
        ),
        (
            r"name a folder with --data-dir or store\.data_dir",
            "请用 --data-dir 或 store.data_dir 指定一个文件夹",
        ),
        (r"make (?P<folder>.*) writable, or choose another --data-dir", "请让 {folder} 可写，或另选 --data-dir"),
        (r"make (?P<folder>.*) readable, or choose another --data-dir", "请让 {folder} 可读，或另选 --data-dir"),
        (
            "make room, or choose another --data-dir: no meeting can begin there now",
            "请腾出空间，或另选 --data-dir：现在不能在那里开始会议",
        ),
        (r"make room: a run records no sound now; (?P<room>.*)", "请腾出空间：现在运行不会录音；{room}"),
        ("make room: recordings would stop within hours", "请腾出空间：几小时内录音就会停下"),
        (
            r"an hour of recording takes up to 80 MB; see store\.audio_gib and store\.audio_days",
            "一小时的录音最多占 80 MB；可设置 store.audio_gib 和 store.audio_days",
        ),
        (
            r"restore (?P<store>.*) from a copy; sound and minutes lie in (?P<folder>.*)",
            "请用备份恢复 {store}；录音和会议记录在 {folder} 里",
        ),
        (r"correct mqtt\.url", "请更正 mqtt.url"),
        (
            "`streamer meetings outbox` sends or drops what waits for a broker or a room of the past",
            "`streamer meetings outbox` 可发送或丢弃等待以前服务器或房间的字幕",
        ),
        (r"correct what \[mqtt\] says", "请更正 [mqtt] 的内容"),
        ("start the broker, or correct host, port and firewall", "请启动服务器，或更正主机、端口和防火墙"),
        (r"correct \[\[room\]\]", "请更正 [[room]]"),
        (r"correct \[hotwords\]", "请更正 [hotwords]"),
        (r"(?P<how>`streamer recover.*`) completes their text and closes them", "{how} 补全文字并结束它们"),
        (r"(?P<how>chmod .*)", "{how}"),
    ),
    {"needs": _NEEDS.chinese, "room": _ROOM.chinese},
)


def told_found(found: str) -> str:
    """What is there."""
    return _first(found, _FOUND.chinese, NPU_FOUND.chinese, partial(told_failure, messages=CHINESE), SYSTEM.chinese)


def told_advice(advice: str) -> str:
    """What to do; of a broker the advice is its reason's."""
    return _first(advice, _ADVICE.chinese, NPU_ADVICE.chinese, told_broker_reason)


def _first(told: str, *translations: Callable[[str], str]) -> str:
    """What the first of them makes of it that knows it."""
    return next((chinese for translate in translations if (chinese := translate(told)) != told), told)
