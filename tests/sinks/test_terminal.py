import asyncio
import threading

import pytest

from streamer.sinks.layout import Line, Size, Span
from streamer.sinks.messages import CHINESE
from streamer.sinks.painter import Painter, Picture
from streamer.sinks.passages import Passage
from streamer.sinks.screen import Screen
from streamer.sinks.terminal import TerminalSink
from tests.sinks.emulator import Emulator
from tests.sinks.events import STARTED, ended, finalized, status, updated
from tests.sinks.pty_terminal import PseudoTerminal
from tests.virtual_time import EPOCH, run_virtual

SIZE = Size(80, 24)


def wrapped(passage: Passage, _size: Size) -> list[Line]:
    return [(Span(passage.text),)]


def seen(terminal: PseudoTerminal, columns: int = 80, rows: int = 24) -> list[str]:
    emulator = Emulator(columns, rows)
    emulator.feed(terminal.read())
    return emulator.rows()


def sink_on(terminal: PseudoTerminal) -> TerminalSink:
    return TerminalSink(terminal.program, CHINESE, frames_per_second=8)


async def test_a_meeting_leaves_its_text_on_the_terminal() -> None:
    with PseudoTerminal() as terminal:
        with sink_on(terminal) as sink:
            for event in (STARTED, updated(1, 1, "今天"), finalized(1, 1, "今天。"), ended(5)):
                await sink.handle(event)

        rows = seen(terminal)

    assert [row[10:] for row in rows] == ["周会 · USB 麦克风 · zh 0.1", "今天。", "会议结束，时长 00:00:05"]


@pytest.mark.parametrize(("told", "taken"), [((0, 0), (80, 24)), ((0, 12), (80, 12)), ((40, 0), (40, 24))])
async def test_what_a_terminal_does_not_tell_of_its_size_is_the_usual_one(
    told: tuple[int, int], taken: tuple[int, int]
) -> None:
    """As a serial console, or a container's terminal that nobody has given a size."""
    with PseudoTerminal(*told) as terminal:
        with sink_on(terminal) as sink:
            await sink.handle(finalized(1, 1, "我们讨论进度。" * 9))

        rows = seen(terminal, *taken)

    assert "".join(row[10:] for row in rows) == "我们讨论进度。" * 9
    assert len(rows) == {80: 2, 40: 5}[taken[0]]


def test_text_is_drawn_at_once_but_status_only_a_few_times_a_second() -> None:
    drawn: list[float] = []

    class Drawn(Screen):
        def show(self, picture: Picture) -> None:
            drawn.append(asyncio.get_running_loop().time())

    async def main() -> None:
        with PseudoTerminal() as terminal:
            sink = sink_on(terminal)
            sink._screen = Drawn(terminal.program, Painter(wrapped), "")
            await sink.handle(STARTED)
            for at in range(16):
                await sink.handle(status(at))
                await asyncio.sleep(1 / 32)
            await sink.handle(updated(1, 1, "今天"))

    run_virtual(main())

    assert drawn == [0, 0.125, 0.25, 0.375, 0.5]


async def test_a_terminal_that_is_not_read_keeps_nobody_waiting_and_gets_everything_later() -> None:
    with PseudoTerminal() as terminal:
        with sink_on(terminal) as sink:
            terminal.fill()
            for at in range(1, 51):  # would hang here if it waited
                await sink.handle(finalized(at, at, f"第{at}句"))
                await sink.handle(status(at))
            text = terminal.read()

    emulator = Emulator()
    emulator.feed(text.rpartition("....")[2])
    everything = emulator.history() + emulator.rows()
    assert [row[10:] for row in everything if "第" in row] == [f"第{at}句" for at in range(1, 51)]


def test_leaving_a_terminal_that_is_not_read_takes_two_seconds_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float | None] = []

    def join(thread: threading.Thread, timeout: float | None = None) -> None:
        waits.append(timeout)

    with PseudoTerminal() as terminal:
        screen = Screen(terminal.program, Painter(wrapped), "")
        screen.open()
        terminal.fill()
        screen.show(Picture((), ((Span("region"),),), SIZE))
        monkeypatch.setattr(threading.Thread, "join", join)
        screen.close()

        assert waits == [2.0]
        terminal.read()


def test_lines_that_a_stopped_terminal_missed_are_counted() -> None:
    with PseudoTerminal() as terminal:
        screen = Screen(terminal.program, Painter(wrapped), "{count} missed")
        for at in range(1005):
            screen.show(Picture((Passage(EPOCH, str(at)),), (), SIZE))
        screen.open()
        screen.close()
        written = terminal.read()

    emulator = Emulator(rows=2000)
    emulator.feed(written)
    assert emulator.rows() == ["5 missed", *(str(at) for at in range(5, 1005))]


def test_a_terminal_that_is_gone_is_no_failure() -> None:
    terminal = PseudoTerminal()
    with terminal:
        screen = Screen(terminal.program, Painter(wrapped), "")
        screen.open()
    screen.show(Picture((), ((Span("region"),),), SIZE))
    screen.close()


async def test_resizing_uses_the_new_size_once_the_window_is_not_dragged_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("streamer.sinks.terminal._SETTLE_SECONDS", 0.05)
    emulator = Emulator(80, 12)
    with PseudoTerminal(80, 12) as terminal:
        with sink_on(terminal) as sink:
            await sink.handle(STARTED)
            for at in range(1, 12):
                await sink.handle(finalized(at, at, "我们讨论进度。" * 3))
            emulator.feed(terminal.read())
            terminal.resize(40, 12)
            emulator.resize(40, 12)
            sink.resize()
            await sink.handle(status(12))
            assert terminal.read(0) == ""
            await asyncio.sleep(0.1)
            emulator.feed(terminal.read())
            rows = emulator.rows()

    assert rows[-6:-4] == ["14:30:11  我们讨论进度。我们讨论进度。我", "们讨论进度。"]
    assert rows[-1] == " 空格 暂停   m 标记   q 结束"
