"""A meeting of the store as what minutes are written from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from heapq import merge
from operator import attrgetter

from streamer.meeting.store import MeetingStore
from streamer.meeting.summaries import summary_is_outdated, summary_text
from streamer.minutes import Audio, Line, MeetingRecord, Moment


class StoredMinutes:
    """:class:`~streamer.minutes.MinutesSource` on the meeting store. Same thread as the store."""

    def __init__(
        self, store: MeetingStore, meeting_id: str, link: Callable[[int], str | None], outdated: str = ""
    ) -> None:
        """Look the meeting up.

        Args:
            store: it is read as often as it is asked for.
            meeting_id: the meeting's.
            link: where a position is heard, for recordings that are kept.
            outdated: what stands below a summary of text that has changed since.

        Raises:
            StoreError: there is no such meeting.
        """
        self._outdated = outdated
        self._store = store
        self._id = meeting_id
        self._link = link
        self._has_sound = store.record(meeting_id).audio is Audio.KEPT

    def record(self) -> MeetingRecord:
        """The meeting, as it is now."""
        return self._store.record(self._id)

    def entries(self) -> Iterator[Line | Moment]:
        """Lines with text and moments in order of position, read as they are asked for."""
        lines = (line for line in self._store.lines(self._id) if line.text)
        return merge(self._store.moments(self._id), lines, key=attrgetter("position"))

    def summary(self) -> str:
        """The summary as plain text; empty where there is none."""
        text = summary_text(self._store.database, self._id)
        if text and self._outdated and summary_is_outdated(self._store.database, self._id):
            return f"{text.rstrip()}\n{self._outdated}"
        return text

    def edition(self) -> str:
        """Changes with the title, an edit, the summary, lines decoded again."""
        return self._store.edition(self._id)

    def link(self, sample: int) -> str | None:
        """Where this position is heard; None without a recording."""
        return self._link(sample) if self._has_sound else None
