"""A book of minutes with its meeting and its clock."""

from __future__ import annotations

from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.book import MinutesBook
from tests.sinks.minutes.material import Notebook
from tests.virtual_clock import Hands


def opened(tmp_path, *formats: str) -> tuple[MinutesBook, Notebook, Hands]:
    clock, source = Hands(100.0), Notebook()
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
