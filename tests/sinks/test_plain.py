from contextlib import suppress
from datetime import UTC

from streamer.sinks.messages import CHINESE
from streamer.sinks.plain import PlainSink
from streamer.types import MeetingEvent, Severity
from tests.sinks.events import EVERY_KIND, STARTED, awaited, finalized, mark, status, warning


async def lines(*events: MeetingEvent) -> list[str]:
    written: list[str] = []

    async def write(text: str) -> None:
        written.append(text)

    sink = PlainSink(write, CHINESE, timezone=UTC)
    for event in events:
        await sink.handle(event)
    return "".join(written).splitlines()


async def test_every_event_that_a_reader_needs_is_one_line() -> None:
    assert await lines(*EVERY_KIND) == [
        "! 等待麦克风 USB（自 2026-11-20 14:21:00），接通后会议开始：no input is named 'USB'",
        "14:22:00  不再等待麦克风，没有开始会议",
        "14:30:00  周会 · USB 麦克风 · zh 0.1",
        "14:30:01  大家好。",
        "会议改名为：项目周会",
        "! too soft",
        "14:30:03  ◆ 标记 决定",
        "14:30:04  ◇ 声音中断 2.5 秒：device lost",
        "14:30:04  ◇ 此处漏收 3 行字幕",
        "14:30:05  ‖ 暂停",
        "14:31:05  ● 继续",
        "14:30:07  会议结束，时长 00:00:07",
    ]


async def test_finals_without_text_and_notices_that_are_over_are_left_out() -> None:
    assert await lines(finalized(1, 0, ""), warning("a", ""), warning("b", "loading", Severity.INFO)) == []


async def test_that_a_warning_is_over_is_a_line_where_something_says_so() -> None:
    back = warning("link", "back", Severity.INFO)

    assert await lines(back, warning("link", "lost"), back, warning("link", ""), back) == ["! lost", "! back"]


async def test_a_mark_stands_below_the_text_that_was_said_before_it() -> None:
    assert await lines(mark(3, "决定"), finalized(1, 1, "大家好。"), finalized(2, 4, "再见。")) == [
        "14:30:01  大家好。",
        "14:30:03  ◆ 标记 决定",
        "14:30:04  再见。",
    ]


async def test_a_mark_in_a_silence_does_not_wait_for_text() -> None:
    assert await lines(mark(3, "决定"), status(3, speech=False)) == ["14:30:03  ◆ 标记 决定"]


async def test_text_cannot_give_orders_to_the_terminal() -> None:
    assert await lines(finalized(1, 0, "a\x1b[2Jb\nc")) == ["14:30:00  a[2Jb c"]


async def test_with_several_rooms_every_line_names_its_room() -> None:
    written: list[str] = []

    async def write(text: str) -> None:
        written.append(text)

    sink = PlainSink(write, CHINESE, timezone=UTC, room="hall")
    for event in (finalized(1, 1, "大家好。"), warning("microphone.quiet", "too soft")):
        await sink.handle(event)

    assert written == ["14:30:01  [hall] 大家好。\n", "! [hall] too soft\n"]


async def test_the_default_input_is_waited_for_without_a_name() -> None:
    assert await lines(awaited(9, device="")) == [
        "! 等待麦克风（自 2026-11-20 14:21:00），接通后会议开始：no input is named ''"
    ]


async def test_what_was_refused_comes_with_everything_that_belongs_to_it() -> None:
    written: list[str] = []

    async def write(text: str) -> None:
        written.append(text)
        if len(written) < 3:
            raise OSError(28, "No space left on device")

    sink = PlainSink(write, CHINESE, timezone=UTC)
    for event in (STARTED, STARTED, STARTED, finalized(1, 0, "大家好。")):
        with suppress(OSError):
            await sink.handle(event)

    assert written == ["14:30:00  周会 · USB 麦克风 · zh 0.1\n"] * 3 + ["14:30:00  大家好。\n"]


async def test_where_a_new_day_begins_a_line_has_its_date() -> None:
    night = 34_200  # seconds from 14:30 to midnight
    events = (finalized(1, night - 2, "大家好。"), mark(night + 1), finalized(2, night + 2, "再见。"))

    assert await lines(*events) == ["23:59:58  大家好。", "-- 2026-11-21 --", "00:00:01  ◆ 标记", "00:00:02  再见。"]


async def test_a_date_that_was_refused_comes_once_more_and_names_its_room() -> None:
    written: list[str] = []

    async def write(text: str) -> None:
        written.append(text)
        if len(written) == 2:
            raise OSError(28, "No space left on device")

    sink = PlainSink(write, CHINESE, timezone=UTC, room="hall")
    late = finalized(2, 86_400, "早。")
    for event in (finalized(1, 0, "大家好。"), late, late):
        with suppress(OSError):
            await sink.handle(event)

    assert written[1:] == ["[hall] -- 2026-11-21 --\n14:30:00  [hall] 早。\n"] * 2
