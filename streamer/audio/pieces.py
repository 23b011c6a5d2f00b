"""The pieces of a recording: files of sound, each named by the position where it begins.

``000000960000.pcm`` holds raw signed 16-bit little-endian mono samples at 16 kHz from position 960,000 on, so that a
piece cut off by a crash is whole up to its last byte. A closed piece becomes ``000000960000.flac``. The folder is the
index: names give the beginnings, file sizes and FLAC headers the lengths, and nothing can disagree with them.
"""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import soundfile

from streamer.errors import StoreError
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun

SAMPLE_BYTES = 2
"""Bytes of one sample."""
RAW = ".pcm"
"""Suffix of pieces as they are written."""
COMPRESSED = ".flac"
"""Suffix of pieces after compression."""
UNFINISHED = ".part"
"""Suffix of a compressed piece that is not verified yet."""
STRETCH = 5 * SAMPLE_RATE
"""Samples that are read at once, or compressed and compared; whole frames."""

_UNHEARD = SAMPLE_RATE // 20
"""Fewer samples are no tenth of a second."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of a recording."""

    start_sample: int
    """Position of its first sample."""
    end_sample: int
    """Position after its last sample."""
    folder: Path
    """That of the recording, shared by its pieces: there is one a minute, and a ``Path`` takes half a kilobyte."""
    suffix: str
    """:data:`RAW`, :data:`COMPRESSED` or :data:`UNFINISHED`."""

    @property
    def path(self) -> str:
        """The file."""
        return piece_path(self.folder, self.start_sample, self.suffix)

    def read(self, start_sample: int, end_sample: int) -> bytes:
        """Its samples between two positions, both inside it.

        Raises:
            StoreError: the file is missing or damaged.
        """
        try:
            return self._read(start_sample, end_sample)
        except (OSError, soundfile.LibsndfileError) as error:
            compressed = replace(self, suffix=COMPRESSED)
            if self.suffix == RAW and isinstance(error, FileNotFoundError) and os.path.exists(compressed.path):  # noqa: PTH110
                return compressed.read(start_sample, end_sample)  # since it was listed
            raise StoreError(
                f"cannot read the recording {self.path}: {error}; move it away to go on without it"
            ) from error

    def _read(self, start_sample: int, end_sample: int) -> bytes:
        first, count = start_sample - self.start_sample, end_sample - start_sample
        if self.suffix == RAW:
            with open(self.path, "rb") as file:  # noqa: PTH123 - see piece_path
                file.seek(first * SAMPLE_BYTES)
                pcm = file.read(count * SAMPLE_BYTES)
        else:
            with soundfile.SoundFile(os.fsencode(self.path)) as file:
                file.seek(first)
                pcm = bytes(file.buffer_read(count, dtype="int16"))
        if len(pcm) != count * SAMPLE_BYTES:
            raise StoreError(
                f"the recording {self.path} is damaged: {count} samples expected from position {start_sample}, "
                f"{len(pcm) // SAMPLE_BYTES} found"
            )
        return pcm

    def remove(self) -> None:
        """Delete the file, if it is there.

        Raises:
            OSError: the disk refuses.
        """
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self.path)  # noqa: PTH108 - see piece_path


def piece_path(folder: Path, start_sample: int, suffix: str = RAW) -> str:
    """Where a piece that begins at this position is kept.

    No ``Path``: Python remembers the name of each for as long as it lives, in a table where the place of a name that is
    gone stays taken. A few dozen a minute fill it in five hours, and it doubles by a megabyte.
    """
    return os.path.join(folder, f"{start_sample:012d}{suffix}")  # noqa: PTH118


def pieces_of(folder: Path) -> tuple[Piece, ...]:
    """The pieces in a folder, in order; none where there is no such folder. Raw wins where both forms exist.

    Raises:
        StoreError: the folder may not be read, or a compressed piece; or that is damaged.
    """
    try:
        os.scandir(folder).close()  # glob takes a folder that it may not list for an empty one
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except OSError as error:
        raise _unreadable(folder, error) from error
    by_start: dict[int, Piece] = {}
    # Raw pieces first: one that another program compresses meanwhile is found among the compressed ones.
    for suffix in (RAW, COMPRESSED):
        for path in sorted(folder.glob(f"*{suffix}")):
            if path.stem.isascii() and path.stem.isdigit() and str(path) == piece_path(folder, int(path.stem), suffix):
                start = int(path.stem)
                if start not in by_start and (samples := _samples(path)) is not None:
                    by_start[start] = Piece(start, start + samples, folder, suffix)
    return tuple(piece for _, piece in sorted(by_start.items()) if piece.end_sample > piece.start_sample)


def read_sound(pieces: Iterable[Piece], start_sample: int, end_sample: int) -> bytes:
    """The samples between two positions, joined from the pieces that hold them.

    Raises:
        StoreError: a part is not recorded, or damaged.
    """
    found: list[bytes] = []
    position = start_sample
    for piece in pieces:
        if piece.start_sample <= position < min(piece.end_sample, end_sample):
            upto = min(piece.end_sample, end_sample)
            found.append(piece.read(position, upto))
            position = upto
    if position < end_sample:
        raise StoreError(f"samples {position} to {end_sample} are not in the recording")
    return b"".join(found)


def recorded_spans(pieces: Iterable[Piece]) -> tuple[tuple[int, int], ...]:
    """The stretches (first position, position after the last) that pieces cover without a hole, in order."""
    spans: list[tuple[int, int]] = []
    for piece in pieces:
        if spans and spans[-1][1] >= piece.start_sample:
            spans[-1] = (spans[-1][0], max(spans[-1][1], piece.end_sample))
        else:
            spans.append((piece.start_sample, piece.end_sample))
    return tuple(spans)


def missing_seconds(pieces: Iterable[Piece], start_sample: int, end_sample: int) -> float:
    """As :func:`missing_samples`, in seconds to the tenth."""
    return round(missing_samples(pieces, start_sample, end_sample) / SAMPLE_RATE, 1)


def missing_samples(pieces: Iterable[Piece], start_sample: int, end_sample: int) -> int:
    """How many samples between two positions no piece holds."""
    covered = sum(max(0, min(last, end_sample) - max(first, start_sample)) for first, last in recorded_spans(pieces))
    return end_sample - start_sample - covered


def missing_of(folder: Path, end_sample: int) -> float:
    """As :func:`missing_seconds`, up to a position, of the pieces in a folder; of a whole recording two are opened.

    Pieces lie end to end, and all but the last are equally long: where names say so, the first and the last tell.

    Raises:
        StoreError: the folder may not be read, or a piece; or that is damaged.
    """
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError):  # told below
        stems = {path.stem for path in folder.iterdir() if path.suffix in {RAW, COMPRESSED}}
        starts = sorted(int(stem) for stem in stems if stem.isascii() and stem.isdigit())
        lengths = {second - first for first, second in itertools.pairwise(starts)}
        if starts[:1] == [0] and len(lengths) <= 1:
            first, last = _end_of(folder, 0), _end_of(folder, starts[-1])
            if lengths <= {first} and end_sample - last < _UNHEARD:
                return 0.0
    return missing_seconds(pieces_of(folder), 0, end_sample)


def recorded_runs(pieces: Iterable[Piece], start_sample: int, end_sample: int) -> Iterator[FrameRun]:
    """The sound between two positions in stretches of a few seconds; its last frame is filled up with silence.

    Raises:
        StoreError: a part is not recorded, or damaged.
    """
    known = tuple(pieces)
    for first in range(start_sample, end_sample, STRETCH):
        pcm = read_sound(known, first, min(first + STRETCH, end_sample))
        yield FrameRun(pcm + bytes(-len(pcm) % (FRAME_SAMPLES * SAMPLE_BYTES)), first)


def sync_folder(folder: Path) -> None:
    """Make names in a folder durable: files created, renamed or deleted there."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _end_of(folder: Path, start_sample: int) -> int:
    """Position after the last sample of a piece; where it begins, if that is gone."""
    for suffix in (RAW, COMPRESSED):
        path = Path(piece_path(folder, start_sample, suffix))
        if path.exists() and (samples := _samples(path)) is not None:
            return start_sample + samples
    return start_sample


def _samples(path: Path) -> int | None:
    """How many there are; None where a raw piece is gone, because it was compressed."""
    if path.suffix == RAW:
        with contextlib.suppress(FileNotFoundError):
            return path.stat().st_size // SAMPLE_BYTES
        return None
    try:
        return int(soundfile.info(os.fsencode(path)).frames)
    except soundfile.LibsndfileError as error:
        try:
            path.open("rb").close()
        except OSError as refusal:  # libsndfile says "System error" of it
            raise _unreadable(path, refusal) from refusal
        raise StoreError(f"the recording {path} is damaged: {error}; move it away to go on without it") from error


def _unreadable(path: Path, error: OSError) -> StoreError:
    advice = "; read it as the user who recorded it" if isinstance(error, PermissionError) else ""
    return StoreError(f"cannot read the recording {path}: {error.strerror or error}{advice}")
