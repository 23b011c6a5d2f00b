from dataclasses import replace

from streamer.sinks.footer import Keys
from streamer.types import PAUSE_AWAITED, Severity
from tests.sinks.emulator import Shown
from tests.sinks.events import STARTED, awaited, called_off, ended, warning


def test_while_the_microphone_is_waited_for_its_meeting_can_be_paused_not_marked() -> None:
    shown = Shown().follow(awaited(9))
    waiting = shown.rows()
    shown.follow(STARTED)

    assert waiting[1] == " ○ 等待麦克风 00:00:00"
    assert waiting[3:] == [
        " ! 等待麦克风 USB（自 2026-11-20 14:21:00），接通后会议开始：no input is named '",
        "   USB'",
        " 空格 暂停   q 结束",
    ]
    assert shown.rows() == [
        "14:30:00  周会 · USB 麦克风 · zh 0.1",
        "",
        " ● 录制中 00:00:00  周会" + " " * 49 + "zh 0.1",
        "   USB 麦克风",
        " 空格 暂停   m 标记   q 结束",
    ]


def test_the_pause_with_which_an_awaited_meeting_will_begin_can_be_taken_back() -> None:
    shown = Shown().follow(awaited(9), warning(PAUSE_AWAITED, "会议将以暂停状态开始；按空格取消", Severity.INFO))
    asked = shown.rows()[-2:]
    shown.follow(warning(PAUSE_AWAITED, "", Severity.INFO))

    assert asked == [" ! 会议将以暂停状态开始；按空格取消", " 空格 继续   q 结束"]
    assert shown.rows()[-1] == " 空格 暂停   q 结束"


def test_whoever_watches_a_room_that_waits_can_only_leave() -> None:
    assert Shown(keys=Keys.WATCH).follow(awaited(9)).rows()[-1] == " q 结束"


def test_the_title_stands_in_the_bar_while_the_microphone_is_waited_for() -> None:
    shown = Shown().follow(replace(awaited(9), title="周会"))

    assert shown.rows()[1] == " ○ 等待麦克风 00:00:00  周会"
    assert shown.follow(called_off(8)).rows()[2] == " 等待中 00:00:00"


def test_a_meeting_that_is_called_off_leaves_a_line() -> None:
    rows = Shown().follow(awaited(9), called_off(8)).rows()

    assert rows[:3] == ["14:22:00  不再等待麦克风，没有开始会议", "", " 等待中 00:00:00"]


def test_whoever_watches_sees_a_room_wait_after_its_last_meeting() -> None:
    assert Shown().follow(STARTED, ended(7), awaited(9)).rows()[3] == " ○ 等待麦克风 00:00:00"
