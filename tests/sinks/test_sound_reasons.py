"""Reasons in Chinese: those that sources give now, and what nobody knows as it is."""

from __future__ import annotations

import pytest

from streamer.audio.capturing.capture_wire import InputDevice
from streamer.audio.capturing.input_choice import RefusalError, choose_input, no_input
from streamer.audio.capturing.pulse_source import busy_hint, source_hint
from streamer.sinks.messages import CHINESE, ENGLISH
from streamer.sinks.sound_reasons import told_reason

INPUTS = [InputDevice(0, "USB Mic A", "ALSA", 1, 48000, True), InputDevice(1, "USB Mic B", "ALSA", 1, 48000, False)]


def refusal(wanted: str) -> str:
    with pytest.raises(RefusalError) as refused:
        choose_input(INPUTS, wanted)
    return str(refused.value)


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (refusal("Røde"), "没有名为 'Røde' 的输入；现有：0 USB Mic A, 1 USB Mic B"),
        (refusal("usb"), "有几个输入的名称含 'usb'；请选其一：0 USB Mic A, 1 USB Mic B"),
    ],
)
def test_which_input_is_meant_is_asked_in_chinese(reason: str, said: str) -> None:
    assert told_reason(reason, CHINESE).startswith(said)
    assert told_reason(reason, ENGLISH) == reason


def test_how_to_choose_a_source_of_the_sound_server_is_said_in_chinese() -> None:
    with pytest.raises(RefusalError) as refused:
        choose_input([InputDevice(0, "pulse", "ALSA", 32, 44100, True)], "virt.monitor")

    assert told_reason(str(refused.value), CHINESE) == (
        "没有名为 'virt.monitor' 的输入；现有：0 pulse；声音服务的来源用 `PULSE_SOURCE=virt.monitor streamer run` 选"
    )


def test_no_input_at_all_says_what_to_install(open_euler: None) -> None:
    assert told_reason(no_input(), CHINESE) == (
        "没有找到麦克风；请插上麦克风，使用 PulseAudio 或 PipeWire 时请确认它在运行，并装有 ALSA 插件"
        "（dnf install alsa-plugins-pulseaudio 或 pipewire-alsa）"
    )


def test_an_input_that_does_not_open_is_told_of_with_what_the_system_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PULSE_SOURCE", "lab")

    assert told_reason("pulse cannot be opened: Invalid device", CHINESE) == "pulse 无法打开：Invalid device"
    assert told_reason(f"pulse cannot be opened: Invalid device{source_hint()}", CHINESE) == (
        "pulse 无法打开：Invalid device；PULSE_SOURCE 要的是声音服务的 'lab'，"
        "`pactl list short sources` 列出现有的声音来源"
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "the sound server has no usb, and gives webcam instead",
            "声音服务没有 usb，给的是 webcam；`pactl list short sources` 列出现有的声音来源",
        ),
        (
            "pulse cannot be opened: the sound server has no usb, and gives webcam instead; PULSE_SOURCE asks",
            "声音服务没有 usb，给的是 webcam；`pactl list short sources` 列出现有的声音来源",
        ),
        (
            f"default cannot be opened: busy{busy_hint('PaErrorCode -9985', 'default', ['pulse'])}",
            "default 无法打开：busy；它正由别的程序占用，`--device pulse` 可经声音服务收听",
        ),
        ("channel 3 was asked for, but USB Mic B has 2", "要的是第 3 声道，而 USB Mic B 只有 2 个"),
        (
            "the microphone did not open within 10 s: its sound server hangs",
            "麦克风 10 秒内没有打开：声音服务没有响应",
        ),
        ("the microphone could not be opened: Killed", "麦克风无法打开：Killed"),
        (
            "no process can be started that listens to the microphone: Cannot allocate memory",
            "无法启动接收麦克风声音的进程：Cannot allocate memory",
        ),
        ("nothing came through the pipe", "管道中没有数据"),
        ("nothing has come through the pipe for 10 s", "管道中已有 10 秒没有数据"),
        ("standard input broke off: Input/output error", "标准输入中断：Input/output error"),
        ("the device gave its first sound late", "设备打开后过了一会儿才有声音"),
        ("the process that listens to it ended without a word", "接收声音的进程意外结束"),
        ("input 3 was USB Mic B, which is away", "输入 3 原是 USB Mic B，现在不在"),
        (
            "no sound came from standard input before it ended: look at what should give it",
            "standard input 到结束也没有声音；请检查声音从哪里来",
        ),
        (
            "usb went away, and webcam, which the sound server gave instead, was not asked for",
            "usb 已断开；声音服务器换成了 webcam；这不是所选的麦克风，没有采用",
        ),
        ("Webcam is heard now; before it was USB Mic", "现在收的是 Webcam 的声音，之前是 USB Mic"),
        ("{0} of {name} went wrong", "{0} of {name} went wrong"),
    ],
)
def test_what_happens_seldom_is_told_in_chinese_too_and_the_unknown_as_it_is(reason: str, said: str) -> None:
    assert told_reason(reason, CHINESE) == said


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        (
            "a.wav: cut short: its header promises 75.4 s, 37.7 s are there",
            "a.wav 不完整：文件头写明 75.4 秒，实际只有 37.7 秒",
        ),
        ("a.mp3: damaged after 37.5 s: Unspecified error", "a.mp3 在 37.5 秒处损坏：Unspecified error"),
        (
            (
                "a.mp3: damaged after 37.5 s: Unspecified error; behind that ffmpeg found 35.9 s, which were read; "
                "their times may be early"
            ),
            "a.mp3 在 37.5 秒处损坏（Unspecified error）；其后 ffmpeg 找到 35.9 秒，已识别，时间可能偏早",
        ),
    ],
)
def test_files_that_are_not_whole(reason: str, said: str) -> None:
    assert told_reason(reason, CHINESE) == said
