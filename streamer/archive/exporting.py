"""Exports: a meeting as a file of its own, text or sound."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import cast, get_args
from urllib.parse import quote

import numpy as np
import soundfile

from streamer.archive.archive import Archive
from streamer.archive.books import outdated, shown_entries
from streamer.audio.pieces import pieces_of
from streamer.audio.room import ask_the_disk
from streamer.errors import SettingsError, SinkError, StoreError
from streamer.meeting.folders import MAX_NAME_BYTES, ROOM_FOR_SUFFIX, safe_name
from streamer.meeting.store import MeetingStore
from streamer.meeting.stored import StoredMinutes
from streamer.minutes import MeetingRecord
from streamer.settings import Settings
from streamer.settings.minutes import FormatName
from streamer.sinks.minutes.files import SUFFIXES, open_file
from streamer.sinks.minutes.replacing import tell_of_others
from streamer.sinks.minutes.seals import seal_whole
from streamer.types import SAMPLE_RATE

SOUNDS = ("wav", "flac")
"""Formats of sound."""
EXPORTS: tuple[str, ...] = (*get_args(FormatName), *SOUNDS)
"""Everything that a meeting can be exported to."""
EXPORTS_TOLD = ", ".join(f"{name} (or md)" if name == "markdown" else name for name in EXPORTS)
"""The same, for a person to read."""
ENDINGS = frozenset({*SUFFIXES.values(), *(f".{name}" for name in SOUNDS)})
"""Of the files, each with its dot."""
_LONGEST_WAV = 2**31 - 2048
"""Samples, 37 hours: a WAV counts its bytes to 4 GiB. RF64 is a WAV that counts further."""
_SILENCE = 60 * SAMPLE_RATE
"""Samples of it that are written at once."""
_OTHER_NAMES = {"md": "markdown"}
"""What people type, after the ending of the file."""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A stretch of a meeting's sound."""

    start_sample: int
    end_sample: int
    name: str
    """Follows the meeting's in that of the file."""


def check_exports(names: list[str]) -> list[str]:
    """The formats of these names, each once, all of them known.

    Raises:
        SettingsError: there is none, or one is unknown.
    """
    if not names:
        raise SettingsError(f"no format to export to; expected one or more of {EXPORTS_TOLD}")
    formats = list(dict.fromkeys(_OTHER_NAMES.get(name, name) for name in names))
    for name in formats:
        if name not in EXPORTS:
            raise SettingsError(f"cannot export to {name!r}; expected one of {EXPORTS_TOLD}")
    return formats


def export_meeting(  # noqa: PLR0913 - what of it is optional
    archive: Archive,
    store: MeetingStore,
    record: MeetingRecord,
    settings: Settings,
    name: str,
    folder: Path,
    *,
    excerpt: Excerpt | None = None,
) -> Path:
    """Write a meeting to ``FOLDER/2026-11-20_1430_周会.ENDING``, over what was written there; or its sound.

    ``excerpt``: of the sound, in place of all of it.

    Raises:
        SettingsError: there is no such format.
        SinkError: the file cannot be written, or somebody has changed it since it was written here.
        StoreError: the meeting cannot be read, or its sound is not kept.
        MissingDependencyError: the format needs a package that is not installed.
    """
    (name,) = check_exports([name])
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SinkError(f"cannot write to {folder}: {error.strerror or error}") from error
    path = folder / f"{_stem(record, excerpt)}{f'.{name}' if name in SOUNDS else SUFFIXES[cast('FormatName', name)]}"
    try:
        if name in SOUNDS:
            _export_sound(archive, record, path, excerpt)
        else:
            _export_text(archive, store, record, settings, cast("FormatName", name), path)
    except OSError as error:
        raise SinkError(f"cannot write {path}: {error.strerror or error}") from error
    return path


def _stem(record: MeetingRecord, excerpt: Excerpt | None) -> str:
    if excerpt is None:
        return record.folder
    # A folder of a long title leaves room for an ending only.
    return f"{safe_name(record.folder, MAX_NAME_BYTES - ROOM_FOR_SUFFIX - len(excerpt.name) - 1)}_{excerpt.name}"


def _export_text(
    archive: Archive, store: MeetingStore, record: MeetingRecord, settings: Settings, kind: FormatName, path: Path
) -> None:
    links = archive.links(record)
    base = quote(os.fsencode(os.path.relpath(archive.folder(record), path.parent.absolute())))

    def link(sample: int) -> str | None:
        found = links(sample)
        return None if found is None else f"{base}/{found}"

    source = StoredMinutes(store, record.id, link, outdated(settings))
    entries = ((entry, source.link(entry.position)) for entry in shown_entries(settings)(source.entries()))
    with closing(open_file(kind, path, settings.minutes, partial(_leave, record))) as file:
        for _ in file.rewriting(record, source.summary(), entries):
            pass


def _leave(record: MeetingRecord, path: Path, saved: datetime) -> None:
    """As of :data:`~streamer.sinks.minutes.replacing.Replacing`."""
    when = f"{record.local(saved):%Y-%m-%d %H:%M}"
    raise SinkError(
        f"{path} was saved by somebody at {when}, and is left as it is: rename it, or name another folder with --out"
    )


def _export_sound(archive: Archive, record: MeetingRecord, path: Path, excerpt: Excerpt | None) -> None:
    """All pieces, or an excerpt of them, in one file; where sound is missing, silence keeps the times right."""
    pieces = pieces_of(archive.audio(record))
    if not pieces:
        raise StoreError(f"the sound of meeting {record.id} is not kept")
    start, end = (0, pieces[-1].end_sample) if excerpt is None else (excerpt.start_sample, excerpt.end_sample)
    part, kind = path.with_name(f".{path.name}.part"), path.suffix[1:].upper()
    if kind == "WAV" and end - start > _LONGEST_WAV:
        kind = "RF64"
    try:
        # Made before libsndfile opens it, which would let others read what was said.
        part.unlink(missing_ok=True)
        part.touch(mode=0o600, exist_ok=False)
        with soundfile.SoundFile(
            os.fsencode(part), "w", SAMPLE_RATE, channels=1, subtype="PCM_16", format=kind
        ) as file:
            reached = start
            for piece in pieces:
                first, last = max(reached, piece.start_sample), min(end, piece.end_sample)
                if first < last:
                    _write_silence(file, first - reached)
                    file.write(np.frombuffer(piece.read(first, last), "<i2"))
                    reached = last
        tell_of_others(path, seal_whole(part), partial(_leave, record))
        part.rename(path)
    except soundfile.LibsndfileError as error:
        ask_the_disk(part)
        raise SinkError(f"cannot write {path}: {error}") from error
    finally:
        part.unlink(missing_ok=True)


def _write_silence(file: soundfile.SoundFile, samples: int) -> None:
    """A minute at a time: days may be missing, where a disk was full."""
    for written in range(0, samples, _SILENCE):
        file.write(np.zeros(min(_SILENCE, samples - written), "<i2"))
