from streamer.sinks.layout import Span, Style
from streamer.sinks.painter import Painter, Picture
from tests.sinks.emulator import Emulator


def row(text: str, style: Style = Style.PLAIN) -> tuple[Span, ...]:
    return (Span(text, style),)


def painted(*pictures: Picture, columns: int = 20, rows: int = 6) -> Emulator:
    painter, emulator = Painter(), Emulator(columns, rows)
    emulator.feed("$ streamer run\r\n")
    for picture in pictures:
        emulator.feed(painter.paint(picture))
    return emulator


def test_the_region_is_replaced_in_place() -> None:
    emulator = painted(Picture((), (row("one"), row("two"))), Picture((), (row("1"), row("two"))))

    assert emulator.rows() == ["$ streamer run", "1", "two"]


def test_finished_lines_stay_above_the_region() -> None:
    emulator = painted(Picture((), (row("region"),)), Picture((row("said"),), (row("region"),)))

    assert emulator.rows() == ["$ streamer run", "said", "region"]


def test_a_smaller_region_leaves_nothing_behind() -> None:
    emulator = painted(Picture((), (row("a"), row("b"), row("c"))), Picture((), (row("d"),)))

    assert emulator.rows() == ["$ streamer run", "d"]


def test_an_unchanged_picture_writes_nothing() -> None:
    painter = Painter()
    picture = Picture((), (row("a"),))
    painter.paint(picture)

    assert painter.paint(picture) == ""


def test_only_rows_that_differ_are_written() -> None:
    painter = Painter()
    painter.paint(Picture((), (row("same"), row("old"))))

    assert "same" not in painter.paint(Picture((), (row("same"), row("new"))))


def test_a_row_that_fills_the_last_column_keeps_it() -> None:
    assert painted(Picture((row("x" * 20),), (row("y" * 20),))).rows()[1:] == ["x" * 20, "y" * 20]


def test_a_row_wider_than_the_terminal_is_cut_and_pushes_nothing_down() -> None:
    emulator = painted(Picture((), (row("x" * 30), row("below"))), Picture((), (row("x" * 30), row("new"))))

    assert emulator.rows()[1:] == ["x" * 19 + "x", "new"]


def test_a_repaint_draws_everything_from_the_top() -> None:
    emulator = painted(
        Picture((row("said"),), (row("region"),)),
        Picture((), (row("region"),), repaint=(row("said"),), rows=6),
    )

    assert emulator.rows() == ["said", "region"]
    assert emulator.history() == []


def test_lines_finished_before_a_repaint_reach_the_history() -> None:
    finished = tuple(row(str(at)) for at in range(10))
    emulator = painted(
        Picture((), (row("region"),)),
        Picture(finished, (row("region"),), repaint=finished[-5:], rows=6),
    )

    assert emulator.rows() == ["5", "6", "7", "8", "9", "region"]
    assert [line for line in emulator.history() if line.isdigit()][:5] == ["0", "1", "2", "3", "4"]


def test_leaving_gives_the_cursor_back_below_the_last_line() -> None:
    painter, emulator = Painter(), Emulator(20, 6)
    emulator.feed(painter.paint(Picture((row("said"),), (row("region"), row("keys")))))
    assert emulator.screen.cursor.hidden
    emulator.feed(painter.leave([row("bye")]))

    assert emulator.rows() == ["said", "bye"]
    assert (emulator.screen.cursor.y, emulator.screen.cursor.x) == (2, 0)
    assert not emulator.screen.cursor.hidden


def test_a_last_line_wider_than_the_terminal_goes_on_below_with_nothing_beside_it() -> None:
    painter, emulator = Painter(), Emulator(20, 6)
    emulator.feed(painter.paint(Picture((row("said"),), (row("a region as wide ..."), row("two rows of the view")))))
    emulator.feed(painter.leave([row("minutes: /home/ann/me/x")]))

    assert emulator.rows() == ["said", "minutes: /home/ann/m", "e/x"]


def test_leaving_what_was_never_entered_writes_nothing() -> None:
    assert Painter().leave() == ""


def test_without_colours_weight_remains() -> None:
    text = Painter(styled=False).paint(Picture((), (row("a", Style.ERROR), row("b", Style.DIM))))

    assert "\x1b[31m" not in text
    assert "\x1b[2mb\x1b[0m" in text
