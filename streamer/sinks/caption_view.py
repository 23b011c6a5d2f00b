"""What a running meeting looks like: its events in, pictures of the terminal out. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from functools import lru_cache

from streamer.sinks.layout import Line, Span, Style, cut, cut_line, width, wrap
from streamer.sinks.messages import Messages
from streamer.sinks.painter import Picture
from streamer.sinks.passages import Moment, Passage, duration, moment_of
from streamer.sinks.printable import printable
from streamer.types import (
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentUpdated,
    Severity,
    StatusUpdated,
    TitleChanged,
)

_HISTORY = 300
"""Finished entries kept for drawing the screen anew; more than the highest terminal shows."""
_OPEN_ROWS = 6
_NOTICE_ROWS = 3
_METER_COLUMNS = 12
_METER_DB = 60 / _METER_COLUMNS
_NARROW = 40
"""Columns below which times are shown without seconds."""
_LATE_SECONDS = 2.0
_VERY_LATE_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Size:
    """Of a terminal."""

    columns: int
    rows: int


class CaptionView:
    """Follows a meeting and draws it: finished passages above, below them what is being said, status and keys."""

    def __init__(self, messages: Messages, *, timezone: tzinfo | None = None, styled: bool = True) -> None:
        """``timezone``: of the times shown; None: the computer's."""
        self._messages = messages
        self._timezone = timezone
        self._styled = styled
        self._started: MeetingStarted | None = None
        self._title = ""
        self._status = StatusUpdated(0, -120.0, 0.0, is_speech=False)
        self._open: Segment | None = None
        self._is_paused = False
        self._notices: dict[str, Notice] = {}
        self._moments: list[Moment] = []
        """Marks, gaps and pauses that wait for the text before them."""
        self._finished: list[Passage] = []
        self._history: deque[Passage] = deque(maxlen=_HISTORY)
        self._drawn: tuple[Segment, Size, list[Line]] | None = None
        """The open segment as it was drawn last: level and clock are drawn far more often than it changes."""

    def follow(self, event: MeetingEvent) -> None:
        """Take note of an event."""
        moment = moment_of(event, self._messages)
        if moment is not None:
            self._moments.append(moment)
        match event:
            case MeetingStarted():
                self._start(event)
            case SegmentUpdated(segment=segment):
                self._finish_moments(segment.start_sample)
                self._open = segment
            case SegmentFinalized(segment=segment):
                self._finish(segment)
            case StatusUpdated():
                self._see(event)
            case MeetingPaused() | MeetingResumed():
                self._is_paused = isinstance(event, MeetingPaused)
            case TitleChanged(title=title):
                self._title = printable(title)
            case Notice():
                self._notice(event)
            case MeetingEnded():
                self._end(event)

    def picture(self, size: Size) -> Picture:
        """What to show now; entries finished since the last picture are in it once."""
        finished = self._rows_of(self._finished, size)
        self._history.extend(self._finished)
        self._finished = []
        return Picture(finished=finished, region=self._region(size))

    def repainted(self, size: Size) -> Picture:
        """The same, for a screen that must be drawn anew: after a resize, or when something else wrote on it."""
        picture = self.picture(size)
        room = max(0, size.rows - len(picture.region))
        visible = self._rows_of(list(self._history)[-room:], size)
        return Picture(picture.finished, picture.region, visible[len(visible) - min(room, len(visible)) :], size.rows)

    def _start(self, event: MeetingStarted) -> None:
        self._started, self._title = event, printable(event.title)
        parts = (self._title, printable(event.device), printable(event.pack))
        self._finished.append(Passage(event.started_at, " · ".join(part for part in parts if part), Style.BOLD))

    def _finish(self, segment: Segment) -> None:
        self._finish_moments(segment.start_sample)
        if self._open is not None and self._open.id <= segment.id:
            self._open = None
        if segment.text:
            self._finished.append(Passage(segment.started_at, printable(segment.text)))

    def _finish_moments(self, position: int) -> None:
        """Nothing that came before these moments can still be said."""
        self._finished += [moment.passage for moment in self._moments if moment.at_sample <= position]
        self._moments = [moment for moment in self._moments if moment.at_sample > position]

    def _see(self, status: StatusUpdated) -> None:
        self._status = status
        if not status.is_speech and not status.lag_seconds:
            self._finish_moments(status.position)

    def _notice(self, notice: Notice) -> None:
        self._notices.pop(notice.key, None)
        if notice.text:
            self._notices[notice.key] = notice

    def _end(self, event: MeetingEnded) -> None:
        self._finish_moments(event.at_sample)
        text = self._messages.ended_line.format(duration=duration(event.at_sample))
        self._finished.append(Passage(event.ended_at, text, Style.DIM))

    def _rows_of(self, entries: Sequence[Passage], size: Size) -> tuple[Line, ...]:
        return tuple(row for entry in entries for row in self._wrapped(entry.at, [Span(entry.text, entry.style)], size))

    def _wrapped(self, at: datetime, spans: Sequence[Span], size: Size) -> list[Line]:
        """A passage with its time before it, its rows aligned behind the time."""
        form = "%H:%M:%S  " if size.columns >= _NARROW else "%H:%M "
        time = at.astimezone(self._timezone).strftime(form)
        if 2 * len(time) > size.columns:
            time = ""
        return wrap([Span(time, Style.DIM), *spans] if time else spans, size.columns, indent=len(time))

    def _region(self, size: Size) -> tuple[Line, ...]:
        """The open passage, the bar, status, notices and keys: as many of them as the terminal's height allows."""
        budget = max(1, size.rows - 1)
        bar = [self._bar(size)] if budget >= 2 else []  # the passage comes first
        keys = (
            [keys_row(self._messages, size.columns, is_paused=self._is_paused)] if budget >= 3 else []
        )  # then the bar, then this
        spare = budget - 1 - len(bar) - len(keys)
        notices = self._notice_rows(size)[: max(0, min(_NOTICE_ROWS, spare))]
        status = [self._status_row(size)] if spare > len(notices) else []
        room = budget - len(bar) - len(keys) - len(notices) - len(status)
        passage = self._passage(size)[-min(_OPEN_ROWS, room) :]
        return (*passage, *bar, *status, *notices, *keys)

    def _passage(self, size: Size) -> list[Line]:
        """What is being said: stable text plain, provisional text dim."""
        segment = self._open
        if segment is None:
            return [(Span("…", Style.DIM),)] if self._status.is_speech else [()]
        drawn = self._drawn
        if drawn is not None and drawn[0] is segment and drawn[1] == size:
            return drawn[2]
        stable = _stable_part(segment)
        text = segment.text
        spans = (Span(printable(text[:stable])), Span(printable(text[stable:]), Style.DIM))
        rows = self._wrapped(segment.started_at, [span for span in spans if span.text], size)
        self._drawn = (segment, size, rows)
        return rows

    def _bar(self, size: Size) -> Line:
        messages = self._messages
        state = f"‖ {messages.paused}" if self._is_paused else f"● {messages.recording}"
        left = f" {state} {duration(self._status.position)}  "
        pack = printable(self._started.pack) if self._started is not None else ""
        right = f" {pack} " if size.columns >= len(left) + len(pack) + _NARROW else ""
        room = max(0, size.columns - width([Span(left), Span(right)]))
        title = cut(self._title, room)
        text = cut(left + title + " " * (room - width([Span(title)])) + right, size.columns)
        return (Span(text, Style.BAR),)

    def _status_row(self, size: Size) -> Line:
        level = self._status.level_dbfs
        lag = self._status.lag_seconds
        late = Style.ERROR if lag >= _VERY_LATE_SECONDS else Style.WARNING if lag >= _LATE_SECONDS else Style.PLAIN
        device = printable(self._started.device) if self._started is not None else ""
        row = (
            Span(" "),
            *self._meter(level),
            Span(f" {max(-99, round(level)):>3} dB   "),
            Span(f"{self._messages.lag} {lag:.1f} s", late),
            Span(f"   {device}", Style.DIM),
        )
        return cut_line(row, size.columns)

    def _meter(self, level: float) -> tuple[Span, ...]:
        filled = max(0, min(_METER_COLUMNS, round((level + 60) / _METER_DB)))
        if not self._styled:
            return (Span("#" * filled + "-" * (_METER_COLUMNS - filled)),)
        style = Style.LOUD if filled == _METER_COLUMNS else Style.FILLED
        return (Span(" " * filled, style), Span(" " * (_METER_COLUMNS - filled), Style.EMPTY))

    def _notice_rows(self, size: Size) -> list[Line]:
        """The gravest first."""
        return [notice_row(notice, size.columns) for notice in gravest_first(self._notices.values())]


def _stable_part(segment: Segment) -> int:
    """How much of the written text stands for the stable part of what was spoken; marks go with what precedes."""
    spoken = 0
    for at, char in enumerate(segment.text):
        if spoken < len(segment.spoken) and char == segment.spoken[spoken]:
            if spoken == segment.stable_length:
                return at
            spoken += 1
    return len(segment.text)


@lru_cache(maxsize=16)
def keys_row(messages: Messages, columns: int, *, is_paused: bool) -> Line:
    """Which key does what."""
    pause = messages.resume_key if is_paused else messages.pause_key
    keys = ((messages.space, pause), ("m", messages.mark_key), ("q", messages.end_key))
    spans = [Span(" ")]
    for key, meaning in keys:
        spans += [Span(key, Style.BOLD), Span(f" {meaning}   ", Style.DIM)]
    return cut_line(spans, columns)


def notice_row(notice: Notice, columns: int) -> Line:
    """A notice in the colour of its gravity."""
    styles = {Severity.INFO: Style.PLAIN, Severity.WARNING: Style.WARNING, Severity.ERROR: Style.ERROR}
    return cut_line([Span(f" ! {printable(notice.text)}", styles[notice.severity])], columns)


def gravest_first(notices: Iterable[Notice]) -> list[Notice]:
    """Errors, then warnings, then the rest, each in the order in which they came."""
    order = list(Severity)
    return sorted(notices, key=lambda notice: -order.index(notice.severity))
