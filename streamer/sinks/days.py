"""Days, where times are shown without their dates."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone


class Days:
    """Knows above which times a line with the date has to stand: where a new day begins, or clocks were changed."""

    def __init__(self, local: Callable[[datetime], datetime]) -> None:
        """``local``: gives a time by the clock that is shown."""
        self._local = local
        self._known: datetime | None = None
        """The time before, by that clock."""

    def begin(self, at: datetime) -> None:
        """The date of this time is told already."""
        self._known = self._local(at)

    def date_above(self, at: datetime) -> str:
        """The date of a time that is shown next, ``2026-11-21``; empty where it is that of the one before.

        Where the clock was changed, as to summer time: ``2027-03-28 UTC+02:00``.
        """
        before, now = self._known, self._local(at)
        self._known = now
        if before is None:
            return ""
        if (offset := now.utcoffset()) != before.utcoffset() and offset is not None:
            return f"{now:%Y-%m-%d} {timezone(offset)}"
        return f"{now:%Y-%m-%d}" if now.date() != before.date() else ""


def day_line(date: str) -> str:
    """A date as a line among lines of plain text."""
    return f"-- {date} --"
