"""Names of folders and files, made from titles that anybody may choose, and how a command is told of a folder."""

from __future__ import annotations

import re
import shlex
import unicodedata
from datetime import datetime
from pathlib import Path

MAX_NAME_BYTES = 255
"""What file systems allow for one name."""
ROOM_FOR_SUFFIX = 16
"""Bytes kept for what comes to a name: a number that tells two meetings apart; the dot, the ending and the ``.part``
of a file while it is exported.
"""
_SEPARATORS = re.compile(r'[\s/\\:*?"<>|]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\..*)?$")


def safe_name(text: str, max_bytes: int = MAX_NAME_BYTES - ROOM_FOR_SUFFIX) -> str:
    """A text as the name of a file or folder on any common system; empty where nothing usable is left.

    Separators and spaces become one underscore, control and invisible characters go, neither dots nor underscores
    stand at an end, reserved names of Windows get an underscore, and the name is cut between characters.
    """
    visible = "".join(
        one for one in unicodedata.normalize("NFC", text) if one.isspace() or unicodedata.category(one)[0] != "C"
    )
    name = _SEPARATORS.sub("_", visible).strip("._ ")
    if _RESERVED.match(name):
        name = f"_{name}"
    while len(name.encode()) > max_bytes:
        name = name[:-1]
    return name.rstrip("._ ")


def meeting_folder(local_start: datetime, title: str, number: int = 1) -> str:
    """``2026-11-20_1430_周会``; with ``_2`` and so on for further meetings of that minute and title."""
    stem = f"{local_start:%Y-%m-%d_%H%M}"
    name = safe_name(title, MAX_NAME_BYTES - ROOM_FOR_SUFFIX - len(stem) - 1)
    return "_".join(part for part in (stem, name, str(number) if number > 1 else "") if part)


def recover_command(meeting_id: str, data_dir: Path) -> str:
    """What a person types to have a meeting of this data folder completed."""
    return f"streamer recover {meeting_id} --data-dir {shlex.quote(str(data_dir))}"
