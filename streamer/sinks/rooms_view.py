"""What the meetings of several rooms look like on one terminal: their events in, pictures out. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import tzinfo

from rich.cells import get_character_cell_size

from streamer.lengths import duration
from streamer.sinks.doubts import Doubts
from streamer.sinks.footer import Keys, gravest_first, keys_row, notice_rows
from streamer.sinks.headings import Headings
from streamer.sinks.history import History
from streamer.sinks.layout import Line, Size, Span, Style, columns_of, cut, cut_line, width
from streamer.sinks.messages import Messages
from streamer.sinks.painter import Picture
from streamer.sinks.passages import Passage, WaitingMoments, last_remarks
from streamer.sinks.printable import printable
from streamer.sinks.shown_room import AWAITED, ENDED, FAILED, OVER, RECORDING, ShownRoom
from streamer.sinks.sound_reasons import awaited_notice
from streamer.types import (
    MICROPHONE_AWAITED,
    PAUSE_AWAITED,
    DeviceAwaited,
    MeetingCalledOff,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    SegmentFinalized,
    SegmentUpdated,
    StatusUpdated,
)

_NOTICE_ROWS = 4
_LATE_SECONDS = 2.0


class RoomsView:
    """Finished passages of all rooms above, each with its room; below a row for each room with what is being said."""

    def __init__(
        self,
        rooms: Sequence[str],
        messages: Messages,
        *,
        timezone: tzinfo | None = None,
        keys: Keys = Keys.CONTROL,
        doubt_below: float = 0,
    ) -> None:
        """Prepare.

        Args:
            rooms: their names in the order of their rows; others are added when something comes of them.
            messages: the language of labels.
            timezone: of the times; None: the computer's.
            keys: which ones are offered.
            doubt_below: as of :class:`~streamer.sinks.doubts.Doubts`.
        """
        self._messages = messages
        self._timezone = timezone
        self._rooms = {name: self._new_room(name) for name in rooms}
        self._nowhere = self._new_room("")
        """For what is about no room."""
        self._keys = keys
        self._pack = ""
        self._history = History(timezone)
        self._doubts = Doubts(messages, doubt_below)

    def follow(self, room: str, event: MeetingEvent) -> None:
        """Take note of an event of one room; ``""``: of none in particular."""
        one = self._nowhere if not room else self._rooms.get(room) or self._added(room)
        for passage in (*one.moments.follow(event), *one.headings.follow(event)):
            self._finish(one, passage)
        match event:
            case SegmentUpdated(segment=segment):
                one.open_id, one.open_text = segment.id, printable(segment.text)
                one.position = max(one.position, segment.end_sample)
            case SegmentFinalized(segment=segment):
                if one.open_id <= segment.id:
                    one.open_text = ""
                one.position = max(one.position, segment.end_sample)
                for passage in self._doubts.passages(segment):
                    self._finish(one, passage)
            case StatusUpdated(position=position, lag_seconds=lag, is_speech=is_speech):
                one.position, one.lag_seconds, one.is_speech = max(one.position, position), lag, is_speech
            case Notice():
                one.take(event)
            case MeetingPaused() | MeetingResumed():
                one.state = "‖" if isinstance(event, MeetingPaused) else RECORDING
            case DeviceAwaited() | MeetingCalledOff() | MeetingStarted() | MeetingEnded():
                self._begin_or_end(one, event)
            case _:
                pass

    def picture(self, size: Size) -> Picture:
        """What to show now; passages finished since the last picture are in it once."""
        return self._history.picture(self._region(size), size)

    def rows(self, passage: Passage, size: Size) -> list[Line]:
        """A finished passage as it is written."""
        return self._history.rows(passage, size)

    def _new_room(self, name: str) -> ShownRoom:
        headings = Headings(self._messages, has_pack=False, timezone=self._timezone)
        return ShownRoom(printable(name), WaitingMoments(self._messages), headings)

    def _added(self, room: str) -> ShownRoom:
        self._rooms[room] = self._new_room(room)
        self._rooms = dict(sorted(self._rooms.items()))
        return self._rooms[room]

    def _begin_or_end(
        self, room: ShownRoom, event: DeviceAwaited | MeetingCalledOff | MeetingStarted | MeetingEnded
    ) -> None:
        room.open_id, room.open_text, room.is_speech, room.lag_seconds = 0, "", False, 0.0
        room.notices.pop(MICROPHONE_AWAITED, None)
        match event:
            case DeviceAwaited():
                room.state, room.position = AWAITED, 0
                room.take(awaited_notice(event, self._messages, self._timezone))
            case MeetingCalledOff(called_off_at=at):
                room.state = ENDED
                self._finish(room, Passage(at, self._messages.called_off, Style.DIM))
            case MeetingStarted():
                room.state, room.position, self._pack = RECORDING, 0, printable(event.pack)
            case MeetingEnded(at_sample=position, ended_at=at):
                room.state, room.position = ENDED, max(room.position, position)
                for remark in last_remarks(at, room.notices):
                    self._finish(room, remark)
                text = self._messages.ended_line.format(duration=duration(position))
                self._finish(room, Passage(at, text, Style.DIM))

    def _finish(self, room: ShownRoom, passage: Passage) -> None:
        label = f"[{room.name}] " if passage.is_timed else ""  # what has no time belongs to no room
        spans = (Span(label), *passage.spans) if passage.spans and label else passage.spans
        self._history.add([replace(passage, text=label + passage.text, spans=spans)])

    def _region(self, size: Size) -> tuple[Line, ...]:
        """The bar, a row for each room, notices and keys: as many of them as the terminal's height allows."""
        budget = max(1, size.rows - 1)
        is_paused = any(room.state == "‖" or PAUSE_AWAITED in room.notices for room in self._rooms.values())
        keys = [keys_row(self._messages, size.columns, self._offered, is_paused=is_paused)] if budget >= 3 else []
        bar = [self._bar(size)] if budget >= 2 else []
        room = budget - len(keys) - len(bar)
        rooms = self._shown(room)
        notices = notice_rows(self._notices(), size.columns, min(_NOTICE_ROWS, room - len(rooms)))
        return (*bar, *(self._row(one, size) for one in rooms), *notices, *keys)

    @property
    def _offered(self) -> Keys:
        """What can be done now: while all wait for microphones, there is nothing to mark."""
        going = [room for room in self._rooms.values() if room.state not in OVER]
        if self._keys is not Keys.CONTROL:
            return self._keys
        is_awaited = all(MICROPHONE_AWAITED in room.notices for room in going)
        return (Keys.AWAIT if is_awaited else Keys.CONTROL) if going else Keys.LEAVE

    def _shown(self, rows: int) -> list[ShownRoom]:
        """The rooms for which there are rows: where not all have one, those that speak or failed."""
        rooms = list(self._rooms.values())
        if len(rooms) <= rows:
            return rooms
        by_interest = sorted(rooms, key=lambda room: (not room.open_text, not room.is_speech, room.state != FAILED))
        first = by_interest[:rows]
        return [room for room in rooms if any(room is one for one in first)]

    def _bar(self, size: Size) -> Line:
        names = " · ".join(room.name for room in self._rooms.values()) or self._messages.waiting
        pack = f" {self._pack} " if size.columns >= columns_of(self._pack) + 40 else ""
        text = cut(f" {names}", max(0, size.columns - columns_of(pack) - 1))
        rest = " " * max(0, size.columns - columns_of(text) - columns_of(pack)) + pack
        return (Span(text, Style.BAR), Span(rest, Style.BAR))

    def _row(self, room: ShownRoom, size: Size) -> Line:
        longest = max(columns_of(one.name) for one in self._rooms.values())
        name = cut(room.name, max(1, min(longest, size.columns // 4)))
        pad = " " * (min(longest, size.columns // 4) - columns_of(name))
        is_failed = room.state == FAILED
        state = Span(f" {room.shown_state} {name}{pad}", Style.ERROR if is_failed else Style.PLAIN)
        spans = [state, Span(f" {duration(room.position)} {room.moments.marks} ", Style.DIM)]
        if is_failed:
            spans.append(Span(self._messages.room_failed, Style.ERROR))
        elif MICROPHONE_AWAITED in room.notices:
            spans.append(Span(self._messages.awaiting, Style.WARNING))
        lag = room.lag_seconds
        if lag >= _LATE_SECONDS:
            spans.append(Span(f"{self._messages.lag} {lag:.0f} s  ", Style.WARNING))
        text = room.open_text or ("…" if room.is_speech and not room.is_unheard else "")
        return cut_line([*spans, Span(_newest(text, size.columns - width(spans)))], size.columns)

    def _notices(self) -> list[Notice]:
        """What is the same in several rooms, such as that their broker is away, is said once."""
        names: dict[Notice, list[str]] = {}
        for room in self._rooms.values():
            for notice in room.notices.values():
                names.setdefault(notice, []).append(room.name)
        named = [replace(notice, text=f"[{' · '.join(where)}] {notice.text}") for notice, where in names.items()]
        return gravest_first([*self._nowhere.notices.values(), *named])


def _newest(text: str, columns: int) -> str:
    """The text, or as much of its end as fits after an ellipsis."""
    if columns_of(text) <= columns:
        return text
    taken, used = "", 1
    for char in reversed(text):
        used += get_character_cell_size(char)
        if used > columns:
            break
        taken = char + taken
    return "…" + taken if columns > 0 else ""
