"""What people made of a Word document that was written here before."""

from __future__ import annotations

import re
import zipfile
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from streamer.minutes import MeetingRecord

_PROPERTIES = "docProps/core.xml"
_MODIFIED = re.compile(rb"<dcterms:modified[^>]*>([^<]+)<")


def saved_at(path: Path, record: MeetingRecord) -> datetime | None:
    """When a person saved a document of this meeting last; None: nobody did, or there is none.

    Whoever writes a document puts a time into it: programs for them that of saving, streamer the meeting's. What has
    none, as one with a password, is not from here.

    Raises:
        OSError: it cannot be read.
    """
    try:
        written = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        with suppress(zipfile.BadZipFile, KeyError, ValueError), zipfile.ZipFile(path) as parts:
            if found := _MODIFIED.search(parts.read(_PROPERTIES)):
                written = datetime.fromisoformat(found[1].decode("ascii")).astimezone(UTC)
    except FileNotFoundError:
        return None
    ours = {at.replace(microsecond=0) for at in (record.started_at, record.ended_at) if at is not None}
    return None if written in ours else written
