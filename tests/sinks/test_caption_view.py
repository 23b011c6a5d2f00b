import pytest

from streamer.sinks.footer import Keys
from streamer.sinks.messages import ENGLISH
from streamer.types import ENDED_BY_SILENCE, Severity, TitleChanged
from tests.sinks.emulator import Shown
from tests.sinks.events import (
    STARTED,
    ended,
    finalized,
    gap,
    mark,
    paused,
    resumed,
    status,
    updated,
    warning,
)

BAR = " ● 录制中 00:00:11  周会" + " " * 49 + "zh 0.1"


def test_a_meeting_at_80_by_24() -> None:
    shown = Shown().follow(
        STARTED,
        finalized(1, 1, "大家好，我们开始今天的会议。"),
        finalized(2, 5, "先请各位汇报上周的进展，" * 4),
        status(11, -28.0, 0.3),
        updated(3, 9, "我这边主要", stable=2),
        warning("microphone.quiet", "说话声太小"),
    )

    assert shown.rows() == [
        "14:30:00  周会 · USB 麦克风 · zh 0.1",
        "14:30:01  大家好，我们开始今天的会议。",
        "14:30:05  先请各位汇报上周的进展，先请各位汇报上周的进展，先请各位汇报上周的进",
        "          展，先请各位汇报上周的进展，",
        "14:30:09  我这边主要",
        BAR,
        "              -28 dB   延迟 0.3 s   USB 麦克风",
        " ! 说话声太小",
        " 空格 暂停   m 标记   q 结束",
    ]


def test_the_bar_says_how_far_a_file_is_heard() -> None:
    shown = Shown().follow(STARTED, status(11, until=3723))
    bar = shown.rows()[2]
    shown.follow(ended(3723))

    assert bar == " ● 录制中 00:00:11 / 01:02:03  周会" + " " * 38 + "zh 0.1"
    assert shown.rows()[-3].startswith(" ■ 已结束 01:02:03  周会 ")


def test_a_narrow_bar_has_the_title_rather_than_the_end_of_a_file() -> None:
    bars = [Shown(columns=columns).follow(STARTED, status(11, until=3723)).rows()[2] for columns in (60, 59)]

    assert bars == [" ● 录制中 00:00:11 / 01:02:03  周会", " ● 录制中 00:00:11  周会"]


def test_nothing_is_called_recorded_while_the_device_is_away() -> None:
    shown = Shown().follow(STARTED, status(11, -28.0, 0.3), warning("microphone.lost", "收不到声音"))
    away = shown.rows()[2:4]
    shown.follow(warning("microphone.lost", ""))

    assert away == [BAR.replace("● 录制中", "○ 没有声音").replace("周会  ", "周会", 1), "   USB 麦克风"]
    assert shown.rows()[2:4] == [BAR, "              -28 dB   延迟 0.3 s   USB 麦克风"]


def test_the_last_level_is_not_shown_in_a_pause_while_the_device_is_away() -> None:
    shown = Shown().follow(STARTED, status(11, -28.0, 0.3), warning("microphone.lost", "收不到声音"), paused(11))

    assert shown.rows()[-5] == ""
    assert shown.rows()[-3] == "   USB 麦克风"


@pytest.mark.parametrize("key", ["mqtt.offline.room", "mqtt.silent.room"])
def test_a_watched_meeting_is_not_called_recorded_while_nothing_is_known_of_it(key: str) -> None:
    shown = Shown().follow(STARTED, status(11, -28.0, 0.3), warning(key, "已离线"))
    gone = shown.rows()[1:4]
    shown.follow(warning(key, "恢复在线", Severity.INFO))

    assert gone == ["", BAR.replace("● 录制中", "○ 没有声音").replace("周会  ", "周会", 1), "   USB 麦克风"]
    assert shown.rows()[1:3] == ["…", BAR]


@pytest.mark.parametrize(("key", "state"), [("store.sound", "○ 未录音"), ("store", "○ 未保存")])
def test_nothing_is_called_recorded_while_it_is_not_saved(key: str, state: str) -> None:
    shown = Shown().follow(STARTED, status(11, -28.0, 0.3), warning(key, "磁盘已满", Severity.ERROR))
    full = shown.rows()[2]
    shown.follow(paused(11))
    during_pause = shown.rows()[-4]
    shown.follow(resumed(11, 11), warning(key, "又能保存了", Severity.INFO))

    assert full == BAR.replace("● 录制中", state)
    assert during_pause == BAR.replace("● 录制中", "‖ 已暂停")
    assert shown.rows()[-4] == BAR


def test_captions_that_are_not_saved_matter_more_than_sound() -> None:
    events = [warning(key, "磁盘已满", Severity.ERROR) for key in ("store", "store.sound")]
    shown = Shown(ENGLISH).follow(STARTED, *events)

    assert shown.rows()[2].startswith(" ○ not saved 00:00:00  ")


def test_labels_in_english() -> None:
    shown = Shown(ENGLISH).follow(STARTED, status(3661, -200, 0.0, speech=False))

    assert shown.rows()[2:] == [
        " ● recording 01:01:01  周会" + " " * 46 + "zh 0.1",
        "              -99 dB   lag 0.0 s   USB 麦克风",
        " space pause   m mark   q end",
    ]


def test_a_narrow_terminal_keeps_the_clock_and_the_lag() -> None:
    shown = Shown(ENGLISH, columns=20).follow(STARTED, status(3661, -28.0, 0.3))

    assert shown.rows()[-3:] == [" ● 01:01:01  周会", " -28 dB   lag 0.3 s…", " space pause   q end"]


def test_a_pause_is_seen_at_once_and_its_key_resumes() -> None:
    shown = Shown().follow(STARTED, status(5), paused(5), status(5, -28.0, 0.3))
    assert shown.rows()[-3].startswith(" ‖ 已暂停 00:00:05")
    assert shown.rows()[-2] == "   USB 麦克风"  # a level would look as if it listened
    assert shown.rows()[-1] == " 空格 继续   m 标记   q 结束"

    shown.follow(resumed(5, 65))
    assert shown.rows()[-3].startswith(" ● 录制中 00:00:05")


def test_a_new_title_is_in_the_bar() -> None:
    assert "项目周会" in Shown().follow(STARTED, TitleChanged("项目周会")).rows()[-3]


def test_a_notice_goes_when_it_is_over_and_the_gravest_comes_first() -> None:
    shown = Shown().follow(STARTED, warning("a", "soft"), warning("b", "disk full", Severity.ERROR))
    assert shown.rows()[-3:-1] == [" ! disk full", " ! soft"]

    shown.follow(warning("b", ""))
    assert shown.rows()[-2] == " ! soft"


def test_leaving_keeps_the_text_and_removes_the_rest() -> None:
    shown = Shown().follow(STARTED, finalized(1, 1, "今天。"), status(9), ended(9)).leave()

    assert shown.rows() == [
        "14:30:00  周会 · USB 麦克风 · zh 0.1",
        "14:30:01  今天。",
        "14:30:09  会议结束，时长 00:00:09",
    ]
    assert not shown.emulator.screen.cursor.hidden


def test_nothing_from_outside_gives_orders_to_the_terminal() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\x9b31m[bold]x\u202e"
    shown = Shown().follow(
        TitleChanged(evil),
        finalized(1, 1, evil),
        updated(2, 2, evil, stable=3),
        mark(1, evil),
        gap(1, 2.0, evil),
        warning("a", evil),
        status(5, speech=False),
    )

    assert "]0;owned[2J31m[bold]x" in shown.rows()[0]
    assert shown.emulator.screen.title == ""


def test_lag_and_loud_sound_are_coloured() -> None:
    assert "\x1b[30;43m延迟 3.0 s" in Shown().follow(STARTED, status(9, -20, 3.0)).written
    assert "\x1b[31m延迟 6.0 s" in Shown().follow(STARTED, status(9, -20, 6.0)).written
    assert "\x1b[41m" in Shown().follow(STARTED, status(9, 0.0)).written


def test_before_anything_is_known_the_bar_says_so() -> None:
    shown = Shown().follow(warning("mqtt.link", "no link"))

    assert shown.rows()[-4].startswith(" 等待中 00:00:00")
    assert "dB" not in "".join(shown.rows())


def test_after_the_end_nothing_is_recorded_any_more() -> None:
    shown = Shown().follow(STARTED, status(6), ended(7))

    assert shown.rows()[-3].startswith(" ■ 已结束 00:00:07")
    assert "dB" not in shown.rows()[-2]


def test_why_a_meeting_ended_by_itself_stays_when_it_has_ended() -> None:
    shown = Shown().follow(STARTED, warning(ENDED_BY_SILENCE, "已有 10 分钟无人说话"), ended(7))

    assert shown.rows()[1:3] == ["14:30:07  ! 已有 10 分钟无人说话", "14:30:07  会议结束，时长 00:00:07"]


def test_the_clock_follows_the_text_where_the_status_comes_seldom() -> None:
    assert Shown().follow(STARTED, updated(1, 8, "今天")).rows()[-3].startswith(" ● 录制中 00:00:10")


def test_the_next_meeting_begins_anew() -> None:
    shown = Shown().follow(STARTED, updated(7, 60, "今天"), paused(62), STARTED, finalized(1, 1, "明天。"))

    assert "今天" not in "".join(shown.rows())
    assert shown.rows()[-3].startswith(" ● 录制中 00:00:03")


def test_whoever_watches_can_only_end_watching() -> None:
    assert Shown(keys=Keys.WATCH).follow(STARTED).rows()[-1] == " q 结束"


def test_keys_that_do_nothing_any_more_are_not_offered_while_the_last_of_a_meeting_is_sent() -> None:
    shown = Shown().follow(STARTED, ended(9))
    narrow = Shown(columns=40).follow(STARTED, ended(9))
    english = Shown(ENGLISH).follow(STARTED, ended(9))

    assert shown.rows()[-1] == " Ctrl-C 不再等待（最后的内容正在发送和保存）"
    assert narrow.rows()[-1] == " Ctrl-C 不再等待（最后的内容正在发送和…"
    assert english.rows()[-1] == " Ctrl-C stop waiting (the last of it is being sent and saved)"
    assert shown.follow(STARTED).rows()[-1] == " 空格 暂停   m 标记   q 结束"
    assert Shown(keys=Keys.WATCH).follow(STARTED, ended(9)).rows()[-1] == " q 结束"


def test_where_a_new_day_begins_a_row_has_its_date() -> None:
    shown = Shown().follow(
        STARTED, finalized(1, 1, "大家好。"), finalized(2, 86_400, "早。"), finalized(3, 86_402, "好。")
    )

    assert shown.rows()[1:5] == ["14:30:01  大家好。", "-- 2026-11-21 --", "14:30:00  早。", "14:30:02  好。"]
