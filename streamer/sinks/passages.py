"""Finished passages of a meeting as a person reads them: text, marks, gaps, pauses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from streamer.sinks.layout import Span, Style
from streamer.sinks.messages import Messages
from streamer.sinks.printable import printable
from streamer.sinks.sound_reasons import told_reason
from streamer.types import (
    ENDED_BY_SILENCE,
    SOUND_REMARK,
    CaptionsMissed,
    GapFound,
    MarkAdded,
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

_MARK = "◆"


@dataclass(frozen=True, slots=True)
class Passage:
    """Something that happened, finished; safe for a terminal."""

    at: datetime
    """When it began."""
    text: str
    style: Style = Style.PLAIN
    is_timed: bool = True
    """Whether it is shown with its time."""
    spans: tuple[Span, ...] = ()
    """The text in parts that look different; none where all of it has the one style."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A passage that is no text, with its place in the recording: text before it may still come."""

    at_sample: int
    passage: Passage


class WaitingMoments:
    """Marks, gaps and pauses of one meeting that wait for the text before them."""

    def __init__(self, messages: Messages) -> None:
        """``messages``: the language of labels."""
        self._messages = messages
        self._moments: list[Moment] = []

    def follow(self, event: MeetingEvent) -> list[Passage]:
        """The passages before which nothing can be said any more, now that this event has come; they go before it."""
        moment = moment_of(event, self._messages)
        if moment is not None:
            self._moments.append(moment)
        match event:
            case SegmentUpdated(segment=segment) | SegmentFinalized(segment=segment):
                return self._until(segment.start_sample)
            case StatusUpdated(position=position, is_speech=False, lag_seconds=0):
                return self._until(position)
            case MeetingStarted() | MeetingEnded():
                return self._until(float("inf"))
            case _:
                return []

    @property
    def marks(self) -> str:
        """A sign for each mark that waits: whoever set it sees at once that it was."""
        return _MARK * sum(moment.passage.style is Style.MARK for moment in self._moments)

    def _until(self, position: float) -> list[Passage]:
        over = [moment.passage for moment in self._moments if moment.at_sample <= position]
        self._moments = [moment for moment in self._moments if moment.at_sample > position]
        return over


def moment_of(event: MeetingEvent, messages: Messages) -> Moment | None:
    """What a mark, a gap, missed captions, a pause or its end look like; None for other events."""
    match event:
        case MarkAdded(at_sample=position, marked_at=at, note=note):
            text = f"{_MARK} {messages.mark}" + (f" {printable(note)}" if note else "")
            return Moment(position, Passage(at, text, Style.MARK))
        case GapFound(gap=gap):
            reason = printable(told_reason(gap.reason, messages))
            text = messages.gap.format(seconds=f"{gap.seconds:.1f}", reason=reason)
            return Moment(gap.at_sample, Passage(gap.started_at, f"◇ {text}", Style.WARNING))
        case CaptionsMissed(at_sample=position, missed_until=at, count=count):
            return Moment(position, Passage(at, f"◇ {messages.missed.format(count=count)}", Style.WARNING))
        case MeetingPaused(at_sample=position, paused_at=at):
            return Moment(position, Passage(at, f"‖ {messages.pause_line}", Style.DIM))
        case MeetingResumed(at_sample=position, resumed_at=at):
            return Moment(position, Passage(at, f"● {messages.resume_line}", Style.DIM))
        case _:
            return None


def last_remarks(at: datetime, notices: dict[str, Notice]) -> list[Passage]:
    """Take out the notices that stay to be read when the meeting has ended, ``at`` that time."""
    stay = [notices.pop(key) for key in (SOUND_REMARK, ENDED_BY_SILENCE) if key in notices]
    return [Passage(at, f"! {printable(notice.text)}", Style.WARNING) for notice in stay]
