import io
import os
import threading

import pytest

from streamer.sinks.writing import write_all
from tests.sinks.pty_terminal import PseudoTerminal


def test_a_descriptor_that_must_not_block_gets_everything_once_when_it_is_read() -> None:
    text = "今天。" * 100_000
    there, here = os.pipe()
    os.set_blocking(here, False)
    writer = threading.Thread(target=lambda: (write_all(here, text), os.close(here)))
    writer.start()
    with os.fdopen(there, encoding="utf-8") as reading:
        read = reading.read()
    writer.join()

    assert read == text


@pytest.mark.parametrize(
    ("locale", "written"),
    [
        ("utf-8", "会议😀".encode()),
        ("gbk", "会议?".encode("gbk")),
        ("big5", b"???"),
        ("latin-1", "会议😀".encode()),
    ],
)
def test_a_terminal_gets_the_encoding_of_its_locale_if_that_has_chinese(
    monkeypatch: pytest.MonkeyPatch, locale: str, written: bytes
) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding=locale))
    with PseudoTerminal() as terminal:
        write_all(terminal.program, "会议😀")

        assert os.read(terminal.test, 64) == written


def test_a_pipe_gets_utf_8_whatever_the_locale_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout", io.TextIOWrapper(io.BytesIO(), encoding="gbk"))
    there, here = os.pipe()
    write_all(here, "会议")
    os.close(here)
    with os.fdopen(there, "rb") as reading:
        assert reading.read() == "会议".encode()
