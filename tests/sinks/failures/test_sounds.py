from __future__ import annotations

import asyncio
import os
import pty
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from streamer.audio import devices
from streamer.audio.capturing import capture
from streamer.audio.capturing.input_choice import RefusalError
from streamer.audio.devices import find_inputs, refusal
from streamer.audio.resampler import HIGHEST_RATE, LOWEST_RATE
from streamer.audio.stdin import StdinSource
from streamer.cli import app
from streamer.errors import AudioError
from streamer.settings import load_settings
from streamer.sinks.failures.failure import told_failure
from streamer.sinks.messages import CHINESE
from streamer.sources import open_source
from streamer.system.system_packages import needed
from tests.sinks.failures.failing import chinese, command
from tests.sounds import noise, write


def opened(source: str, **audio: object) -> str:
    """Why a source cannot be opened."""

    async def main() -> None:
        async with open_source(source, load_settings(overrides={"audio": audio}), lambda _: None, is_fast=True):
            pass

    return chinese(lambda: asyncio.run(main()))


def test_a_microphone_without_its_library(fake: pytest.MonkeyPatch) -> None:
    fake.setenv("FAKE_MICROPHONE", "no library")
    what = needed("PortAudio").replace(" (", "（").replace(")", "）")

    assert chinese(lambda: asyncio.run(find_inputs())) == (
        f"麦克风需要 {what}：没有安装 PortAudio 库；声音文件不需要它（`--source FILE`）"
    )


def test_a_microphone_without_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sounddevice", None)
    with pytest.raises(RefusalError) as refused:
        capture._portaudio()

    assert told_failure(str(refusal(refused.value.refusal)), CHINESE) == (
        "麦克风需要 sounddevice（pip）：没有安装 Python 包 sounddevice；声音文件不需要它（`--source FILE`）"
    )


def test_a_file_without_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", np.zeros(0, np.float32))

    assert opened(str(path)) == f"{path}：其中没有声音"


def test_a_channel_that_a_file_has_not(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", noise(0.5))

    assert opened(str(path), channel=2) == f"{path}：要的是第 2 声道，而它只有 1 个；0 为全部声道混合"


def test_a_rate_that_no_sound_has(tmp_path: Path) -> None:
    path = write(tmp_path / "x.wav", noise(0.5, 1000), 1000)

    assert opened(str(path)) == f"{path}：采样率为 1000 Hz；应为 {LOWEST_RATE} 到 {HIGHEST_RATE} Hz"


def standard_input(descriptor: int) -> str:
    async def main() -> None:
        async with StdinSource(None, descriptor):
            pass

    return chinese(lambda: asyncio.run(main()))


def test_a_standard_input_that_gives_no_sound() -> None:
    ours, theirs = pty.openpty()
    read_end, write_end = os.pipe()
    os.write(write_end, b"RIFF" + bytes(4) + b"WAVE" + bytes(2000))
    os.close(write_end)
    nothing = os.open(os.devnull, os.O_RDONLY)
    terminal, sound_file, empty = map(standard_input, (theirs, read_end, nothing))
    for one in (ours, theirs, read_end, nothing):
        os.close(one)

    assert terminal == "标准输入是终端；`--source -` 从管道读原始 PCM"
    assert sound_file == (
        "标准输入上是 WAV 文件，而 `--source -` 要原始 PCM；请把文件名写作声音来源，或先转换：ffmpeg -i FILE -f "
        "s16le "
        "-ar 16000 -ac 1 -"
    )
    assert empty == "stdin 到结束也没有声音；请检查声音从哪里来"


async def test_a_standard_input_that_is_closed() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    os.close(write_end)
    with pytest.raises(AudioError) as refused:
        async with StdinSource(None, read_end):
            pytest.fail("opened")

    assert told_failure(str(refused.value), CHINESE) == "标准输入已关闭；请用管道送入原始 PCM"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["-"], "-：声音应为文件；标准输入上的原始 PCM 用 `streamer run --source -` 读"),
        (["a.wav", "b.wav", "--out", "all.txt"], "--out all.txt：2 个声音各有一个文字文件，需要文件夹；请写文件夹名"),
        (
            ["a.wav", "--out", "a.xyz"],
            "--out a.xyz：文字稿的格式是 txt, srt, vtt, json；请用其中的扩展名，或写明 --format",
        ),
        (
            ["a.wav", "--out", "a.docx"],
            (
                "--out a.docx：文字稿的格式是 txt, srt, vtt, json；请用其中的扩展名，或写明 --format；"
                "或者把它识别成会议，再导出"
                "纪要：`streamer run --source FILE --fast`，然后 `streamer meetings export last --to docx`（或 "
                "markdown）"
            ),
        ),
        (["a.wav", "b.wav", "-f", "srt"], "2 个文件的 srt 不能写进一个文件：请用 --out 写一个文件夹"),
        (["a.wav", "-f", "txt", "--out", "a.wav"], "--out a.wav 就是声音文件本身；请换一个名字"),
        (["a.wav", "../here/a.wav", "--out", "."], "有两个声音会写到同一个文件 a.wav.txt；请分开识别"),
        (["a.wav", "--reference", "none.tsv"], "无法读取参考文本 none.tsv：没有这个文件或文件夹"),
        (["a.wav", "--reference", "gbk.tsv"], "参考文本 gbk.tsv 第 1 行：不是 UTF-8 编码（请另存为 UTF-8）"),
        (
            ["a.wav", "--reference", "bad.tsv"],
            "bad.tsv 第 1 行：应为“文件<Tab>文字”或“文件<Tab>秒数<Tab>文字”：'a.wav'",
        ),
        (["a.wav", "--reference", "twice.tsv"], "twice.tsv 第 2 行：a.wav 前面已有"),
        (
            ["a.wav", "--reference", "other.tsv"],
            "--reference other.tsv 里没有这些声音的原文；第一列应为各声音的路径或文件名，如 a.wav",
        ),
    ],
)
def test_what_transcribe_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], told: str
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    for name in ("a.wav", "b.wav"):
        write(here / name, noise(0.5))
    (here / "gbk.tsv").write_text("a.wav\t你好\n", encoding="gbk")
    (here / "bad.tsv").write_text("a.wav\n")
    (here / "twice.tsv").write_text("a.wav\tx\na.wav\ty\n")
    (here / "other.tsv").write_text("c.wav\tx\n")

    assert command("transcribe", *arguments) == told


def test_a_folder_without_sounds(tmp_path: Path) -> None:
    told = command("transcribe", tmp_path)

    assert told.startswith(f"{tmp_path}：文件夹里没有声音文件（看扩展名：3gp, aac, ")


def test_a_sound_system_that_hangs(fake: pytest.MonkeyPatch) -> None:
    fake.setattr(devices, "_PATIENCE", 0.0)

    assert chinese(lambda: asyncio.run(find_inputs())) == "声音系统 0 秒内没有给出输入列表：它没有响应"


def test_what_transcribe_says_of_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    path = write(tmp_path / "a.wav", noise(0.5))
    heard = CliRunner().invoke(app, ["transcribe", str(path), "--channel", "2"])

    assert heard.exit_code == 2
    assert heard.stderr.splitlines()[0] == f"streamer: {path}：要的是第 2 声道，而它只有 1 个；0 为全部声道混合"
