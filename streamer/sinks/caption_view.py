"""What a running meeting looks like: its events in, pictures of the terminal out. Pure."""

from __future__ import annotations

from datetime import tzinfo

from streamer.lengths import duration
from streamer.sinks.doubts import Doubts
from streamer.sinks.footer import Keys, gravest_first, keys_row, notice_rows
from streamer.sinks.headings import Headings
from streamer.sinks.history import History
from streamer.sinks.layout import Line, Size, Span, Style, columns_of, cut, cut_line, width
from streamer.sinks.messages import Messages
from streamer.sinks.meter import METER_COLUMNS, meter_spans
from streamer.sinks.mqtt.absence import is_gone
from streamer.sinks.painter import Picture
from streamer.sinks.passages import Passage, WaitingMoments, last_remarks
from streamer.sinks.printable import printable
from streamer.sinks.provisional import provisional_spans
from streamer.sinks.sound_reasons import awaited_notice
from streamer.types import (
    MICROPHONE_AWAITED,
    MICROPHONE_LOST,
    PAUSE_AWAITED,
    STORE_FAILED,
    DeviceAwaited,
    MeetingCalledOff,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
    unsaved,
)

_OPEN_ROWS = 6
_NOTICE_ROWS = 4
_TITLE_COLUMNS = 40
"""Columns that the bar keeps for the title before it names the pack."""
_COLUMNS_FOR_END = 60
"""A narrower bar has no room for a title beside where a file ends."""
_LATE_SECONDS = 2.0
_VERY_LATE_SECONDS = 5.0


class CaptionView:
    """Follows a meeting and draws it: finished passages above, below them what is being said, status and keys."""

    def __init__(
        self,
        messages: Messages,
        *,
        timezone: tzinfo | None = None,
        styled: bool = True,
        keys: Keys = Keys.CONTROL,
        doubt_below: float = 0,
    ) -> None:
        """``timezone``: of the times shown; None: the computer's. ``keys``: which ones are offered.

        ``doubt_below``: as of :class:`~streamer.sinks.doubts.Doubts`.
        """
        self._messages = messages
        self._styled = styled
        self._keys = keys
        self._started: MeetingStarted | None = None
        self._title = ""
        self._state = messages.waiting
        self._position = 0
        """Samples, of the newest event that tells."""
        self._status: StatusUpdated | None = None
        self._open: Segment | None = None
        self._is_paused = False
        self._notices: dict[str, Notice] = {}
        self._moments = WaitingMoments(messages)
        self._headings = Headings(messages, has_pack=True, timezone=timezone)
        self._timezone = timezone
        self._history = History(timezone)
        self._doubts = Doubts(messages, doubt_below)
        self._drawn: tuple[Segment, Size, list[Line]] | None = None
        """The open segment as it was drawn last: level and clock are drawn far more often than it changes."""

    def follow(self, event: MeetingEvent) -> None:
        """Take note of an event."""
        self._history.add([*self._moments.follow(event), *self._headings.follow(event)])
        match event:
            case DeviceAwaited() | MeetingCalledOff():
                self._begin_nothing(event)
            case MeetingStarted():
                self._start(event)
            case SegmentUpdated(segment=segment):
                self._open = segment
                self._position = max(self._position, segment.end_sample)
            case SegmentFinalized(segment=segment):
                self._finish(segment)
            case StatusUpdated(position=position):
                self._status, self._position = event, max(self._position, position)
            case MeetingPaused() | MeetingResumed():
                self._pause(is_paused=isinstance(event, MeetingPaused))
            case TitleChanged(title=title):
                self._title = printable(title)
            case Notice():
                self._notice(event)
            case MeetingEnded():
                self._end(event)

    def picture(self, size: Size) -> Picture:
        """What to show now; entries finished since the last picture are in it once."""
        return self._history.picture(self._region(size), size)

    def rows(self, passage: Passage, size: Size) -> list[Line]:
        """A finished passage as it is written."""
        return self._history.rows(passage, size)

    def _begin_nothing(self, event: DeviceAwaited | MeetingCalledOff) -> None:
        self._forget_meeting()
        if isinstance(event, DeviceAwaited):
            self._state, self._title = f"○ {self._messages.awaiting}", printable(event.title)
            self._notice(awaited_notice(event, self._messages, self._timezone))
        else:
            self._history.add([Passage(event.called_off_at, self._messages.called_off, Style.DIM)])

    def _forget_meeting(self) -> None:
        """Whoever watches may have seen another one."""
        self._started, self._title, self._state = None, "", self._messages.waiting
        self._open, self._status, self._position = None, None, 0
        self._notices.pop(MICROPHONE_AWAITED, None)

    def _start(self, event: MeetingStarted) -> None:
        self._forget_meeting()
        self._started, self._title = event, printable(event.title)
        self._pause(is_paused=False)

    def _pause(self, *, is_paused: bool) -> None:
        self._is_paused = is_paused
        self._state = f"‖ {self._messages.paused}" if is_paused else self._recording

    def _finish(self, segment: Segment) -> None:
        if self._open is not None and self._open.id <= segment.id:
            self._open = None
        self._position = max(self._position, segment.end_sample)
        self._history.add(self._doubts.passages(segment))

    def _notice(self, notice: Notice) -> None:
        self._notices.pop(notice.key, None)
        if notice.text:
            self._notices[notice.key] = notice

    def _end(self, event: MeetingEnded) -> None:
        self._state, self._status, self._open = self._ended, None, None
        self._position = max(self._position, event.at_sample)
        self._history.add(last_remarks(event.ended_at, self._notices))
        text = self._messages.ended_line.format(duration=duration(event.at_sample))
        self._history.add([Passage(event.ended_at, text, Style.DIM)])

    def _region(self, size: Size) -> tuple[Line, ...]:
        """The open passage, the bar, status, notices and keys: as many of them as the terminal's height allows."""
        budget = max(1, size.rows - 1)
        bar = [self._bar(size)] if budget >= 2 else []  # the passage comes first, then the bar, then the keys
        is_paused = self._is_paused or PAUSE_AWAITED in self._notices
        keys = [keys_row(self._messages, size.columns, self._offered, is_paused=is_paused)] if budget >= 3 else []
        spare = budget - 1 - len(bar) - len(keys)
        notices = notice_rows(gravest_first(self._notices.values()), size.columns, min(_NOTICE_ROWS, spare))
        status = [self._status_row(size)] if spare > len(notices) else []
        room = budget - len(bar) - len(keys) - len(notices) - len(status)
        return (*self._passage(size)[-min(_OPEN_ROWS, room) :], *bar, *status, *notices, *keys)

    @property
    def _offered(self) -> Keys:
        if self._keys is not Keys.CONTROL:
            return self._keys
        is_awaited = MICROPHONE_AWAITED in self._notices
        return Keys.LEAVE if self._state == self._ended else Keys.AWAIT if is_awaited else Keys.CONTROL

    def _passage(self, size: Size) -> list[Line]:
        """What is being said."""
        segment = self._open
        if segment is None:
            is_speech = self._status is not None and self._status.is_speech and not self._is_unheard
            return [(Span("…", Style.DIM),)] if is_speech else [()]
        drawn = self._drawn
        if drawn is not None and drawn[0] is segment and drawn[1] == size:
            return drawn[2]
        rows = self._history.wrapped(segment.started_at, provisional_spans(segment), size)
        self._drawn = (segment, size, rows)
        return rows

    def _bar(self, size: Size) -> Line:
        state = self._shown_state
        clock = duration(self._position)
        if columns_of(f" {state} {clock}") > size.columns:  # the clock rather than the word after the sign
            state = state.split(" ")[0]
        left = f" {state} {clock}{self._until(size)} {self._moments.marks} "
        pack = printable(self._started.pack) if self._started is not None else ""
        right = f" {pack} " if size.columns >= len(left) + len(pack) + _TITLE_COLUMNS else ""
        room = max(0, size.columns - columns_of(left + right))
        title = cut(self._title, room - 1)  # so that the row ends in what all terminals give one column
        rest = " " * (room - columns_of(title)) + right
        return cut_line((Span(left + title, Style.BAR), Span(rest, Style.BAR)), size.columns)

    def _until(self, size: Size) -> str:
        """Where a file will end, for the bar of a terminal that is wide enough."""
        until = self._status.until if self._status is not None and size.columns >= _COLUMNS_FOR_END else 0
        return f" / {duration(until)}" if until else ""

    @property
    def _shown_state(self) -> str:
        """What the bar says: that a meeting is recorded only while sound comes and is kept."""
        if self._is_deaf:
            return f"○ {self._messages.deaf}"
        lacking = unsaved(self._notices)
        if self._state != self._recording or not lacking:
            return self._state
        return f"○ {self._messages.unsaved if lacking == STORE_FAILED else self._messages.unrecorded}"

    @property
    def _recording(self) -> str:
        return f"● {self._messages.recording}"

    @property
    def _ended(self) -> str:
        return f"■ {self._messages.ended}"

    @property
    def _is_deaf(self) -> bool:
        return self._is_unheard and not self._is_paused

    @property
    def _is_unheard(self) -> bool:
        """Whether what was heard last may not hold any more."""
        return MICROPHONE_LOST in self._notices or is_gone(self._notices)

    def _status_row(self, size: Size) -> Line:
        device = Span(f"   {printable(self._started.device)}" if self._started is not None else "", Style.DIM)
        if self._status is None or self._is_unheard or self._is_paused:  # a level would look like what is recorded
            return cut_line([device], size.columns)
        level = self._status.level_dbfs
        lag = self._status.lag_seconds
        late = Style.ERROR if lag >= _VERY_LATE_SECONDS else Style.WARNING if lag >= _LATE_SECONDS else Style.PLAIN
        figures = (Span(f" {max(-99, round(level)):>3} dB   "), Span(f"{self._messages.lag} {lag:.1f} s", late))
        # Where not all fits, the figures rather than the bar of one.
        has_meter = 1 + METER_COLUMNS + width(figures) <= size.columns
        meter = (Span(" "), *meter_spans(level, styled=self._styled)) if has_meter else ()
        return cut_line((*meter, *figures, device), size.columns)
