"""The compression of a recording's closed pieces."""

from __future__ import annotations

import contextlib
import logging
import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import soundfile

from streamer.audio.pieces import COMPRESSED, RAW, STRETCH, UNFINISHED, Piece, sync_folder
from streamer.audio.room import ask_the_disk
from streamer.errors import RecordingError, StoreError
from streamer.system.memory import give_memory_back
from streamer.types import SAMPLE_RATE

logger = logging.getLogger(__name__)


class Compression:
    """Compresses what is still raw, and remembers what could not be. Used by one thread."""

    def __init__(self) -> None:
        self._is_refused = False
        self._unreadable: set[int] = set()
        """Where pieces begin that cannot be read: deleted or damaged, which those after them are not."""

    def compress(self, pieces: list[Piece]) -> None:
        """Put the compressed form in the place of each raw piece; a disk too full for it now is asked the next time."""
        for index, piece in enumerate(pieces):
            if piece.suffix != RAW or piece.start_sample in self._unreadable:
                continue
            try:
                pieces[index] = compress(piece)
            except RecordingError as error:
                if not self._is_refused:
                    logger.warning("%s", error)
                self._is_refused = True
                return
            except StoreError as error:
                logger.warning("%s", error)
                self._unreadable.add(piece.start_sample)
                continue
            self._is_refused = False
            give_memory_back()  # libsndfile needed 1 MB, and finals give back other threads' heaps only in part


def compress(piece: Piece) -> Piece:
    """Turn a closed raw piece into FLAC: written aside, compared sample by sample, made durable, then put in place.

    At every moment one whole form is on disk.

    Raises:
        RecordingError: the disk refuses; the raw piece stays.
        StoreError: the raw piece cannot be read, or what was written differs; it stays, too.
    """
    part, target = replace(piece, suffix=UNFINISHED), replace(piece, suffix=COMPRESSED)
    try:
        part.remove()
        descriptor = os.open(part.path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            _write_flac(descriptor, piece)
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        if any(piece.read(*stretch) != part.read(*stretch) for stretch in _stretches(piece)):
            raise StoreError(f"compressing {piece.path} changed its samples; it stays as it is")
        os.rename(part.path, target.path)  # noqa: PTH104 - see piece_path
        sync_folder(piece.folder)
        piece.remove()
    except (OSError, soundfile.LibsndfileError) as error:
        raise RecordingError(f"cannot compress {piece.path}: {_reason(error, part)}; it stays as it is") from error
    finally:
        with contextlib.suppress(OSError):  # a disk that refuses this, too, has refused before, and that is told
            part.remove()
    return target


def _reason(error: OSError | soundfile.LibsndfileError, part: Piece) -> str:
    """Why a piece could not be written: libsndfile does not say so of a full disk, but the disk does."""
    try:
        if isinstance(error, soundfile.LibsndfileError):
            ask_the_disk(Path(part.path))
    except OSError as refusal:
        error = refusal
    return str(getattr(error, "strerror", None) or error)


def _stretches(piece: Piece) -> Iterator[tuple[int, int]]:
    """Its positions in parts of a few seconds: a whole minute in memory, several times, would stay with the process."""
    for start in range(piece.start_sample, piece.end_sample, STRETCH):
        yield start, min(start + STRETCH, piece.end_sample)


def _write_flac(descriptor: int, piece: Piece) -> None:
    with soundfile.SoundFile(
        descriptor, "w", SAMPLE_RATE, channels=1, subtype="PCM_16", format="FLAC", closefd=False
    ) as file:
        for start, end in _stretches(piece):
            file.buffer_write(piece.read(start, end), dtype="int16")  # an array would cost a name: see piece_path
