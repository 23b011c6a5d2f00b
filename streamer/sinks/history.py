"""Finished passages on their way to a terminal, and the newest of them for drawing it anew."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from datetime import datetime, tzinfo

from streamer.sinks.layout import Line, Size, Span, Style, wrap
from streamer.sinks.painter import Picture
from streamer.sinks.passages import Passage

_REMEMBERED = 300
"""Passages kept for drawing the screen anew; more than the highest terminal shows."""
_NARROW = 40
"""Columns below which times are shown without seconds."""


class History:
    """What every view of a meeting has above its region; it completes the region to a picture."""

    def __init__(self, timezone: tzinfo | None = None) -> None:
        """``timezone``: of the times shown; None: the computer's."""
        self._timezone = timezone
        self._new: list[Passage] = []
        self._remembered: deque[Passage] = deque(maxlen=_REMEMBERED)

    def add(self, passages: Iterable[Passage]) -> None:
        """Passages are finished: they will not change."""
        self._new += passages

    def picture(self, region: tuple[Line, ...], size: Size) -> Picture:
        """What to show now; passages finished since the last picture are in it once."""
        finished = self._rows_of(self._new, size)
        self._remembered.extend(self._new)
        self._new = []
        return Picture(finished=finished, region=region)

    def repainted(self, region: tuple[Line, ...], size: Size) -> Picture:
        """The same, for a screen that must be drawn anew: after a resize, or when something else wrote on it."""
        picture = self.picture(region, size)
        room = max(0, size.rows - len(region))
        visible = self._rows_of(list(self._remembered)[-room:] if room else [], size)
        return Picture(picture.finished, region, visible[len(visible) - min(room, len(visible)) :], size.rows)

    def wrapped(self, at: datetime, spans: Sequence[Span], size: Size) -> list[Line]:
        """A passage with its time before it, its rows aligned behind the time."""
        form = "%H:%M:%S  " if size.columns >= _NARROW else "%H:%M "
        time = at.astimezone(self._timezone).strftime(form)
        if 2 * len(time) > size.columns:
            time = ""
        return wrap([Span(time, Style.DIM), *spans] if time else spans, size.columns, indent=len(time))

    def _rows_of(self, passages: Iterable[Passage], size: Size) -> tuple[Line, ...]:
        return tuple(row for one in passages for row in self.wrapped(one.at, [Span(one.text, one.style)], size))
