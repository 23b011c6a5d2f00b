"""The recording of a running meeting: sound on disk as it arrives."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable
from pathlib import Path

from streamer.audio.compression import Compression
from streamer.audio.open_piece import OpenPiece
from streamer.audio.pieces import SAMPLE_BYTES, Piece, pieces_of, read_sound, sync_folder
from streamer.audio.recording_options import RecordingOptions
from streamer.audio.room import explained, missing_room
from streamer.audio.waiting import WaitingSound
from streamer.errors import RecordingError, StoreError
from streamer.types import Frame, FrameRun

logger = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""Pause between two attempts to write to a disk that refuses."""


class Recording:
    """Writes frames into pieces and gives them back. Used by one thread.

    The disk may refuse (full but for what captions need, unwritable): :meth:`append` then raises for each frame, keeps
    the last minute in memory for :meth:`read`, tries again every second, and goes on in a new piece. What was written
    stays readable, and :meth:`close` tells how much is missing.
    """

    def __init__(
        self,
        folder: Path,
        options: RecordingOptions | None = None,
        clock: Callable[[], float] = time.monotonic,
        find_folder: Callable[[], Path] | None = None,
    ) -> None:
        """``find_folder``: gives the folder to go on in where its own is gone, or raises OSError; None: sound waits."""
        self._folder = folder
        self._find_folder = find_folder
        self._is_astray = False
        """Whether its folder is not where it was."""
        self._options = options or RecordingOptions()
        self._clock = clock
        self._closed_pieces = list(pieces_of(folder))
        self._open: OpenPiece | None = None
        self._waiting = WaitingSound()
        self._synced_at = clock()
        self._unsynced = False
        self._folder_changed = False
        self._refused = self._reason = ""
        self._refused_at = 0.0
        self._compression = Compression()

    @property
    def pieces(self) -> tuple[Piece, ...]:
        """What is on disk now, in order."""
        return (*self._closed_pieces, *((self._open.piece,) if self._open is not None else ()))

    def append(self, sound: Frame | FrameRun) -> None:
        """Write frames; synced to disk at the latest after the options' ``sync_seconds``.

        Raises:
            StoreError: the disk refuses; they wait in memory.
        """
        self._waiting.add(sound.frames)
        now = self._clock()
        try:
            if self._refused and now - self._refused_at < RETRY_SECONDS:
                raise RecordingError(self._refused)
            self._write_waiting()
        finally:
            self._waiting.forget_oldest()
        if now - self._synced_at >= self._options.sync_seconds:
            self.sync()

    def sync(self) -> None:
        """Make everything appended durable.

        Raises:
            StoreError: the disk refuses.
        """
        self._write_waiting()
        if self._open is not None and self._unsynced:
            try:
                os.fsync(self._open.descriptor)
                if self._folder_changed:
                    sync_folder(self._folder)
            except OSError as error:
                raise self._refusal(error) from error
            self._unsynced = self._folder_changed = False
        self._synced_at = self._clock()

    def read(self, start_sample: int, end_sample: int) -> bytes:
        """Sound between two positions, from disk or from what waits for it.

        Raises:
            StoreError: a part is neither on disk nor in memory.
        """
        written = self.pieces[-1].end_sample if self.pieces else 0
        if not self._waiting or end_sample <= min(written, self._waiting.start_sample):
            return read_sound(self.pieces, start_sample, end_sample)
        first, tail = self._waiting.start_sample, self._waiting.pcm
        head = read_sound(self.pieces, start_sample, first) if start_sample < first else b""
        offset = max(0, start_sample - first)
        if first + len(tail) // SAMPLE_BYTES < end_sample:
            raise StoreError(f"samples up to {end_sample} are not recorded yet")
        return head + tail[offset * SAMPLE_BYTES : (end_sample - first) * SAMPLE_BYTES]

    def drop_before(self, sample: int) -> None:
        """Delete the closed pieces that end at or before a position.

        Raises:
            StoreError: the disk refuses.
        """
        while self._closed_pieces and self._closed_pieces[0].end_sample <= sample:
            try:
                self._closed_pieces[0].remove()
            except OSError as error:
                raise self._refusal(error) from error
            self._closed_pieces.pop(0)
            self._folder_changed = True

    def close(self) -> None:
        """Make everything durable and release the files. Safe to call twice.

        Raises:
            StoreError: sound is missing, because the disk refused it; the files are released all the same.
        """
        try:
            self._write_waiting(is_last=True)
            self.sync()
        finally:
            try:
                self._end_piece()
            finally:
                self._compress_closed()
                self._tell_lost()

    def _tell_lost(self) -> None:
        self._waiting.give_up()
        if seconds := self._waiting.lost_seconds:
            raise RecordingError(f"{seconds:.1f} s of sound were not recorded to {self._folder}: {self._reason}")

    def _write_waiting(self, *, is_last: bool = False) -> None:
        """``is_last``: the captions of this meeting need no room any more."""
        if self._is_astray and self._find_folder is not None:
            self._go_on_in(self._find_folder)
        if self._waiting and not is_last:
            self._leave_room()
        while self._waiting:
            together = self._waiting.together(self._options.piece_samples)
            try:
                self._place(together[0]).write(b"".join([frame.pcm for frame in together]))
            except OSError as error:
                raise self._refusal(error) from error
            self._waiting.written(len(together))
            self._unsynced = True
        self._refused = ""

    def _place(self, frame: Frame) -> OpenPiece:
        """The piece that takes this frame; another one where the next begins or where sound is missing."""
        length = self._options.piece_samples
        if self._open is not None:
            piece = self._open.piece
            if piece.end_sample == frame.start_sample and piece.start_sample // length == frame.start_sample // length:
                return self._open
            self._end_piece()
        self._open = OpenPiece(self._folder, frame.start_sample)
        self._folder_changed = True
        return self._open

    def _end_piece(self) -> None:
        """Make the open piece durable and compress it.

        Raises:
            StoreError: the disk refuses; the piece is closed all the same.
        """
        if self._open is None:
            return
        try:
            self._close_piece(self._open)
        except OSError as error:
            raise self._refusal(error) from error
        self._compress_closed()

    def _close_piece(self, ending: OpenPiece) -> None:
        try:
            if self._unsynced:
                os.fsync(ending.descriptor)
            if self._folder_changed:
                sync_folder(self._folder)
                self._folder_changed = False
        finally:
            # First: where closing is refused, too, its number may be another file's by now.
            self._open, self._unsynced = None, False
            is_empty = ending.piece.end_sample == ending.piece.start_sample
            if not is_empty:
                self._closed_pieces.append(ending.piece)
            os.close(ending.descriptor)
            if is_empty:
                ending.piece.remove()

    def _compress_closed(self) -> None:
        if self._options.compress:
            self._compression.compress(self._closed_pieces)

    def _leave_room(self) -> None:
        try:
            reason = missing_room(self._folder, is_full=bool(self._refused))
        except OSError as error:
            raise self._refusal(error) from error
        if reason:
            raise self._refused_because(f"{reason}; free some space")

    def _go_on_in(self, find_folder: Callable[[], Path]) -> None:
        """Write into the folder that is found; what was written goes wherever the old one has gone."""
        try:
            self._folder = find_folder()
            if self._open is not None:
                self._close_piece(self._open)
        except OSError as error:
            raise self._refused_because(explained(error)) from error
        self._closed_pieces = list(pieces_of(self._folder))
        self._is_astray = False

    def _refusal(self, error: OSError) -> RecordingError:
        self._is_astray = isinstance(error, FileNotFoundError)
        if self._is_astray and self._find_folder is not None:
            return self._refused_because("its folder was moved or deleted; it is made anew")
        return self._refused_because(explained(error))

    def _refused_because(self, reason: str) -> RecordingError:
        if not self._refused:
            logger.info("recording stopped: %s", reason)
        self._refused_at, self._reason = self._clock(), reason
        # The folder last: a terminal shows two rows of it, and what to do must stand there.
        self._refused = f"sound is not being recorded: {reason} ({self._folder})"
        return RecordingError(self._refused)
