"""Keys out of what a terminal sends."""

from __future__ import annotations

import pytest

from streamer.sinks.keys import KeyReader


def keys(*received: bytes, pause: float = 0.01) -> str:
    """What is taken out of pieces that come one soon after the other."""
    reader = KeyReader()
    return "".join(reader.take(piece, at * pause) for at, piece in enumerate(received))


@pytest.mark.parametrize(
    ("received", "expected"),
    [
        (b"q", "q"),
        (b"M ", "m "),
        (b"mmmm", "mmmm"),
        ("ｑ\u3000".encode(), "q "),
        (b"\x0c", "\x0c"),
    ],
)
def test_letters_are_keys_whatever_their_width(received: bytes, expected: str) -> None:
    assert keys(received) == expected


@pytest.mark.parametrize(
    "received",
    [
        b"\x1b[A",  # up
        b"\x1bOQ",  # F2
        b"\x1b[1;5q",
        b"\x1bq",  # Alt-q
        b"\x1b[<0;10;20m",  # a mouse
        b"\x1b]11;rgb:0000/0000/0000 mq\x07",
        b"\x1bP1$r q\x1b\\",
    ],
)
def test_what_else_a_terminal_sends_is_no_key(received: bytes) -> None:
    assert keys(received) == ""
    assert keys(b"m" + received + b" ") == "m "
    assert keys(*(received[at : at + 1] for at in range(len(received))), b"x") == "x"


def test_what_is_pasted_is_no_key() -> None:
    assert keys(b"m\x1b[200~so quick, \x1b[A\x1b", b"[20", b"1~ ") == "m "
    assert keys(b"\x1b[200~quick", b"ly q") == ""


@pytest.mark.parametrize("pasted", [b"quarterly", "预算q".encode(), b"a m\r", b"\x1b[Aquick"])
def test_what_is_pasted_without_marks_is_no_key_either(pasted: bytes) -> None:
    assert keys(pasted, b"q", b"q", pause=0.1) == ""
    assert keys(pasted, b"q", pause=0.3) == "q"


def test_something_pasted_whose_end_never_comes_is_over_after_a_while() -> None:
    assert keys(b"\x1b[200~quick", b"q", pause=1.0) == ""
    assert keys(b"\x1b[200~quick", b"q", pause=3.0) == "q"


def test_an_escape_is_a_key_of_its_own_where_nothing_follows() -> None:
    assert keys(b"\x1b", b"q", pause=0.3) == "q"
    assert keys(b"\x1b\x1b[Aq") == "q"


def test_a_sequence_without_an_end_does_not_grow_for_ever() -> None:
    assert keys(b"\x1b[" + b"1" * 300, b"q", pause=0.3) == "q"


def test_a_letter_may_come_in_pieces() -> None:
    assert keys("ｑ".encode()[:1], "ｑ".encode()[1:]) == "q"
