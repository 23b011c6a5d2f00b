import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.sinks.printable import printable


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
