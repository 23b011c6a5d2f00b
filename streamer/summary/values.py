"""What a summary consists of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Origin(StrEnum):
    """How a summary was made."""

    MODEL = "model"
    """A language model wrote it."""
    EXTRACT = "extract"
    """Sentences of the meeting, picked by a library."""


@dataclass(frozen=True, slots=True)
class SummaryLine:
    """A line of the minutes, as a summary sees it."""

    id: int
    """Of its segment."""
    time: str
    """``14:30:05``, by the clock on the meeting's wall."""
    text: str


@dataclass(frozen=True, slots=True)
class Item:
    """One statement of a summary."""

    text: str
    lines: tuple[int, ...] = ()
    """Ids of the lines that it rests on; empty where none were named."""
    owner: str = ""
    """Who does it; for actions, empty where unknown."""
    due: str = ""
    """Until when; for actions, as it was said."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What remains of a meeting."""

    origin: Origin
    source: str
    """Name of the model or of the library."""
    overview: str = ""
    topics: tuple[Item, ...] = ()
    decisions: tuple[Item, ...] = ()
    actions: tuple[Item, ...] = ()
    excerpts: tuple[Item, ...] = ()
    """Sentences as they were said; for extracts only."""
