import tracemalloc
from datetime import UTC, datetime

import pytest

from streamer.sinks.layout import Line, Size, Span, Style
from streamer.sinks.painter import Painter, Picture
from streamer.sinks.passages import Passage
from tests.sinks.emulator import Emulator

SIZE = Size(20, 6)
AT = datetime(2026, 11, 20, tzinfo=UTC)


def row(text: str, style: Style = Style.PLAIN) -> Line:
    return (Span(text, style),)


def said(*texts: str) -> tuple[Passage, ...]:
    return tuple(Passage(AT, text) for text in texts)


def wrapped(passage: Passage, size: Size) -> list[Line]:
    text = passage.text
    return [row(text[at : at + size.columns]) for at in range(0, len(text), size.columns)]


def ragged(passage: Passage, size: Size) -> list[Line]:
    """Rows that take more than a terminal makes of them."""
    text = passage.text
    rows = [row(text[: size.columns])]
    indent, width = " " * 10, size.columns - 10
    return rows + [row(indent + text[at : at + width]) for at in range(size.columns, len(text), width)]


def picture(finished: tuple[Passage, ...], *region: Line, size: Size = SIZE, is_anew: bool = False) -> Picture:
    return Picture(finished, region, size, is_anew)


def painted(*pictures: Picture) -> Emulator:
    painter, emulator = Painter(wrapped), Emulator(*(SIZE.columns, SIZE.rows))
    emulator.feed("$ streamer run\r\n")
    for one in pictures:
        emulator.feed(painter.paint(one))
    return emulator


def test_the_region_is_replaced_in_place() -> None:
    emulator = painted(picture((), row("one"), row("two")), picture((), row("1"), row("two")))

    assert emulator.rows() == ["$ streamer run", "1", "two"]


def test_little_is_kept_of_what_stands_above_the_region() -> None:
    """Three hundred passages, an hour of them: kept as rows they took 2 kB each on a narrow terminal."""
    passages = said(*(f"{number:02}" * 40 for number in range(64)))
    painter = Painter(wrapped)
    painter.paint(picture(passages[:1], row("region")))
    tracemalloc.start()
    try:
        for one in passages[1:]:
            painter.paint(picture((one,), row("region"), size=Size(SIZE.columns, SIZE.rows)))
        kept = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert kept < 63 * 80


def test_finished_lines_stay_above_the_region() -> None:
    emulator = painted(picture((), row("region")), picture(said("said"), row("region")))

    assert emulator.rows() == ["$ streamer run", "said", "region"]


def test_a_smaller_region_leaves_nothing_behind() -> None:
    emulator = painted(picture((), row("a"), row("b"), row("c")), picture((), row("d")))

    assert emulator.rows() == ["$ streamer run", "d"]


def test_an_unchanged_picture_writes_nothing() -> None:
    painter = Painter(wrapped)
    same = picture((), row("a"))
    painter.paint(same)

    assert painter.paint(same) == ""


def test_only_rows_that_differ_are_written() -> None:
    painter = Painter(wrapped)
    painter.paint(picture((), row("same"), row("old")))

    assert "same" not in painter.paint(picture((), row("same"), row("new")))


def test_a_row_that_fills_the_last_column_keeps_it() -> None:
    assert painted(picture(said("x" * 20), row("y" * 20))).rows()[1:] == ["x" * 20, "y" * 20]


def test_a_row_wider_than_the_terminal_is_cut_and_pushes_nothing_down() -> None:
    emulator = painted(picture((), row("x" * 30), row("below")), picture((), row("x" * 30), row("new")))

    assert emulator.rows()[1:] == ["x" * 19 + "x", "new"]


@pytest.mark.parametrize(
    ("title", "shown"),
    [("会👩\u200d💻", "会👩💻"), ("会❤\ufe0f", "会❤"), ("会☺\ufe0e", "会☺"), ("会👍\U0001f3fd", "会👍")],
)
def test_what_makes_terminals_count_columns_differently_is_not_written(title: str, shown: str) -> None:
    assert shown in Painter(wrapped).paint(picture((), row(title)))


def test_after_text_that_terminals_may_count_otherwise_the_cursor_is_put_where_it_should_be() -> None:
    """A terminal that counts a character narrower than we do would have a shorter row, and break it elsewhere."""
    written = Painter(wrapped).paint(picture((), (Span("会"), Span("☰"), Span(" " * 15), Span("!"))))

    assert f"会☰\x1b[5G{' ' * 15}!" in written


def test_drawing_anew_covers_what_something_else_wrote() -> None:
    painter, emulator = Painter(wrapped), Emulator(20, 6)
    emulator.feed(painter.paint(picture(said("one", "two"), row("region"))))
    emulator.feed("\r\nanother program\r\n")
    emulator.feed(painter.paint(picture((), row("region"), is_anew=True)))

    assert emulator.rows() == ["one", "two", "region"]
    assert emulator.history() == []


def test_drawing_anew_after_a_resize_loses_nothing_of_what_it_covers() -> None:
    painter, emulator = Painter(ragged), Emulator(20, 6)
    texts = ["abcdefghijklmnopqrst", "klmno", "uvwxyzABCDEFGHIJKLMN", "opqrs"]
    emulator.feed(painter.paint(picture(said(*texts), row("keys"))))
    emulator.resize(12, 6)
    for is_anew in (False, True):
        emulator.feed(painter.paint(picture((), row("keys"), size=Size(12, 6), is_anew=is_anew)))

    everything = emulator.history() + emulator.rows()
    assert "".join(everything).replace(" ", "") == "".join(texts) + "keys"
    assert emulator.rows()[-3:] == ["          MN", "opqrs", "keys"]


def test_drawing_anew_shows_too_what_stands_above_the_lines_of_a_shell() -> None:
    painter, emulator = Painter(wrapped), Emulator(20, 6)
    emulator.feed(painter.paint(picture(said("one", "two"), row("region"))))
    emulator.feed(painter.leave() + "Stopped\r\n$ fg\r\n")
    emulator.feed(painter.paint(picture(said("three"), row("region"))))
    assert emulator.rows() == ["one", "two", "Stopped", "$ fg", "three", "region"]

    emulator.feed(painter.paint(picture((), row("region"), is_anew=True)))
    assert emulator.rows() == ["one", "two", "three", "region"]


def test_what_is_finished_when_all_is_drawn_anew_reaches_the_history() -> None:
    texts = [str(at) for at in range(10)]
    emulator = painted(picture((), row("region")), picture(said(*texts), row("region"), is_anew=True))

    assert emulator.rows() == ["5", "6", "7", "8", "9", "region"]
    assert [line for line in emulator.history() if line.isdigit()][:5] == ["0", "1", "2", "3", "4"]


def test_a_resize_leaves_what_stood_above_and_writes_no_line_twice() -> None:
    painter, emulator = Painter(wrapped), Emulator(20, 6)
    emulator.feed("before us\r\n$ streamer run\r\n")
    emulator.feed(painter.paint(picture(said("one"), row("region".ljust(20, "-")), row("keys"))))
    for columns, rows in ((10, 6), (20, 6), (20, 4), (30, 9)):
        emulator.resize(columns, rows)
        size = Size(columns, rows)
        emulator.feed(painter.paint(picture((), row("region".ljust(columns, "-")), row("keys"), size=size)))

    seen = [line.rstrip("-") for line in emulator.history() + emulator.rows() if line]
    assert seen == ["before us", "$ streamer run", "one", "region", "keys"]


@pytest.mark.parametrize("sizes", [[(10, 6)], [(40, 6)], [(20, 9), (10, 9)], [(20, 4)]])
def test_where_rows_are_cut_off_those_in_sight_are_wrapped_anew(sizes: list[tuple[int, int]]) -> None:
    painter, emulator = Painter(wrapped, breaks_rows=False), Emulator(20, 6)
    texts = ["abcdefghijklmnopqrst", "klmno", "uvwxyzABCDEFGHIJKLMNOPQ"]
    emulator.feed(painter.paint(picture(said(*texts), row("=" * 20), row("keys"))))
    for columns, rows in sizes:
        emulator.resize(columns, rows, breaks_rows=False)
        size = Size(columns, rows)
        emulator.feed(painter.paint(picture((), row("=" * columns), row("keys"), size=size)))

    everything = emulator.history() + emulator.rows()
    assert "".join(everything[:-2]) == "".join(texts)
    assert everything[-2:] == ["=" * columns, "keys"]


@pytest.mark.parametrize("sizes", [
    [(10, 6)], [(40, 6)], [(20, 3)], [(20, 12)], [(10, 3), (20, 6)], [(40, 12), (20, 6)], [(13, 9), (7, 4), (40, 12)],
    [(20, 6), (10, 6), (20, 6), (10, 6), (20, 6)], [(19, 5), (18, 4), (17, 5), (16, 6)],
])  # fmt: skip
def test_whatever_the_size_every_letter_is_there_once_and_in_order(sizes: list[tuple[int, int]]) -> None:
    painter, emulator, texts = Painter(wrapped), Emulator(20, 6), []
    for turn, (columns, rows) in enumerate([(20, 6), *sizes]):
        emulator.resize(columns, rows)
        size = Size(columns, rows)
        bar = row("=" * columns)
        emulator.feed(painter.paint(picture((), bar, row("keys"), size=size)))
        for number in range(4):
            texts.append(f"{turn}.{number} " + "abcdefghijklmnopqrstuvwxyz"[: 7 * number + 3])
            emulator.feed(painter.paint(picture(said(texts[-1]), row("open"), bar, row("keys"), size=size)))
            emulator.feed(painter.paint(picture((), bar, row("keys"), size=size)))

    everything = emulator.history() + emulator.rows()
    assert "".join(everything[:-2]).replace(" ", "") == "".join(texts).replace(" ", "")
    assert everything[-2:] == ["=" * columns, "keys"]


def test_leaving_gives_the_cursor_back_below_the_last_line() -> None:
    painter, emulator = Painter(wrapped), Emulator(20, 6)
    emulator.feed(painter.paint(picture(said("said"), row("region"), row("keys"))))
    assert emulator.screen.cursor.hidden
    emulator.feed(painter.leave([row("bye")]))

    assert emulator.rows() == ["said", "bye"]
    assert (emulator.screen.cursor.y, emulator.screen.cursor.x) == (2, 0)
    assert not emulator.screen.cursor.hidden


def test_a_last_line_wider_than_the_terminal_goes_on_below_with_nothing_beside_it() -> None:
    painter, emulator = Painter(wrapped), Emulator(20, 6)
    emulator.feed(painter.paint(picture(said("said"), row("a region as wide ..."), row("two rows of the view"))))
    emulator.feed(painter.leave([row("minutes: /home/ann/me/x")]))

    assert emulator.rows() == ["said", "minutes: /home/ann/m", "e/x"]


def test_leaving_what_was_never_entered_writes_nothing() -> None:
    assert Painter(wrapped).leave() == ""


def test_without_colours_weight_remains() -> None:
    text = Painter(wrapped, styled=False).paint(picture((), row("a", Style.ERROR), row("b", Style.DIM)))

    assert "\x1b[31m" not in text
    assert "\x1b[2mb\x1b[0m" in text


def test_underlines_stay_where_colours_are_unwanted() -> None:
    assert "\x1b[4ma\x1b[0m" in Painter(wrapped, styled=False).paint(picture((), row("a", Style.DOUBT)))


def test_what_a_terminal_pushed_away_that_was_too_small_for_the_region_is_gone_when_it_grows_again() -> None:
    painter, emulator = Painter(wrapped), Emulator(40, 12)
    emulator.feed(painter.paint(picture(said("one", "two"), row("=" * 40), row("keys".ljust(40)), size=Size(40, 12))))
    for columns, rows in ((20, 6), (10, 3), (30, 3), (40, 12)):
        emulator.resize(columns, rows)
        region = (row("=" * columns), row("keys".ljust(columns)))
        emulator.feed(painter.paint(picture((), *region, size=Size(columns, rows))))

    assert emulator.rows() == ["one", "two", "=" * 40, "keys"]
    assert emulator.history() == []
