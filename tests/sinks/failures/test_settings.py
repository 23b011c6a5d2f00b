from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
import pytest

from streamer.settings import load_settings
from streamer.settings.refusals import explained
from streamer.sinks.failures.settings import PROBLEMS
from tests.sinks.failures.failing import chinese


def refusal(folder: Path, text: str) -> str:
    path = folder / "my.toml"
    path.write_text(text, encoding="utf-8")
    return chinese(lambda: load_settings(path)).replace(str(path), "my.toml")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[audioo]", "没有这个键：`audioo`；是不是 `audio`？"),
        ("[xyz]", "没有这个键：`xyz`"),
        ('[audio]\ndevise = "USB"', "没有这个键：`audio.devise`；是不是 `device`？"),
        (
            '[[room]]\nname = "a"\n[[room]]\nnamme = "b"',
            "没有这个键：第 2 个 [[room]] 的 `room.namme`；是不是 `name`？",
        ),
        ("[audio]\nchannel = 65", "`audio.channel` 的值是 65；应为整数，从 0 到 64"),
        ('[audio]\nchannel = "2"', "`audio.channel` 的值是 '2'；应为整数，从 0 到 64，不加引号"),
        ("[audio]\ndevice = 2", "`audio.device` 的值是 2；应为文字，写在引号里"),
        ('[text]\npunctuation = "yes"', "`text.punctuation` 的值是 'yes'；应为 true 或 false，不加引号"),
        ('[ui]\nlanguage = "cn"', "`ui.language` 的值是 'cn'；应为其中之一：'auto', 'en', 'zh'"),
        ('[store]\naudio_gib = "all"', "`store.audio_gib` 的值是 'all'；应为数，从 0 到 1000000，不加引号"),
        ('mqtt = "mqtt://broker"', "`mqtt` 的值是 'mqtt://broker'；这是一个表：写 [mqtt]，它的键写在下面各行"),
        ('[room]\nname = "a"', "`room` 的值是表；写 [[room]]，用两层方括号：可以有几个"),
        ('[minutes]\nformats = "txt"', "`minutes.formats` 的值是 'txt'；应为列表，写在方括号里"),
        (
            '[minutes]\nformats = ["pdf"]',
            "`minutes.formats` 的值是 'pdf'；应为其中之一：'docx', 'json', 'markdown', 'srt', 'txt', 'vtt'",
        ),
        ('[audio]\ndevice = "\\u0000"', "`audio.device` 的文字里有 U+0000：路径、名称和地址里都不会有"),
        (
            "[captions]\npartial_interval_ms = 900\npartial_interval_max_ms = 500",
            "`captions`：partial_interval_ms（900）不能大于 partial_interval_max_ms（500）",
        ),
        (
            "[segmenter]\nstart_voiced_frames = 2",
            "`segmenter`：start_voiced_frames（2）必须大于 2：否则开始一句话的声音可能不足以维持它",
        ),
    ],
)
def test_what_is_wrong_with_a_key(tmp_path: Path, text: str, told: str) -> None:
    assert refusal(tmp_path, text) == f"设置 my.toml：{told}（各键及其范围见 config/default.toml）"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a 1", "第 1 行第 3 列，键的后面缺少 ="),
        ("[a", "到文件结尾，表头缺少 ']'"),
        ("a = x", "第 1 行第 5 列，值无效：文字要写在引号里，真假写 true 或 false，数字用半角"),
        ("a = 'x", '到文件结尾，引号 "\'" 没有成对'),
        ("a = [1", "到文件结尾，方括号没有成对"),
        ("a = {b = 1", "到文件结尾，花括号没有成对"),
        ("a = 1 b = 2", "第 1 行第 7 列，值到这里应结束（小数点用 .，整数前面不写 0）"),
        ("a.b. = 1", "第 1 行第 6 列，这不能是键的开头"),
        ('a = "x\n', "第 1 行第 7 列，这一行的引号没有成对"),
        ('a = "C:\\Users\\a.wav"', "第 1 行第 10 列，引号里的反斜杠要写两个，或改用单引号"),
        ('a = "\x01"', "第 1 行第 6 列，不允许的字符 '\\x01'"),
        ("= 1", "第 1 行第 1 列，不是有效的语句"),
        ("a = 1\n[a]\n", "第 2 行第 3 列，这个键前面已有"),
        ("[a]\n[a]\n", "第 2 行第 3 列，表 'a' 前面已有"),
        ('a = "C:\\data"', "第 1 行第 10 列，引号里的反斜杠要写两个，或改用单引号"),
        (
            "a = “x”",
            (
                "第 1 行第 5 列，值无效：文字要写在引号里，真假写 true 或 false，数字用半角；那里只能用半角符号："
                '引号用 "，不用“”‘’＂；等号用 =，不用 '
                "＝；"
                "方括号用 [ ]，不用 ［］【】；逗号用 ,，不用 ，、"
            ),
        ),
    ],
)
def test_what_is_no_toml(tmp_path: Path, text: str, told: str) -> None:
    assert refusal(tmp_path, text) == f"my.toml 不是有效的 TOML：{told}"


def test_an_integer_that_is_too_long(tmp_path: Path) -> None:
    assert refusal(tmp_path, f"a = {'1' * 5000}") == (
        "my.toml 中有几千位的整数，没有这样的键（各键及其范围见 config/default.toml）"
    )


def test_tables_that_are_too_deep(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[" + ".".join("a" * 5000) + "]") == (
        "设置 my.toml：表或列表套得太深，没有这样的键（各键及其范围见 config/default.toml）"
    )


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    gbk = tmp_path / "gbk.toml"
    gbk.write_text('title = "周会"', encoding="gbk")

    assert chinese(lambda: load_settings(tmp_path / "none.toml")) == f"没有配置文件：{tmp_path}/none.toml"
    assert chinese(lambda: load_settings(tmp_path)) == f"无法读取配置文件 {tmp_path}：这是文件夹"
    assert chinese(lambda: load_settings(gbk)) == f"配置文件 {gbk} 从第 9 字节起不是 UTF-8：请另存为 UTF-8"


def test_an_option_that_goes_over_a_key() -> None:
    assert chinese(lambda: load_settings(None, {"pipeline": {"stop_after_silence_min": 9999}})) == (
        "命令行：`pipeline.stop_after_silence_min` 的值是 9999；应为数，从 0 到 1440（各键及其范围见 "
        "config/default.toml）"
    )


class Model(msgspec.Struct):
    """A key of each kind that settings and manifests have."""

    least: Annotated[int, msgspec.Meta(ge=1)] = 1
    above: Annotated[float, msgspec.Meta(gt=0)] = 1.0
    both: Annotated[float, msgspec.Meta(gt=0, le=1)] = 1.0
    within: Annotated[float, msgspec.Meta(gt=0, lt=1)] = 0.5
    below: Annotated[float, msgspec.Meta(ge=0, lt=1)] = 0.5
    plain: float = 1.0
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)] = "a"
    code: Annotated[str, msgspec.Meta(pattern="^[0-9]+$")] = "1"
    given: Annotated[str, msgspec.Meta(min_length=1)] = "a"
    two: tuple[int, int] = (1, 2)
    either: int | str = 1
    shares: dict[str, float] = {}


@pytest.mark.parametrize(
    ("key", "value", "told"),
    [
        ("least", 0, "`least` 的值是 0；应为整数，不小于 1"),
        ("above", 0, "`above` 的值是 0；应为数，大于 0"),
        ("both", 2, "`both` 的值是 2；应为数，大于 0，不超过 1"),
        ("within", 1, "`within` 的值是 1；应为数，大于 0，小于 1"),
        ("below", 1, "`below` 的值是 1；应为数，不小于 0，小于 1"),
        ("plain", [], "`plain` 的值是列表；应为数"),
        ("name", "", "`name` 的值是 ''；应为文字，1 到 100 个字符"),
        ("code", "x", "`code` 的值是 'x'；应为文字，符合 ^[0-9]+$"),
        ("given", "", "`given` 的值是 ''；应为文字，不能为空"),
        ("two", [1], "`two` 的值是列表；应为 2 个值，写在方括号里"),
        ("either", True, "`either` 的值是 true；应为数，或引号里的文字"),
        ("shares", {"a": "x"}, "`shares` 中有不合适的值；应为数"),
    ],
)
def test_what_is_expected_of_a_key(key: str, value: object, told: str) -> None:
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert({key: value}, Model)

    assert PROBLEMS.chinese(explained(str(refused.value), {key: value}, Model)) == told


def test_a_key_that_is_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path, "[[room]]") == (
        "设置 my.toml：缺少这个键：第 1 个 [[room]] 的 `room.name`（各键及其范围见 config/default.toml）"
    )


def test_settings_without_a_file() -> None:
    assert chinese(lambda: load_settings(None, None, {"audio": {"channel": 65}})) == (
        "设置：`audio.channel` 的值是 65；应为整数，从 0 到 64（各键及其范围见 config/default.toml）"
    )
