from __future__ import annotations

from pathlib import Path

import pytest

from streamer.asr.hotword_list import MOST_HOTWORDS
from streamer.asr.hotword_watch import HotwordWatch
from streamer.errors import SettingsError
from streamer.settings.hotwords import HotwordSettings
from streamer.sinks.hotword_reasons import HOTWORDS


def refusal(settings: HotwordSettings) -> str:
    with pytest.raises(SettingsError) as refused:
        HotwordWatch(settings)
    return HOTWORDS.chinese(str(refused.value))


@pytest.mark.parametrize(
    ("word", "told"),
    [
        (" ", "hotwords.words 中有一个词是空的；应写人名或术语，如 张伟 或 张伟 2.5"),
        ("张伟 99", "hotwords.words：热词 '张伟' 的权重 99 应大于 0，且不超过 10"),
        ("长" * 17, f"hotwords.words：热词有 17 个字符，最多 16 个：{'长' * 16}…"),
        ("张伟,李明", "hotwords.words：'张伟,李明' 中有 ','，像是几个热词：每行只写一个"),
        ("张伟=2.5", "hotwords.words：'张伟=2.5'：权重前要有空格，如 '张伟 2.5'"),
        (
            "张伟 two",
            (
                "hotwords.words：'张伟' 之后的 'two' 不是权重：应写成“词”或“词 权重”，如 张伟 2.5；"
                "属于这个词的字母不要用空格隔开"
            ),
        ),
    ],
)
def test_a_word_that_is_none(word: str, told: str) -> None:
    assert refusal(HotwordSettings(words=(word,))) == told


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("张伟 0".encode(), "热词表 {} 第 1 行：热词 '张伟' 的权重 0 应大于 0，且不超过 10"),
        ("张伟\n重庆".encode("gbk"), "热词表 {} 第 1 行：不是 UTF-8 编码（请另存为 UTF-8）"),
        (b"a\n" * (MOST_HOTWORDS + 1), "热词表 {} 超过 20,000 个词，太长了"),
    ],
)
def test_a_list_that_is_none(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "names.txt"
    path.write_bytes(content)

    assert refusal(HotwordSettings(file=str(path))) == told.format(path)


def test_a_list_that_cannot_be_read(tmp_path: Path) -> None:
    assert refusal(HotwordSettings(file=str(tmp_path / "none"))) == f"无法读取热词表 {tmp_path}/none：没有这个文件"
    assert refusal(HotwordSettings(file=str(tmp_path))) == f"无法读取热词表 {tmp_path}：这是一个文件夹"
