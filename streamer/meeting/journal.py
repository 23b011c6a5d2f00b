"""The journal of a running meeting: sound and events on disk, in the order that a crash cannot undo."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import Protocol

from streamer.errors import StoreError
from streamer.meeting.aside import AsideFile, Waiting
from streamer.meeting.folders import recover_command
from streamer.meeting.outbox import OutboxEntry
from streamer.meeting.store import MeetingStore
from streamer.types import (
    MAX_UTTERANCE_SAMPLES,
    Frame,
    FrameRun,
    MeetingEnded,
    MeetingEvent,
    MeetingStarted,
    Notice,
    SegmentFinalized,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
)

RETRY_SECONDS = 1.0
"""Pause between two attempts to write to a store that refuses."""

Announce = Callable[[MeetingEvent], Sequence[OutboxEntry]]
"""Messages to put into the outbox together with an event. Called in the storage thread; must not fail."""


class SoundRecording(Protocol):
    """Sound on disk. The journal calls it in the storage thread; all methods raise StoreError."""

    def append(self, sound: Frame | FrameRun) -> None:
        """Write frames, synced within the second."""

    def sync(self) -> None:
        """Make everything appended durable."""

    def read(self, start_sample: int, end_sample: int) -> bytes:
        """Sound between two positions."""

    def drop_before(self, sample: int) -> None:
        """Delete the pieces that end at or before a position."""

    def close(self) -> None:
        """Make everything durable and release the files."""


class MeetingJournal:
    """:class:`~streamer.interfaces.Journal` on a recording and the meeting store. Used by one thread.

    A final is committed only after the sound it was made of is synced. When the disk refuses, what cannot be written
    waits in memory, in order, and is tried again once a second, whichever method is called; each call that leaves
    something unwritten raises :class:`~streamer.errors.StoreError`, and the text of a final is never held back by
    sound that cannot be written. Meanwhile events are put aside where another disk takes them.
    """

    def __init__(  # noqa: PLR0913 - the optional ones are for the composition root and tests
        self,
        store: MeetingStore,
        recording: SoundRecording,
        meeting_id: str,
        *,
        keep_sound: bool = True,
        announce: Announce | None = None,
        aside: AsideFile | None = None,
        on_close: Callable[[], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Take over a recording and a meeting that has begun.

        Args:
            store: where events go; closed by ``on_close``.
            recording: where sound goes; closed with the journal.
            meeting_id: the meeting's.
            keep_sound: False deletes sound once its finals are durable.
            announce: messages for the outbox.
            aside: takes the events that the store refuses; None: they are in memory only.
            on_close: called once, after the recording is closed; None closes the store.
            clock: seconds, monotonic.
        """
        self.meeting_id = meeting_id
        """Which meeting this is."""
        self.store = store
        """The store it writes to; same thread only."""
        self._recording = recording
        self._keep_sound = keep_sound
        self._announce = announce or _nothing
        self._clock = clock
        self._aside = aside or AsideFile(meeting_id, ())
        # Bounded by what is said while the store refuses: a few hundred bytes a segment.
        self._waiting: list[Waiting] = []
        self._refused_at: float | None = None
        self._refusal = ""
        self._is_closed = False
        self._end_sample: int | None = None
        """The meeting's length, once it has ended."""
        self._title = store.record(meeting_id).title
        self._changed_title: TitleChanged | None = None
        """By another program: the store has it."""
        self._owned = ExitStack()
        self._owned.callback(on_close or store.close)
        self._owned.callback(self._forget_all_sound)
        self._owned.callback(recording.close)

    def append(self, sound: Frame | FrameRun) -> None:
        """Add frames to the recording, durable within the second.

        Raises:
            StoreError: the disk refuses, and they wait in memory; or events wait that the store refused.
        """
        self._recording.append(sound)
        if self._refused_at is not None:
            if self._clock() - self._refused_at < RETRY_SECONDS:
                raise StoreError(self._refusal)
            self._commit()

    def read(self, start_sample: int, end_sample: int) -> bytes:
        """Sound of the recording, frames just appended included.

        Raises:
            StoreError: that part is not recorded.
        """
        return self._recording.read(start_sample, end_sample)

    def record(self, event: MeetingEvent) -> None:
        """Make an event durable, and before it all sound so far. Partials, status and notices are passed over.

        Raises:
            StoreError: the store refuses, and the event waits in memory; or the sound could not be synced.
        """
        if isinstance(event, (MeetingStarted, SegmentUpdated, StatusUpdated, Notice)) or event is self._changed_title:
            return
        if isinstance(event, TitleChanged):
            self._title = event.title
        self._waiting.append((event, self._announce(event)))
        if isinstance(event, MeetingEnded):
            self._end_sample = event.at_sample
        try:
            self._recording.sync()
        finally:
            self._commit()
        if not self._keep_sound and isinstance(event, SegmentFinalized):
            # What no caption will need again; a seam may look back one utterance.
            self._recording.drop_before(event.segment.end_sample - MAX_UTTERANCE_SAMPLES)

    def changes(self) -> tuple[MeetingEvent, ...]:
        """The title, where another program (`streamer meetings rename`) has changed it since this was asked last.

        Raises:
            StoreError: the store cannot be read.
        """
        title = self._title if self._waiting else self.store.record(self.meeting_id).title
        if title == self._title:
            return ()
        self._title, self._changed_title = title, TitleChanged(title)
        return (self._changed_title,)

    def close(self) -> None:
        """Make everything durable and release the files. Safe to call twice.

        Raises:
            StoreError: events or sound could not be written; the files are released all the same.
            RecordingError: sound alone.
        """
        if self._is_closed:
            return
        self._is_closed = True
        failures: list[StoreError] = []
        if self._waiting:
            self.store.database.wait_for_locks()  # nothing else waits for this thread any more
        with contextlib.suppress(StoreError):  # told when the recording is closed
            self._recording.sync()
        try:
            self._commit()
        except StoreError as error:
            failures.append(StoreError(self._told_unsaved(error)))
        finally:
            self._aside.close()
            try:
                self._owned.close()
            except StoreError as error:
                failures.append(error)
        if len(failures) == 1:
            raise failures[0]
        if failures:
            raise StoreError("\n".join(map(str, failures))) from failures[0]

    def _commit(self) -> None:
        if not self._waiting:
            return
        try:
            self.store.add(self.meeting_id, self._waiting)
        except StoreError as error:
            if self._refused_at is None:
                self.store.database.wait_for_locks(0)  # later attempts must not hold up the sound
            self._refused_at, self._refusal = self._clock(), str(error)
            self._aside.keep(self._waiting)
            raise
        if self._refused_at is not None:
            self._refused_at = None
            self._aside.remove()
            self.store.database.wait_for_locks()
        self._waiting.clear()

    def _told_unsaved(self, error: StoreError) -> str:
        """What the store does not have at the end, why, where it is, and how it gets there."""
        captions = sum(isinstance(event, SegmentFinalized) and bool(event.segment.text) for event, _ in self._waiting)
        path = self._aside.path
        if path is None:
            where = "no other disk took them: copy the captions from the screen now"
        else:
            command = recover_command(self.meeting_id, self.store.database.path.parent)
            where = f"they lie in {path}; once that is mended, before this machine restarts, `{command}` puts them back"
        return f"captions ({captions}) and the end are not in the meeting: {error}; {where}"

    def _forget_all_sound(self) -> None:
        """Delete sound that is not kept. What a meeting without its end in the store has left is for its recovery."""
        if not self._keep_sound and self._end_sample is not None and not self._waiting:
            self._recording.drop_before(self._end_sample)


def _nothing(_event: MeetingEvent) -> Sequence[OutboxEntry]:
    return ()
