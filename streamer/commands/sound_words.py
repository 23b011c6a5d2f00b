"""The words of the commands about inputs and sound files, in Chinese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamer.commands.meetings.words import screen_language
from streamer.commands.told_failures import in_locale


@dataclass(frozen=True, slots=True)
class SoundWords:
    """Headings and sentences in one language; ``{…}`` is filled in by whoever shows them."""

    input_columns: tuple[str, ...]
    """Index, name, sound system, channels and sampling rate of an input."""
    default_input: str
    server_input: str
    """What a person with several microphones has to know of the sound server's one."""
    speed: str
    """``{speed}``: seconds of sound for each second that has passed."""
    heard: str
    """``{files}``, ``{seconds}`` of sound, ``{speed}`` in the words above."""
    failed: str
    """``{count}`` of ``{files}``; their names follow."""
    interrupted: str
    unwritten: str
    """The same where text goes into files, which appear when they are complete."""
    nothing_heard: str
    """``{file}``."""
    nothing_in_mean: str
    """``{file}``, ``{channels}``."""
    no_reference: str
    """``{file}``."""
    others_without: str
    """``{count}`` files more of which no reference is given."""
    error_rate: str
    """``{files}``, ``{errors}`` in the words below."""
    said: str
    """Before the text of a reference; as wide as the next."""
    heard_text: str
    errors: str
    """``{rate}``, ``{substitutions}``, ``{deletions}``, ``{insertions}``, ``{reference}`` characters."""


_CHINESE = SoundWords(
    input_columns=("序号", "名称", "系统", "声道", "Hz"),
    default_input="* 为默认输入",
    server_input="{servers} 是声音服务器的默认来源：`pactl list short sources` 列出全部，"
    "`PULSE_SOURCE=名称 streamer run` 选用其一",
    speed="{speed:.0f} 倍速",
    heard="{files} 个文件，{seconds:.0f} 秒声音，{speed}",
    failed="{files} 个文件中有 {count} 个失败：",
    interrupted="已中断：其余的声音没有识别。",
    unwritten="已中断：只写入了此前已完成的文件。",
    nothing_heard="{file}：没有找到说话声",
    nothing_in_mean="{file}：{channels} 个声道的平均中没有找到说话声，各声道可能互相抵消；`--channel 1` 只听其一",
    no_reference="{file}：没有原文可比",
    others_without="另有 {count} 个文件没有原文可比",
    error_rate="{files} 个文件的字错误率：{errors}",
    said="原文",
    heard_text="听到",
    errors="{rate}（替换 {substitutions}，删除 {deletions}，插入 {insertions}；共 {reference} 字）",
)

_ENGLISH = SoundWords(
    input_columns=("index", "name", "system", "channels", "Hz"),
    default_input="* is the default",
    server_input="{servers} is the sound server's default source: `pactl list short sources` lists all of them, and "
    "`PULSE_SOURCE=NAME streamer run` listens to that one",
    speed="{speed:.0f} × real time",
    heard="files: {files}, {seconds:.0f} s of sound, {speed}",
    failed="{count} of {files} files failed:",
    interrupted="Interrupted: the rest of the sound was not transcribed.",
    unwritten="Interrupted: only transcripts that were complete by then are written.",
    nothing_heard="{file}: no speech was found in it",
    nothing_in_mean="{file}: no speech was found in the mean of its {channels} channels, which may cancel each other; "
    "`--channel 1` hears one alone",
    no_reference="{file}: has no reference",
    others_without="others without a reference: {count}",
    error_rate="character error rate (files: {files}): {errors}",
    said="said ",
    heard_text="heard",
    errors="{rate} ({substitutions} substituted, {deletions} deleted, {insertions} inserted; {reference} characters)",
)


def sound_words() -> SoundWords:
    """Those of the terminal's locale."""
    return _CHINESE if screen_language() == "zh" else _ENGLISH


def told_of_file(path: Path, reason: str) -> str:
    """What a reader says of a file, with its path, in the same language."""
    told = reason if reason.startswith(f"{path}: ") else f"{path}: {reason}"
    return in_locale(told)
