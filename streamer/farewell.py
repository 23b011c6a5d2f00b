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
from streamer.minutes import Audio
from streamer.pipeline import MeetingReport, Worker
from streamer.rooms import RoomOutcome
from streamer.settings import Settings
from streamer.sinks.messages import Messages
from streamer.types import SOUND_MISSING, Notice, Severity

if TYPE_CHECKING:
    from streamer.broadcast import Broadcast


@dataclass(frozen=True, slots=True)
class _Kept:
    """What is in the archive of a meeting that has ended."""

    folder: Path
    missing_s: float | None
    """Seconds of sound that are not there; None: none was to be kept, or the recording cannot be read."""
    is_wordless: bool
    """Whether there is no text."""


@dataclass(frozen=True, slots=True)
class Farewell:
    """What it is made of, whichever room's meeting has ended."""

    archive: Archive
    settings: Settings
    """How its store is opened."""
    storage: Worker
    messages: Messages

    async def said(self, outcome: RoomOutcome, broadcast: Broadcast | None) -> tuple[Notice | None, list[str]]:
        """What sound a meeting lacks, for programs, and what people are told, of which that is the first.

        The notice is None where no sound is missing, or none was to be kept. The lines say that, or that there is no
        text, where its minutes are, its id, and what its broker has not got.

        Args:
            outcome: how it ended.
            broadcast: what speaks to the broker; None: there is none.
        """
        lacking, lines = None, []
        if (report := outcome.report) is not None:
            kept = await self._kept(report)
            if kept is not None and kept.missing_s:
                text = self.messages.missing_line.format(seconds=f"{kept.missing_s:.1f}", folder=kept.folder)
                lacking, lines = Notice(SOUND_MISSING, Severity.WARNING, text), [text]
            lines += self._whereabouts(report, kept)
        if broadcast is None:
            return lacking, lines
        if count := await asyncio.to_thread(broadcast.count_waiting):
            lines.append(self.messages.unsent_line.format(count=count, broker=broadcast.broker))
        elif report is not None and not broadcast.has_told_end:
            command = recover_command(report.started.meeting_id, self.archive.data_dir)
            lines.append(self.messages.untold_line.format(broker=broadcast.broker, command=command))
        return lacking, lines

    def _whereabouts(self, report: MeetingReport, kept: _Kept | None) -> list[str]:
        lines, meeting_id = [], report.started.meeting_id
        if kept is not None:
            if report.was_refused and report.failure is None and kept.missing_s == 0:
                lines.append(self.messages.complete_line)  # a warning said that something is not saved or recorded
            if kept.is_wordless and report.failure is None and not report.lost_utterances:  # else an error says why
                lines.append(self.messages.wordless_line)
            if kept.folder.is_dir():  # else an error says where the text is
                lines.append(self.messages.minutes_line.format(folder=kept.folder))
        return [*lines, self.messages.id_line.format(id=meeting_id)]

    async def _kept(self, report: MeetingReport) -> _Kept | None:
        """What is in the archive of a meeting; None where its store cannot be read now, which is no failure of it."""
        with contextlib.suppress(StoreError):
            return await self.storage.run(partial(self._found, report))
        return None

    def _found(self, report: MeetingReport) -> _Kept:
        """The same. Called in the storage thread.

        Raises:
            StoreError: the store cannot be read.
        """
        with contextlib.closing(self.archive.open_store(self.settings)) as store:
            record = store.record(report.started.meeting_id)
            is_wordless = not any(line.text for line in store.lines(record.id))
        folder, missing_s = self.archive.folder(record), None
        if record.audio is Audio.KEPT:
            with contextlib.suppress(StoreError):  # a damaged recording is neither complete nor short
                missing_s = missing_of(folder / AUDIO, report.samples)
        return _Kept(folder, missing_s, is_wordless=is_wordless)
