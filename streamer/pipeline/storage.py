"""One meeting's way to its journal, through the storage thread."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final

from streamer.errors import NOTICED, RecordingError, StoreError, StoreHungError
from streamer.interfaces import Journal
from streamer.pipeline.worker import Calls
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, Frame, FrameRun, MeetingEvent

logger = logging.getLogger(__name__)

_BATCH_FRAMES = SAMPLE_RATE // 5 // FRAME_SAMPLES
"""Frames handed over at once: 200 ms; a thread switch for every frame would cost more than the writing."""
_SILENT_S: Final = 5.0
"""From when on a call that is not done is a disk that hangs. A busy one, or a card that tidies itself up, needs
a second or two."""


class Storage:
    """Appends, reads and records in the order they were asked for, on the storage thread; the loop never blocks.

    A journal that fails is asked again with every call: captions go on, and :attr:`failure` says what is wrong.
    """

    def __init__(self, journal: Journal, calls: Calls, *, waiting_frames: int) -> None:
        """``waiting_frames``: sound that may wait for a slow disk before :meth:`has_room` waits as well."""
        self._journal = journal
        self._calls = calls
        # Policy: never dropped; when full, listening waits, and the source counts what it cannot hold as a gap.
        self._frames: deque[Frame] = deque()
        self._waiting_frames = waiting_frames
        self._is_draining = False
        """Whether the storage thread is about to append what waits."""
        self._draining_since = 0.0
        self._recording: asyncio.Future[None] | None = None
        """The newest call that records events."""
        self._recording_since = 0.0
        self._sound_failure: StoreError | None = None
        self._event_failure: StoreError | None = None
        self._closing_failure: StoreError | None = None
        self._defect: BaseException | None = None
        self._has_refused = False

    @property
    def failure(self) -> StoreError | None:
        """Why sound or events cannot be stored now, at the end what is missing; None while the journal works.

        Called in the event loop.
        """
        if self._is_hung():
            return StoreHungError("the disk does not answer")
        found = [each for each in (self._event_failure, self._sound_failure) if each is not None]
        # Captions that are not stored matter more than sound.
        return self._closing_failure or min(found, key=lambda each: isinstance(each, RecordingError), default=None)

    @property
    def has_refused(self) -> bool:
        """Whether the journal has refused anything, however briefly."""
        return self._has_refused

    @property
    def waiting_frames(self) -> int:
        """Frames that are not on their way to the disk yet."""
        return len(self._frames)

    def append(self, sound: Frame | FrameRun) -> None:
        """Take frames for the recording, in time for every later call."""
        if self._defect is not None:
            raise self._defect
        self._frames.extend(sound.frames)
        if len(self._frames) >= _BATCH_FRAMES and not self._is_draining:
            self._is_draining, self._draining_since = True, asyncio.get_running_loop().time()
            self._calls.post(self._drain_batch)

    async def has_room(self) -> None:
        """Wait while the disk is far behind."""
        while len(self._frames) >= self._waiting_frames and self._is_draining:
            await self._calls.run(_nothing)

    async def read(self, start_sample: int, end_sample: int) -> bytes:
        """Sound of the recording.

        Raises:
            StoreError: that part is not recorded.
        """

        def work() -> bytes:
            self._drain()
            return self._journal.read(start_sample, end_sample)

        return await self._calls.run(work)

    def record(self, events: Sequence[MeetingEvent]) -> asyncio.Future[None]:
        """Have events made durable, and before them all sound so far. A failure is kept in :attr:`failure`.

        To be called again when the call before is done, so that a disk that hangs has one call waiting.
        """

        def work() -> None:
            self._drain()
            for event in events:
                self._try(partial(self._journal.record, event))

        self._recording_since = asyncio.get_running_loop().time()
        self._recording = self._calls.run(work)
        return self._recording

    def changes(self) -> asyncio.Future[Sequence[MeetingEvent]]:
        """What other programs have changed in the meeting; none where the store cannot be read now."""

        def work() -> Sequence[MeetingEvent]:
            try:
                return self._journal.changes()
            except StoreError:
                return ()  # they are asked for again, and the next event says what is wrong

        return self._calls.run(work)

    async def close(self) -> None:
        """Make everything durable and release the journal."""

        def work() -> None:
            self._drain()
            self._try(close)
            self._closing_failure = self._event_failure

        def close() -> None:
            self._journal.close()
            self._sound_failure = None  # what waited is written: nothing is missing

        await self._calls.run(work)

    def _is_hung(self) -> bool:
        began = [self._draining_since] if self._is_draining else []
        if self._recording is not None and not self._recording.done():
            began.append(self._recording_since)
        return bool(began) and asyncio.get_running_loop().time() - min(began) >= _SILENT_S

    def _try(self, work: Callable[[], None]) -> None:
        """Do something to the journal, in the storage thread; what fails is kept."""
        try:
            work()
        except RecordingError as error:
            # The event itself is stored.
            self._note_sound(error)
            self._event_failure = None
        except StoreError as error:
            self._note_events(error)
        else:
            self._event_failure = None

    def _drain_batch(self) -> None:
        """As :meth:`_drain`, for nobody who waits: the next :meth:`append` raises what goes wrong."""
        try:
            self._drain()
        except Exception as error:  # noqa: BLE001 - it ends the meeting there, whatever it is
            self._defect = error
        finally:
            self._is_draining = False

    def _drain(self) -> None:
        """Append what waits, in the storage thread. A frame that cannot be written is lost to the recording only."""
        failure: StoreError | None = None
        appended = 0
        while self._frames:
            try:
                self._journal.append(self._take_row())
                appended += 1
            except StoreError as error:
                failure = error
        if isinstance(failure, RecordingError):
            self._note_sound(failure)
        elif failure is not None:  # the sound was taken, but events still wait
            self._note_events(failure)
            self._sound_failure = None
        elif appended:
            self._sound_failure = self._event_failure = None

    def _note_events(self, failure: StoreError) -> None:
        if self._event_failure is None:
            logger.error("the meeting store failed: %s", failure, extra=NOTICED)
        self._event_failure, self._has_refused = failure, True

    def _note_sound(self, failure: StoreError) -> None:
        if self._sound_failure is None:
            logger.error("the recording failed: %s", failure, extra=NOTICED)
        self._sound_failure, self._has_refused = failure, True

    def _take_row(self) -> FrameRun:
        """The frames that wait, up to where sound is missing: written together, they cost one call of the system."""
        first = self._frames.popleft()
        row = [first.pcm]
        while self._frames and self._frames[0].start_sample == first.start_sample + len(row) * FRAME_SAMPLES:
            row.append(self._frames.popleft().pcm)
        return FrameRun(b"".join(row), first.start_sample)


def _nothing() -> None:
    """What is called where only the calls before it matter."""
