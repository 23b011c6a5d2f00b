"""What becomes of a file that somebody has changed since it was written here, when a new version takes its name."""

from __future__ import annotations

import itertools
import logging
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from streamer.sinks.messages import messages_for
from streamer.sinks.minutes.seals import is_sealed
from streamer.sinks.printable import printable

logger = logging.getLogger(__name__)

Replacing = Callable[[Path, datetime], None]
"""Told a file that somebody has changed, and when it was saved, before it is replaced; what it raises stops that."""


def tell_of_others(path: Path, digest: bytes, replacing: Replacing) -> None:
    """Tell of a file that somebody else wrote, unless it says the same as what takes its place, or is not there.

    Args:
        path: what is about to be replaced.
        digest: SHA-256 of what takes its place.
        replacing: told.

    Raises:
        OSError: it cannot be read.
    """
    if path.exists() and not is_sealed(path, digest):
        replacing(path, datetime.fromtimestamp(path.stat().st_mtime, UTC))


def keep_beside(path: Path, saved: datetime) -> None:  # noqa: ARG001 - for others, who tell it
    """Give the file another name, and say which.

    Raises:
        OSError: the disk refuses.
    """
    names = (f"{path.stem}.kept{f'-{number}' if number > 1 else ''}{path.suffix}" for number in itertools.count(1))
    kept = next(one for one in map(path.with_name, names) if not os.path.lexists(one))
    path.rename(kept)
    told = messages_for(os.environ).kept_beside.format(path=printable(str(path)), kept=printable(kept.name))
    logger.warning("%s", told)
