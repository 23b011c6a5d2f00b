import re

import pytest

from tests.sinks.emulator import Shown
from tests.sinks.events import (
    STARTED,
    doubted,
    finalized,
    gap,
    mark,
    status,
    updated,
)


def test_stable_text_is_plain_and_provisional_text_dim() -> None:
    shown = Shown().follow(STARTED, updated(1, 1, "今天，讨论", spoken="今天讨论", stable=2))

    assert "今天，\x1b[2m讨论\x1b[0m" in shown.written


def test_text_that_is_all_stable_is_all_plain() -> None:
    shown = Shown().follow(STARTED, updated(1, 1, "今天。", spoken="今天", stable=2))

    assert "今天。" in re.sub(r"\x1b\[0?m", "", shown.written)
    assert "\x1b[2m今" not in shown.written


def test_a_final_takes_the_place_of_its_partial() -> None:
    shown = Shown().follow(STARTED, updated(1, 1, "今田"), finalized(1, 1, "今天。"))

    assert "今田" not in "".join(shown.rows())
    assert shown.rows()[1] == "14:30:01  今天。"


def test_what_is_doubtful_in_a_final_is_underlined() -> None:
    shown = Shown().follow(STARTED, doubted(1, 1, "今天好。", "天"))

    assert "今\x1b[4m天\x1b[0m好。" in shown.written
    assert shown.rows()[1:3] == ["（下划线：机器没有把握的文字）", "14:30:01  今天好。"]


def test_a_final_without_text_takes_back_its_partial() -> None:
    shown = Shown().follow(STARTED, updated(1, 1, "嗯"), finalized(1, 1, ""))

    assert "嗯" not in "".join(shown.rows())


def test_open_speech_without_text_is_an_ellipsis() -> None:
    assert Shown().follow(STARTED, status(1)).rows()[1] == "…"


def test_a_moment_waits_for_the_text_before_it() -> None:
    shown = Shown().follow(STARTED, updated(1, 1, "今天"), mark(3), gap(4, 2.5))
    assert "标记" not in "".join(shown.rows()[:-1])

    shown.follow(finalized(1, 1, "今天。"), finalized(2, 5, "明天。"))
    assert shown.rows()[1:5] == [
        "14:30:01  今天。",
        "14:30:03  ◆ 标记",
        "14:30:04  ◇ 声音中断 2.5 秒：device lost",
        "14:30:05  明天。",
    ]


def test_a_mark_that_waits_is_seen_in_the_bar_at_once() -> None:
    shown = Shown().follow(STARTED, updated(1, 1, "今天"), mark(3), mark(4))
    assert shown.rows()[-3].startswith(" ● 录制中 00:00:03 ◆◆ 周会 ")

    shown.follow(finalized(1, 1, "今天。"), finalized(2, 5, "明天。"))
    assert shown.rows()[-3].startswith(" ● 录制中 00:00:07  周会 ")


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("the device or its sound server went away", "设备或声音服务断开"),
        ("no sound for 1.0 s: the device or its server hangs", "设备或声音服务没有响应"),
        ("nothing came through the pipe", "管道中没有数据"),
        ("Segmentation fault", "Segmentation fault"),
    ],
)
def test_a_gap_s_reason_is_told_in_the_reader_s_language(reason: str, said: str) -> None:
    rows = Shown().follow(STARTED, gap(3, 2.5, reason), status(4, speech=False)).rows()

    assert rows[1] == f"14:30:03  ◇ 声音中断 2.5 秒：{said}"


def test_a_moment_in_silence_is_shown_at_once() -> None:
    assert Shown().follow(STARTED, mark(3), status(3.1, speech=False)).rows()[1] == "14:30:03  ◆ 标记"
