"""The meeting clock: where a position in the recording lies on the wall clock, and back.

Positions count recorded samples only, so pauses and gaps take no room in them; the clock knows where they were.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from datetime import datetime, timedelta

from streamer.types import SAMPLE_RATE, GapFound, MeetingEvent, MeetingResumed


@dataclass(frozen=True, slots=True)
class Anchor:
    """From here on, recording and wall clock run in step."""

    position: int
    """Samples recorded before."""
    at: datetime
    """Wall-clock time (UTC) of the sample at this position."""


class MeetingClock:
    """Follows the events of one meeting; pure, so that minutes made later get the same times as the live captions."""

    def __init__(self, started_at: datetime) -> None:
        self._anchors = [Anchor(0, started_at)]

    def follow(self, event: MeetingEvent) -> None:
        """Take note of a gap or of the end of a pause; other events change nothing."""
        match event:
            case GapFound(gap=gap):
                self._anchor(gap.at_sample, gap.started_at + timedelta(seconds=gap.seconds))
            case MeetingResumed(at_sample=position, resumed_at=at):
                self._anchor(position, at)
            case _:
                pass

    def at(self, position: int) -> datetime:
        """When the sample at this position sounded."""
        anchor = self._anchors[max(0, bisect_right(self._anchors, position, key=lambda one: one.position) - 1)]
        return anchor.at + _duration(position - anchor.position)

    def until(self, position: int) -> datetime:
        """When the sample before this position had sounded: the end of a span, before any pause or gap there."""
        anchor = self._anchors[max(0, bisect_left(self._anchors, position, key=lambda one: one.position) - 1)]
        return anchor.at + _duration(position - anchor.position)

    def position(self, when: datetime) -> int:
        """What was being recorded at a time; inside a pause or a gap, the position where it lies. Never negative."""
        index = max(0, bisect_right(self._anchors, when, key=lambda one: one.at) - 1)
        anchor = self._anchors[index]
        samples = max(0, round((when - anchor.at).total_seconds() * SAMPLE_RATE))
        following = self._anchors[index + 1 : index + 2]
        return min([anchor.position + samples, *(one.position for one in following)])

    def _anchor(self, position: int, at: datetime) -> None:
        """Add an anchor; the wall clock never runs backwards, even when the computer's was set back."""
        last = self._anchors[-1]
        if position < last.position:
            raise ValueError(f"events must come in order: position {position} after {last.position}")
        self._anchors.append(Anchor(position, max(at, self.until(position), last.at)))


def _duration(samples: int) -> timedelta:
    return timedelta(microseconds=samples * 1_000_000 // SAMPLE_RATE)
