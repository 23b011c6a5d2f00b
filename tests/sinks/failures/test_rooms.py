from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from streamer.commands.options import hotword_overrides
from streamer.commands.rooms import RoomArguments, plan_rooms
from streamer.commands.run import choose_output
from streamer.outputs import Output
from streamer.settings import load_settings
from streamer.sources import open_source
from tests.sinks.failures.failing import chinese

TWO = [{"name": "hall"}, {"name": "lab", "source": "demo"}]


def refusal(rooms: list[dict[str, Any]], **arguments: Any) -> str:
    settings = load_settings(overrides={"room": rooms})
    return chinese(lambda: plan_rooms(RoomArguments(**arguments), settings, Output.PLAIN, is_fast=False, data_dir=None))


@pytest.mark.parametrize(
    ("rooms", "arguments", "told"),
    [
        (TWO, {"title": "周会"}, "--title '周会' 说的是一个房间，而 [[room]] 有 2 个：请用 --room 选一个（hall, lab）"),
        (TWO, {"room": "attic"}, "--room 'attic' 不在配置的房间里：hall, lab"),
        ([], {"source": "demo", "device": "3"}, "--device '3' 是麦克风，而声音来源是 'demo'：请去掉其中一个"),
        (
            [],
            {"source": "demo", "waits": True},
            "--wait-for-device 等待的是麦克风，而声音来源是 'demo'：请去掉其中一个",
        ),
        (
            [],
            {"began": datetime(2026, 11, 20, tzinfo=UTC)},
            (
                "--began 说的是录音何时开始，而声音来源是 'mic'：请用 --source 指定一个声音文件，"
                "录音从标准输入来就用 -，或去掉它"
            ),
        ),
        ([], {"room": "///"}, "--room '///' 中没有文字或数字"),
        ([{"name": "a"}, {"name": "a"}], {}, "有两个 [[room]] 都叫 'a'：请各起一个名字"),
        (
            [{"name": "Lab 1"}, {"name": "lab-1"}],
            {},
            "[[room]] 的名字 'lab-1' 和 'Lab 1' 是同一个房间（lab-1）：请各起一个名字",
        ),
        (
            [],
            {"source": " ", "room": "lab"},
            (
                "房间 'lab' 的声音来源是空的（--source，或 [[room]] 的 source）；应为 "
                "mic、demo、-（标准输入上的原始 PCM）"
                "或声音文件"
            ),
        ),
        (
            [{"name": "a", "sinks": ["mqtt"]}],
            {},
            (
                "[[room]] 'a' 的 sinks 里有 \"mqtt\"，而 mqtt.url 是空的：请设置它（如 [mqtt] url = "
                '"mqtt://user@host:1883/prefix"），或用 --mqtt URL，或从 sinks 里去掉 "mqtt"'
            ),
        ),
        (
            [{"name": "a", "source": "-"}, {"name": "b", "source": "-"}],
            {},
            "[[room]]：只有一个房间可以听标准输入（source = '-'）",
        ),
    ],
)
def test_rooms_that_contradict_the_command_line_or_each_other(
    rooms: list[dict[str, Any]], arguments: dict[str, Any], told: str
) -> None:
    assert refusal(rooms, **arguments) == told


def test_an_option_that_stands_where_a_hotword_should() -> None:
    assert chinese(lambda: hotword_overrides(["--fast"], None)) == "--hotword 后面缺少热词：'--fast' 是选项"


def test_options_that_exclude_each_other() -> None:
    assert chinese(lambda: choose_output(plain=True, as_json=True)) == "--plain 和 --json 只能选一个"


def test_a_microphone_that_is_to_be_read_fast() -> None:
    assert chinese(lambda: open_source("mic", load_settings(), lambda _: None, is_fast=True)) == (
        "--fast 只用于声音文件和演示，而声音来源是 'mic'"
    )
