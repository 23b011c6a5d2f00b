"""The marker in a meeting's folder: which meeting it is of, whatever name somebody gives the folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from streamer.audio.pieces import sync_folder
from streamer.places import anything_at, is_folder

MARKER = ".meeting"
"""File in a meeting's folder that holds the meeting's id."""


def make_meeting_folder(folder: Path, meeting_id: str) -> None:
    """Make a meeting's folder with its marker.

    Raises:
        OSError: the disk refuses, and nothing is left of it; FileExistsError where there is a file or folder of this
            name.
    """
    folder.mkdir(mode=0o700)
    try:
        marker = os.open(folder / MARKER, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(marker, "w", encoding="utf-8") as file:
            file.write(meeting_id)
            file.flush()
            os.fsync(file.fileno())
        sync_folder(folder)
        sync_folder(folder.parent)
    except OSError:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def is_folder_of(folder: Path, meeting_id: str) -> bool:
    """Whether a meeting's folder lies there; one whose marker is lost or unreadable is taken for it.

    Raises:
        OSError: this user may not look.
    """
    marked = _marked(folder)
    return anything_at(folder) if marked is None else marked == meeting_id


def has_content(folder: Path) -> bool:
    """Whether a meeting's folder holds a file beside its marker; none does whose meeting could not begin."""
    return any(path.name != MARKER and not is_folder(path) for path in folder.rglob("*"))


def marked_folders(meetings: Path) -> Iterator[tuple[Path, str]]:
    """The meetings' folders in this one, each with the id that its marker holds."""
    for marker in meetings.glob(f"*/{MARKER}"):
        if marked := _marked(marker.parent):
            yield marker.parent, marked


def free_folder(folder: Path) -> Path:
    """This folder, where nothing lies there, else the first of ``_2``, ``_3`` and so on.

    Raises:
        OSError: this user may not look.
    """
    free, number = folder, 1
    while anything_at(free):
        number += 1
        free = folder.with_name(f"{folder.name}_{number}")
    return free


def _marked(folder: Path) -> str | None:
    """The id in a folder's marker; None where it is lost or damaged, as by a disk that gives zeros."""
    try:
        marked = (folder / MARKER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):  # ValueError: no text, or a folder's name with a character that no name can have
        return None
    return marked if marked.isprintable() and marked else None
