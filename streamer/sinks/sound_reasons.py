"""Why sound is missing or odd, or does not come, in the language of whoever reads it. What sources say is English."""

from __future__ import annotations

from datetime import tzinfo

from streamer.errors import AudioError
from streamer.sinks.file_reasons import DECODERS, FILE_REASONS
from streamer.sinks.messages import CHINESE, Messages
from streamer.sinks.sayings import Sayings
from streamer.types import MICROPHONE_AWAITED, DeviceAwaited, Notice, Severity

_REASONS = Sayings(
    (
        (r".*the device or its sound server went away", "设备或声音服务断开"),
        (r".*the device or its server hangs", "设备或声音服务没有响应"),
        (r".*the computer slept", "电脑休眠"),
        (r"the sound server, or this program, stood still", "声音服务或本程序停顿过"),
        (r"the device gave its first sound late", "设备打开后过了一会儿才有声音"),
        (r".*the process that listens to it ended without a word", "接收声音的进程意外结束"),
        (r"nothing came through the pipe", "管道中没有数据"),
        (r"nothing has come through the pipe for (?P<seconds>\d+) s", "管道中已有 {seconds} 秒没有数据"),
        (r"standard input broke off: (?P<error>.*)", "标准输入中断：{error}"),
        (r".*sound came faster than it could be taken", "声音来得太快，来不及处理"),
        (
            r"no microphone was found; plug one in.*\((?P<how>.*), or pipewire-alsa\)",
            (
                "没有找到麦克风；请插上麦克风，使用 PulseAudio 或 PipeWire 时请确认它在运行，并装有 ALSA 插件"
                "（{how} 或 pipewire-alsa）"
            ),
        ),
        (
            (
                r"no input is named (?P<name>.*); choose one of: (?P<inputs>.*); a source of the sound server is "
                r"chosen with (?P<how>`.*`)"
            ),
            "没有名为 {name} 的输入；现有：{inputs}；声音服务的来源用 {how} 选",
        ),
        (r"no input is named (?P<name>.*); choose one of: (?P<inputs>.*)", "没有名为 {name} 的输入；现有：{inputs}"),
        (
            r"several inputs are named like (?P<name>.*); choose one of: (?P<inputs>.*)",
            "有几个输入的名称含 {name}；请选其一：{inputs}",
        ),
        (
            r"channel (?P<number>\d+) was asked for, but (?P<device>.*) has (?P<channels>\d+)",
            "要的是第 {number} 声道，而 {device} 只有 {channels} 个",
        ),
        (
            r"(?:.* cannot be opened: )?the sound server has no (?P<wanted>.*), and gives (?P<now>.*) instead(?:;.*)?",
            "声音服务没有 {wanted}，给的是 {now}；`pactl list short sources` 列出现有的声音来源",
        ),
        (
            r"(?P<device>.*) cannot be opened: (?P<error>.*); another program has it, `--device (?P<server>\w+)` .*",
            "{device} 无法打开：{error}；它正由别的程序占用，`--device {server}` 可经声音服务收听",
        ),
        (
            r"(?P<device>.*) cannot be opened: (?P<error>.*); PULSE_SOURCE asks .* for (?P<source>.*), .*",
            (
                "{device} 无法打开：{error}；PULSE_SOURCE 要的是声音服务的 {source}，"
                "`pactl list short sources` 列出现有的声音来源"
            ),
        ),
        (r"(?P<device>.*) cannot be opened: (?P<error>.*)", "{device} 无法打开：{error}"),
        (
            r"the microphone did not open within (?P<seconds>\d+) s: its sound server hangs",
            "麦克风 {seconds} 秒内没有打开：声音服务没有响应",
        ),
        (r"the microphone could not be opened: (?P<error>.*)", "麦克风无法打开：{error}"),
        (
            r"no process can be started that listens to the microphone: (?P<error>.*)",
            "无法启动接收麦克风声音的进程：{error}",
        ),
        (
            r"(?P<before>.*) went away, and (?P<now>.*), which the sound server gave instead, was not asked for",
            "{before} 已断开；声音服务器换成了 {now}；这不是所选的麦克风，没有采用",
        ),
        (r"(?P<now>.*) is heard now: (?P<before>.*) went away", "{before} 已断开，现在收的是 {now} 的声音"),
        (r"(?P<now>.*) is heard now; before it was (?P<before>.*)", "现在收的是 {now} 的声音，之前是 {before}"),
        (r"input (?P<number>\d+) was (?P<name>.*), which is away", "输入 {number} 原是 {name}，现在不在"),
        *FILE_REASONS,
        (r"no sound came from (?P<name>.*) before it ended.*", "{name} 到结束也没有声音；请检查声音从哪里来"),
    ),
    {"damage": DECODERS.chinese, "error": DECODERS.chinese},
)


def told_reason(reason: str, messages: Messages) -> str:
    """A reason in the language of ``messages``: what sources often say; anything else as it is."""
    return _REASONS.chinese(reason) if messages is CHINESE else reason


def awaited_notice(event: DeviceAwaited, messages: Messages, timezone: tzinfo | None) -> Notice:
    """What a person is told.

    Args:
        event: what is waited for.
        messages: the language.
        timezone: of the time since when; None: the computer's.
    """
    since = f"{event.since.astimezone(timezone):%Y-%m-%d %H:%M:%S}"
    device = f" {event.device}" if event.device else ""
    text = messages.awaited.format(device=device, since=since, reason=told_reason(event.reason, messages))
    return Notice(MICROPHONE_AWAITED, Severity.WARNING, text)


def broken_off(error: AudioError, messages: Messages) -> Notice:
    """What is said where a meeting ends because its sound broke off."""
    text = messages.source_failed.format(error=told_reason(str(error), messages))
    return Notice("source", Severity.ERROR, text)
