"""Finished passages on their way to a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from streamer.sinks.days import Days, day_line
from streamer.sinks.layout import Line, Size, Span, Style, wrap
from streamer.sinks.painter import Picture
from streamer.sinks.passages import Passage

_NARROW = 40
"""Columns below which times are shown without seconds."""


class History:
    """What every view of a meeting has above its region; it completes the region to a picture."""

    def __init__(self, timezone: tzinfo | None = None) -> None:
        """``timezone``: of the times shown; None: the computer's."""
        self._timezone = timezone
        self._days = Days(lambda at: at.astimezone(timezone))
        self._new: list[Passage] = []

    def add(self, passages: Iterable[Passage]) -> None:
        """Passages are finished: they will not change. Where a new day begins, its date goes before them."""
        for passage in passages:
            if date := self._days.date_above(passage.at):
                self._new.append(Passage(passage.at, day_line(date), Style.BOLD, is_timed=False))
            self._new.append(passage)

    def picture(self, region: tuple[Line, ...], size: Size) -> Picture:
        """What to show now; passages finished since the last picture are in it once."""
        finished, self._new = tuple(self._new), []
        return Picture(finished, region, size)

    def rows(self, passage: Passage, size: Size) -> list[Line]:
        """A finished passage as it is written."""
        spans = passage.spans or (Span(passage.text, passage.style),)
        return self.wrapped(passage.at, spans, size) if passage.is_timed else wrap(spans, size.columns, indent=0)

    def wrapped(self, at: datetime, spans: Sequence[Span], size: Size) -> list[Line]:
        """A passage with its time before it, its rows aligned behind the time."""
        form = "%H:%M:%S  " if size.columns >= _NARROW else "%H:%M "
        time = at.astimezone(self._timezone).strftime(form)
        if 2 * len(time) > size.columns:
            time = ""
        return wrap([Span(time, Style.DIM), *spans] if time else spans, size.columns, indent=len(time))
