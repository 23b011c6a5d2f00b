"""Captions on terminals of any size."""

import re
from dataclasses import replace

import pytest

from streamer.types import Severity
from tests.sinks.emulator import Emulator, Shown, columns_of
from tests.sinks.events import (
    STARTED,
    finalized,
    status,
    updated,
    warning,
)


def test_finals_scroll_into_the_history_of_the_terminal_in_order() -> None:
    shown = Shown(rows=10).follow(STARTED, *(finalized(at, at, f"第{at}句") for at in range(1, 41)))

    everything = shown.emulator.history() + shown.rows()
    said = [row[10:] for row in everything if "第" in row]
    assert said == [f"第{at}句" for at in range(1, 41)]


def test_a_notice_too_long_for_a_row_takes_two_where_there_are_rows() -> None:
    reason = "无法保存：cannot write /home/ann/meetings: No space left on device"
    shown = Shown(columns=40).follow(STARTED, warning("store", reason, Severity.ERROR))
    assert shown.rows()[-3:-1] == [" ! 无法保存：cannot write /home/ann/", "   meetings: No space left on device"]

    shown.follow(warning("a", "说话声太小"), warning("b", "声音过大"), warning("c", "没有声音"))
    assert shown.rows()[-5:-1] == [
        " ! 无法保存：cannot write /home/ann/mee…",
        " ! 说话声太小",
        " ! 声音过大",
        " ! 没有声音",
    ]


def test_a_notice_alone_takes_as_many_rows_as_there_are_for_notices() -> None:
    away = "MQTT: finals are kept and sent later, no link to mqtt://broker.example.com:1883/streamer (no answer)"
    shown = Shown(columns=40).follow(STARTED, warning("mqtt.link", away))
    whole = [
        " ! MQTT: finals are kept and sent later,",
        "   no link to mqtt://",
        "   broker.example.com:1883/streamer (no",
        "   answer)",
    ]
    assert shown.rows()[-5:-1] == whole

    shown.follow(warning("mqtt.link", f"{away} of all the words that a reason may have"))
    assert shown.rows()[-5:-1] == [*whole[:3], "   answer) of all the words that a reas…"]
    shown.follow(warning("a", "说话声太小"))
    assert shown.rows()[-4:-1] == [whole[0], "   no link to mqtt://broker.example.com…", " ! 说话声太小"]


def test_resizing_keeps_the_newest_in_sight_and_every_line_once() -> None:
    shown = Shown().follow(STARTED, *(finalized(at, at, "我们讨论进度。" * 3) for at in range(1, 9)), status(11))
    shown.resize(40, 12)

    said = "".join(re.sub(r"^[ \d:]{10}", "", row) for row in shown.everything()[1:-4])
    assert said == "我们讨论进度。" * 3 * 8
    assert shown.rows()[-5:] == [
        "们讨论进度。",
        "…",
        " ● 录制中 00:00:11  周会",
        "              -30 dB   延迟 0.0 s   USB…",
        " 空格 暂停   m 标记   q 结束",
    ]


@pytest.mark.parametrize("title", ["会👩\u200d💻", "会👩\u200d💻" * 20, "会☰", "会☰" * 20])
@pytest.mark.parametrize("sizes", [[(40, 12)], [(79, 24), (78, 24), (77, 24)], [(60, 10), (31, 10)]])
@pytest.mark.parametrize("narrow", ["x", "双"])
def test_no_line_is_lost_where_a_terminal_counts_a_title_narrower(
    monkeypatch: pytest.MonkeyPatch, title: str, sizes: list[tuple[int, int]], narrow: str
) -> None:
    """Those of before Unicode 16 give ☰ one column; tmux gives a joined picture two, others four."""
    shown, feed = Shown(rows=12), Emulator.feed
    monkeypatch.setattr(Emulator, "feed", lambda self, text: feed(self, re.sub("👩\u200d?💻|☰", narrow, text)))
    shown.follow(replace(STARTED, title=title), *(finalized(at, at, f"第{at}句") for at in range(1, 20)), status(21))
    for size in sizes:
        shown.resize(*size)

    assert [row[10:] for row in shown.everything() if "第" in row] == [f"第{at}句" for at in range(1, 20)]


def test_growing_again_leaves_nothing_of_the_narrow_screen() -> None:
    shown = Shown().follow(STARTED, finalized(1, 1, "我们讨论进度。" * 3), status(11))
    before = shown.rows()
    shown.resize(40, 12)
    shown.resize(80, 24)

    assert shown.rows() == before


@pytest.mark.parametrize(("columns", "rows"), [(20, 5), (20, 2), (10, 3), (2, 1), (80, 3), (200, 50)])
def test_no_size_makes_a_row_too_wide_or_the_region_too_high(columns: int, rows: int) -> None:
    shown = Shown(columns=columns, rows=rows).follow(
        STARTED,
        finalized(1, 1, "我们讨论进度。" * 5),
        warning("a", "说话声太小"),
        status(11),
        updated(2, 8, "主要是 Kubernetes 集群" * 9, stable=3),
    )
    picture = shown.view.picture(shown.emulator.size)

    assert len(picture.region) <= max(1, rows - 1)
    if columns >= 4:
        assert all(columns_of(row) <= columns for row in shown.rows())


def test_at_20_by_5_text_bar_and_keys_remain() -> None:
    shown = Shown(columns=20, rows=5).follow(STARTED, status(11), updated(2, 8, "主要是集群", stable=3))

    assert shown.rows()[-4:] == [
        "14:30 主要是集群",
        " ● 录制中 00:00:11",
        " -30 dB   延迟 0.0 s",
        " 空格 暂停   q 结束",
    ]


@pytest.mark.parametrize(
    ("columns", "row"),
    [(28, " 空格 暂停   m 标记   q 结束"), (27, " 空格 暂停   q 结束"), (18, " q 结束"), (6, " q 结…")],
)
def test_the_key_that_ends_is_the_last_to_go(columns: int, row: str) -> None:
    assert Shown(columns=columns).follow(STARTED).rows()[-1] == row
