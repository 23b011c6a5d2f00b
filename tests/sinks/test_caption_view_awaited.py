from dataclasses import replace

from tests.sinks.emulator import Shown
from tests.sinks.events import STARTED, awaited, called_off, ended


def test_while_the_microphone_is_waited_for_nothing_can_be_paused_or_marked() -> None:
    shown = Shown().follow(awaited(9))
    waiting = shown.rows()
    shown.follow(STARTED)

    assert waiting[1] == " ○ 等待麦克风 00:00:00"
    assert waiting[3:] == [
        " ! 等待麦克风 USB（自 2026-11-20 14:21:00），接通后会议开始：no input is named '",
        "   USB'",
        " q 结束",
    ]
    assert shown.rows() == [
        "14:30:00  周会 · USB 麦克风 · zh 0.1",
        "",
        " ● 录制中 00:00:00  周会" + " " * 49 + "zh 0.1",
        "   USB 麦克风",
        " 空格 暂停   m 标记   q 结束",
    ]


def test_the_title_stands_in_the_bar_while_the_microphone_is_waited_for() -> None:
    shown = Shown().follow(replace(awaited(9), title="周会"))

    assert shown.rows()[1] == " ○ 等待麦克风 00:00:00  周会"
    assert shown.follow(called_off(8)).rows()[2] == " 等待中 00:00:00"


def test_a_meeting_that_is_called_off_leaves_a_line() -> None:
    rows = Shown().follow(awaited(9), called_off(8)).rows()

    assert rows[:3] == ["14:22:00  不再等待麦克风，没有开始会议", "", " 等待中 00:00:00"]


def test_whoever_watches_sees_a_room_wait_after_its_last_meeting() -> None:
    assert Shown().follow(STARTED, ended(7), awaited(9)).rows()[3] == " ○ 等待麦克风 00:00:00"
