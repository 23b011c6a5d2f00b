"""A book of minutes with its meeting and its clock."""

from __future__ import annotations

from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.book import MinutesBook
from tests.sinks.minutes.material import Notebook


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def opened(tmp_path, *formats: str) -> tuple[MinutesBook, Notebook, Hands]:
    clock, source = Hands(), Notebook()
    book = MinutesBook(source, tmp_path, MinutesSettings(formats=formats), clock)
    book.update()
    return book, source, clock


def say(book: MinutesBook, source: Notebook, *entries) -> None:
    source.written += entries
    book.add(entries)
    book.update()


def lines_of(tmp_path) -> list[str]:
    text = (tmp_path / "minutes.txt").read_text(encoding="utf-8")
    return [one.partition("] ")[2] for one in text.splitlines() if one.startswith("[")]
