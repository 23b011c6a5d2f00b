"""What people made of a Word document that was written here before."""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from streamer.minutes import MeetingRecord

PROPERTIES: Final = "docProps/core.xml"
"""The part that is sealed: it holds the seal of all parts, as the document's identifier."""
UNSEALED: Final = "streamer:" + 64 * "0"
"""What stands there until all other parts are packed."""
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>([^<]+)<")
_UNREADABLE = (zipfile.BadZipFile, KeyError, ValueError, RuntimeError, zlib.error)
"""What zipfile raises of no package, a damaged one, one without the part, or with a password."""
_SEAL = re.compile(rb"streamer:[0-9a-f]{64}")


def sealed(properties: bytes, package: zipfile.ZipFile) -> bytes:
    """The properties with a seal in them.

    Programs that save a document pack it anew, but not all of them date it in there as well.

    Args:
        properties: with :data:`UNSEALED` in them, or an earlier seal.
        package: with all other parts.
    """
    digest = hashlib.sha256(_SEAL.sub(UNSEALED.encode(), properties))
    for one in sorted(package.infolist(), key=lambda one: one.filename):
        if one.filename != PROPERTIES:
            digest.update(f"{one.filename} {one.CRC}\n".encode())
    return _SEAL.sub(f"streamer:{digest.hexdigest()}".encode(), properties)


def saved_at(path: Path, record: MeetingRecord) -> datetime | None:
    """When a person saved a document of this meeting last; None: nobody did, or there is none.

    What was written here has the meeting's time and a seal that fits, whatever the date of the file is. Anything else
    was saved at the time that is in it, where a program has put in that of saving, else at that of the file.

    Raises:
        OSError: it cannot be read.
    """
    ours = {at.replace(microsecond=0) for at in (record.started_at, record.ended_at) if at is not None}
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with suppress(*_UNREADABLE), zipfile.ZipFile(path) as parts:
            properties = parts.read(PROPERTIES)
            if found := _MODIFIED.search(properties):
                modified = datetime.fromisoformat(found[1].decode("ascii")).astimezone(UTC)
                if modified not in ours:
                    return modified
                if _SEAL.search(properties) and properties == sealed(properties, parts):
                    return None
    except FileNotFoundError:
        return None
    return written
