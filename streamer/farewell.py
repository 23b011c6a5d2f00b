"""The farewell: what somebody needs to know when a meeting has ended."""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.archive.archive import AUDIO, Archive
from streamer.audio.pieces import missing_of
from streamer.errors import StoreError
from streamer.meeting.folders import recover_command
from streamer.minutes import Audio, MeetingRecord
from streamer.pipeline import MeetingReport, Worker
from streamer.rooms import RoomOutcome
from streamer.settings import Settings
from streamer.sinks.messages import Messages
from streamer.types import SOUND_MISSING, Notice, Severity

if TYPE_CHECKING:
    from streamer.broadcast import Broadcast


@dataclass(frozen=True, slots=True)
class Farewell:
    """What it is made of, whichever room's meeting has ended."""

    archive: Archive
    settings: Settings
    """How its store is opened."""
    storage: Worker
    messages: Messages

    async def lacking(self, outcome: RoomOutcome) -> Notice | None:
        """What sound a meeting lacks; None where it lacks none, or none was to be kept."""
        # A store that cannot be read now, or a damaged recording, is no failure of a meeting that went well.
        with contextlib.suppress(StoreError):
            if outcome.report is not None and (text := await self._lacking(outcome.report)):
                return Notice(SOUND_MISSING, Severity.WARNING, text)
        return None

    async def lines(self, outcome: RoomOutcome, lacking: Notice | None, broadcast: Broadcast | None) -> list[str]:
        """What a meeting lacks, of sound or all text, where its minutes are, its id, and what its broker has not got.

        Args:
            outcome: how it ended.
            lacking: as :meth:`lacking` gives it.
            broadcast: what speaks to the broker; None: there is none.
        """
        lines = [] if lacking is None else [lacking.text]
        if outcome.report is not None:
            if await self._is_complete_after_all(outcome.report):
                lines.append(self.messages.complete_line)
            lines += await self._whereabouts(outcome.report)
        if broadcast is None:
            return lines
        if count := await asyncio.to_thread(broadcast.count_waiting):
            lines.append(self.messages.unsent_line.format(count=count, broker=broadcast.broker))
        elif outcome.report is not None and not broadcast.has_told_end:
            command = recover_command(outcome.report.started.meeting_id, self.archive.data_dir)
            lines.append(self.messages.untold_line.format(broker=broadcast.broker, command=command))
        return lines

    async def _whereabouts(self, report: MeetingReport) -> list[str]:
        lines, meeting_id = [], report.started.meeting_id
        with contextlib.suppress(StoreError):
            went_well = report.failure is None and not report.lost_utterances  # else an error says why there is no text
            if went_well and not await self.storage.run(partial(self._has_text, meeting_id)):
                lines.append(self.messages.wordless_line)
            _, folder = await self.storage.run(partial(self._found, meeting_id))
            if folder.is_dir():  # else an error says where the text is
                lines.append(self.messages.minutes_line.format(folder=folder))
        return [*lines, self.messages.id_line.format(id=meeting_id)]

    async def _lacking(self, report: MeetingReport) -> str:
        """What is said of it; empty where there is nothing to say.

        Raises:
            StoreError: the store cannot be read, or the recording is damaged.
        """
        seconds, folder = await self._missing(report)
        return self.messages.missing_line.format(seconds=f"{seconds:.1f}", folder=folder) if seconds else ""

    async def _is_complete_after_all(self, report: MeetingReport) -> bool:
        """Whether a warning said that something is not saved or recorded, and nothing is missing."""
        if report.was_refused and report.failure is None:
            with contextlib.suppress(StoreError):  # what cannot be read now is not called complete
                return (await self._missing(report))[0] == 0
        return False

    async def _missing(self, report: MeetingReport) -> tuple[float | None, Path]:
        """Seconds of sound that are not in a meeting's folder, None where none was to be kept; and that folder.

        Raises:
            StoreError: the store cannot be read, or the recording is damaged.
        """
        record, folder = await self.storage.run(partial(self._found, report.started.meeting_id))
        if record.audio is not Audio.KEPT:
            return None, folder
        return await self.storage.run(partial(missing_of, folder / AUDIO, report.samples)), folder

    def _found(self, meeting_id: str) -> tuple[MeetingRecord, Path]:
        """A meeting, and where its minutes are. Called in the storage thread."""
        with contextlib.closing(self.archive.open_store(self.settings)) as store:
            record = store.record(meeting_id)
            return record, self.archive.folder(record)

    def _has_text(self, meeting_id: str) -> bool:
        """Whether anything was heard in a meeting. Called in the storage thread."""
        with contextlib.closing(self.archive.open_store(self.settings)) as store:
            return any(line.text for line in store.lines(meeting_id))
