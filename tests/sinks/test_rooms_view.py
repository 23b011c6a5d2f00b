"""Several rooms on one terminal."""

from __future__ import annotations

from datetime import UTC

from streamer.sinks.footer import Keys
from streamer.sinks.layout import Line, Size, Style, width
from streamer.sinks.messages import CHINESE
from streamer.sinks.painter import Picture
from streamer.sinks.rooms_view import RoomsView
from streamer.types import PAUSE_AWAITED, ROOM_FAILED, SOUND_REMARK, MeetingEvent, Severity
from tests.sinks.events import (
    STARTED,
    awaited,
    called_off,
    ended,
    finalized,
    mark,
    paused,
    status,
    updated,
    warning,
)


def followed(*events: tuple[str, MeetingEvent], rooms: tuple[str, ...] = ("a", "hall")) -> RoomsView:
    view = RoomsView(rooms, CHINESE, timezone=UTC, doubt_below=0.5)
    for room, event in events:
        view.follow(room, event)
    return view


def text_of(lines: tuple[Line, ...]) -> list[str]:
    return ["".join(span.text for span in line).rstrip() for line in lines]


def finished(view: RoomsView, picture: Picture) -> list[str]:
    return text_of(tuple(row for passage in picture.finished for row in view.rows(passage, picture.size)))


def keys_of(*events: tuple[str, MeetingEvent]) -> str:
    return text_of(followed(*events).picture(Size(60, 24)).region)[-1]


def test_while_all_rooms_wait_for_their_microphones_they_can_be_paused_not_marked() -> None:
    both = (("a", awaited(9)), ("hall", awaited(9)))
    begins_paused = warning(PAUSE_AWAITED, "会议将以暂停状态开始", Severity.INFO)

    assert keys_of(*both) == " 空格 暂停   q 结束"
    assert keys_of(*both, ("a", begins_paused), ("hall", begins_paused)) == " 空格 继续   q 结束"
    assert keys_of(("a", STARTED), ("a", ended(7)), ("hall", awaited(9))) == " 空格 暂停   q 结束"
    assert keys_of(("a", awaited(9))) == " 空格 暂停   m 标记   q 结束"
    assert keys_of(*both, ("hall", STARTED)) == " 空格 暂停   m 标记   q 结束"


def test_the_keys_of_running_meetings_are_offered_until_all_have_ended() -> None:
    first_ended = (("a", STARTED), ("hall", STARTED), ("a", ended(7)))
    failed = warning(ROOM_FAILED, "no such microphone", Severity.ERROR)
    watching = RoomsView(("a",), CHINESE, timezone=UTC, keys=Keys.WATCH)
    watching.follow("a", ended(7))

    assert keys_of(*first_ended) == " 空格 暂停   m 标记   q 结束"
    assert keys_of(*first_ended, ("hall", ended(9))) == " Ctrl-C 不再等待（最后的内容正在发送和保存）"
    assert keys_of(*first_ended, ("hall", failed)) == " Ctrl-C 不再等待（最后的内容正在发送和保存）"
    assert text_of(watching.picture(Size(60, 24)).region)[-1] == " q 结束"


def test_finished_passages_name_their_room_and_open_ones_have_a_row_each() -> None:
    view = followed(
        ("a", STARTED),
        ("hall", STARTED),
        ("a", finalized(1, 1, "大家好。")),
        ("a", updated(2, 4, "我先说")),
        ("hall", updated(1, 2, "那个接口")),
        ("a", status(10, -28.0, 0.3)),
        ("hall", status(9, -30.0, 3.4)),
        ("hall", warning("microphone.quiet", "说话声太小")),
    )
    picture = view.picture(Size(60, 24))

    assert finished(view, picture) == [
        "14:30:00  [a] 周会 · USB 麦克风",
        "14:30:00  [hall] 周会 · USB 麦克风",
        "14:30:01  [a] 大家好。",
    ]
    assert text_of(picture.region) == [
        " a · hall" + " " * 44 + "zh 0.1",
        " ● a    00:00:10  我先说",
        " ● hall 00:00:09  延迟 3 s  那个接口",
        " ! [hall] 说话声太小",
        " 空格 暂停   m 标记   q 结束",
    ]


def test_what_is_wrong_in_several_rooms_is_said_once() -> None:
    away = warning("mqtt.link", "MQTT：连不上 mqtt://broker（连接被拒绝）")
    other = warning("mqtt.link", "MQTT：连不上 mqtt://broker（登录被拒绝）")
    view = followed(*((room, away) for room in ("a", "hall", "lab")), rooms=("a", "hall", "lab"))
    region = text_of(view.picture(Size(60, 24)).region)
    view.follow("hall", other)

    assert region[4:-1] == [" ! [a · hall · lab] MQTT：连不上 mqtt://broker（连接被拒绝）"]
    assert text_of(view.picture(Size(60, 24)).region)[4:-1] == [
        " ! [a · lab] MQTT：连不上 mqtt://broker（连接被拒绝）",
        " ! [hall] MQTT：连不上 mqtt://broker（登录被拒绝）",
    ]


def test_a_moment_waits_for_the_text_before_it_in_its_room() -> None:
    view = followed(
        ("a", STARTED),
        ("a", updated(1, 1, "今天")),
        ("a", mark(3)),
        ("hall", mark(4)),
        ("hall", status(4.1, speech=False)),
        ("a", finalized(1, 1, "今天。")),
        ("a", ended(5)),
    )

    assert finished(view, view.picture(Size(60, 24)))[1:] == [
        "14:30:04  [hall] ◆ 标记",
        "14:30:01  [a] 今天。",
        "14:30:03  [a] ◆ 标记",
        "14:30:05  [a] 会议结束，时长 00:00:05",
    ]


def test_a_mark_that_waits_is_seen_in_the_row_of_its_room_at_once() -> None:
    view = followed(("a", STARTED), ("a", updated(1, 1, "今天")), ("a", mark(3)))

    assert text_of(view.picture(Size(60, 24)).region)[1] == " ● a    00:00:03 ◆ 今天"


def test_a_final_of_one_room_leaves_the_open_passage_of_another() -> None:
    view = followed(("a", updated(3, 4, "我先说")), ("hall", finalized(9, 2, "好的。")))

    assert "我先说" in text_of(view.picture(Size(60, 24)).region)[1]


def test_a_long_open_passage_shows_its_end() -> None:
    row = followed(("a", updated(1, 4, "一二三四五六七八九十" * 5))).picture(Size(40, 24)).region[1]

    assert text_of((row,))[0].endswith("九十")
    assert "…" in text_of((row,))[0]
    assert width(row) <= 40


def test_states_of_rooms() -> None:
    view = followed(("a", STARTED), ("a", paused(5)), ("hall", STARTED), ("hall", ended(6)), rooms=("a", "hall", "new"))

    assert [row[1] for row in text_of(view.picture(Size(60, 24)).region)[1:4]] == ["‖", "■", "…"]


def test_a_room_that_failed_does_not_look_as_if_it_waited() -> None:
    failed = warning(ROOM_FAILED, "no such microphone", Severity.ERROR)
    region = followed(("a", STARTED), ("hall", failed)).picture(Size(60, 24)).region

    assert text_of(region)[1:4] == [
        " ● a    00:00:00",
        " ✗ hall 00:00:00  会议未能进行",
        " ! [hall] no such microphone",
    ]
    assert region[2][0].style is Style.ERROR


def test_a_room_that_failed_is_not_the_first_to_be_left_out() -> None:
    rooms = tuple(f"r{number}" for number in range(20))
    failed = warning(ROOM_FAILED, "no such microphone", Severity.ERROR)
    region = text_of(followed(("r17", failed), rooms=rooms).picture(Size(60, 6)).region)

    assert any("✗ r17" in row for row in region)


def test_a_remark_on_the_sound_stays_when_the_meeting_has_ended() -> None:
    view = followed(("a", STARTED), ("a", warning(SOUND_REMARK, "a.mp3: odd")), ("a", ended(6)), rooms=("a",))
    picture = view.picture(Size(60, 24))

    assert finished(view, picture)[1:] == ["14:30:06  [a] ! a.mp3: odd", "14:30:06  [a] 会议结束，时长 00:00:06"]
    assert text_of(picture.region)[1:] == [" ■ a 00:00:06", " Ctrl-C 不再等待（最后的内容正在发送和保存）"]


def test_where_not_all_rooms_fit_those_are_shown_in_which_somebody_speaks() -> None:
    rooms = tuple(f"r{number}" for number in range(20))
    region = text_of(followed(("r17", updated(1, 1, "在")), rooms=rooms).picture(Size(60, 6)).region)

    assert len(region) == 5
    assert any("r17" in row for row in region)


def test_rooms_appear_when_something_comes_of_them() -> None:
    empty = RoomsView((), CHINESE, timezone=UTC, keys=Keys.WATCH)
    assert text_of(empty.picture(Size(60, 24)).region) == [" 等待中", " q 结束"]

    empty.follow("hall", STARTED)
    empty.follow("a", updated(1, 2, "我先说"))
    assert text_of(empty.picture(Size(60, 24)).region) == [
        " a · hall" + " " * 44 + "zh 0.1",
        " … a    00:00:04  我先说",
        " ● hall 00:00:00",
        " q 结束",
    ]


def test_what_is_about_no_room_has_no_name_and_no_row() -> None:
    view = followed(("", warning("mqtt.link", "no link")), rooms=("a",))

    assert text_of(view.picture(Size(60, 24)).region)[1:3] == [" … a 00:00:00", " ! no link"]


def test_a_room_whose_meeting_ended_keeps_its_length_until_the_next_one() -> None:
    view = followed(("a", STARTED), ("a", updated(3, 4, "我先说")), ("a", ended(9)), rooms=("a",))
    assert text_of(view.picture(Size(60, 24)).region)[1] == " ■ a 00:00:09"

    view.follow("a", STARTED)
    assert text_of(view.picture(Size(60, 24)).region)[1] == " ● a 00:00:00"


def test_the_sign_of_a_room_that_is_recorded_goes_while_its_sound_is_away_or_not_saved() -> None:
    away, full = warning("microphone.lost", "away"), warning("store.sound", "full", Severity.ERROR)
    view = followed(("a", STARTED), ("a", away), ("b", STARTED), ("b", full), ("c", STARTED), rooms=("a", "b", "c"))
    signs = [row[1] for row in text_of(view.picture(Size(60, 24)).region)[1:4]]
    view.follow("a", warning("microphone.lost", ""))
    view.follow("b", warning("store.sound", "again", Severity.INFO))

    assert signs == ["○", "○", "●"]
    assert [row[1] for row in text_of(view.picture(Size(60, 24)).region)[1:4]] == ["●"] * 3


def test_a_watched_room_neither_records_nor_speaks_while_its_streamer_is_away() -> None:
    view = followed(("a", STARTED), ("a", status(9)), rooms=("a",))
    assert text_of(view.picture(Size(60, 24)).region)[1] == " ● a 00:00:09  …"

    view.follow("a", warning("mqtt.offline.a", "offline"))
    assert text_of(view.picture(Size(60, 24)).region)[1] == " ○ a 00:00:09"


def test_a_room_waits_for_its_microphone_beside_others() -> None:
    view = followed(("a", STARTED), ("hall", awaited(9)))
    waiting = view.picture(Size(80, 24))
    view.follow("hall", STARTED)

    assert text_of(waiting.region)[1:4] == [
        " ● a    00:00:00",
        " … hall 00:00:00  等待麦克风",
        " ! [hall] 等待麦克风 USB（自 2026-11-20 14:21:00），接通后会议开始：no input is",
    ]
    assert text_of(view.picture(Size(80, 24)).region)[1:] == [
        " ● a    00:00:00",
        " ● hall 00:00:00",
        " 空格 暂停   m 标记   q 结束",
    ]


def test_a_room_whose_meeting_is_called_off_waits_no_more() -> None:
    view = followed(("hall", awaited(9)), ("hall", called_off(8)))
    picture = view.picture(Size(80, 24))

    assert finished(view, picture) == ["14:22:00  [hall] 不再等待麦克风，没有开始会议"]
    assert text_of(picture.region)[2:] == [" ■ hall 00:00:00", " 空格 暂停   m 标记   q 结束"]


def test_where_a_new_day_begins_one_row_has_its_date_for_all_rooms() -> None:
    view = followed(
        ("a", finalized(1, 1, "好。")), ("a", finalized(2, 86_400, "早。")), ("hall", finalized(1, 86_401, "早。"))
    )

    assert finished(view, view.picture(Size(60, 24))) == [
        "14:30:01  [a] 好。",
        "-- 2026-11-21 --",
        "14:30:00  [a] 早。",
        "14:30:01  [hall] 早。",
    ]
