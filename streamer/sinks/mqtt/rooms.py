"""Several rooms as one stream of events, for a view made for one meeting: pure."""

from __future__ import annotations

from dataclasses import replace

from streamer.types import (
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Segment,
    SegmentFinalized,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
)


class RoomMerger:
    """Gives every segment an id that is unique among the rooms, and names the room where there is more than one."""

    def __init__(self, *, many: bool) -> None:
        """``many``: whether more than one room may come."""
        self._many = many
        self._ids: dict[tuple[str, str, int], int] = {}
        self._meetings: dict[str, str] = {}

    def merge(self, room: str, event: MeetingEvent) -> MeetingEvent | None:
        """The event as the view should see it; None where it is about one room and would be taken for all of them."""
        match event:
            case MeetingStarted(meeting_id=meeting):
                self._meetings[room] = meeting
                return replace(event, title=f"{room}  {event.title}") if self._many else event
            case SegmentUpdated(segment=segment):
                return replace(event, segment=self._named(room, segment))
            case SegmentFinalized(segment=segment):
                return replace(event, segment=self._named(room, segment))
            case StatusUpdated() | MeetingPaused() | MeetingResumed() | MeetingEnded() | TitleChanged() if self._many:
                return None
            case _:
                return event

    def _named(self, room: str, segment: Segment) -> Segment:
        key = (room, self._meetings.get(room, ""), segment.id)
        number = self._ids.setdefault(key, len(self._ids) + 1)
        if not self._many or not segment.text:
            return replace(segment, id=number)
        # The stable part is counted in ``spoken``, so the name goes into both.
        name = f"[{room}] "
        return replace(
            segment,
            id=number,
            text=name + segment.text,
            spoken=name + segment.spoken,
            stable_length=len(name) + segment.stable_length,
        )
