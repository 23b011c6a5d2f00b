import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.sinks.printable import is_blank, printable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("周会 [bold]x[/bold]", "周会 [bold]x[/bold]"),
        ("a\x1b[31mb", "a[31mb"),
        ("a\x9b31mb", "a31mb"),
        ("a\x07\x7fb", "ab"),
        ("a\nb\tc\r\u2028d", "a b c  d"),
        ("a\u202eb\u2066c\u200f", "abc"),
        ("a\ud800b", "a\ufffdb"),
        ("\ufeffa\ufeffb", "ab"),
        ("👩\u200d🔬e\u0301", "👩\u200d🔬e\u0301"),
    ],
)
def test_what_a_terminal_would_obey_is_taken_out(text: str, shown: str) -> None:
    assert printable(text) == shown


@given(st.text())
def test_the_text_is_one_line_that_utf8_can_hold(text: str) -> None:
    shown = printable(text)

    assert shown.splitlines() in ([], [shown])
    assert "\x1b" not in shown
    shown.encode()


@pytest.mark.parametrize(
    ("text", "blank"),
    [
        ("", True),
        (" \t\u3000", True),
        ("\x1b\x07", True),
        ("\u200b\u200c\u2060\ufeff\u00ad", True),
        ("\u3164\u115f\u2800\ufe0f", True),
        ("\u034f\u180b\U000e0100", True),
        ("周", False),
        ("\u200b会", False),
        ("❤\ufe0f", False),
        (".", False),
    ],
)
def test_text_of_which_nothing_is_seen_is_blank(text: str, blank: bool) -> None:
    assert is_blank(text) is blank
