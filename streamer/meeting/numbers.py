"""The numbers that people call lines by: 1, 2, 3 in the order in which they were said."""

from __future__ import annotations

from streamer.errors import StoreError
from streamer.meeting.database import Database
from streamer.meeting.rows import EDITS


def line_numbers(database: Database, meeting_id: str) -> dict[int, int]:
    """Number of each line by the id of its segment.

    Lines that never had text have none. A line that was hidden by an edit keeps its number, so that no other's changes;
    lines that are decoded again are counted from 1 again.

    Raises:
        StoreError: the store cannot be read.
    """
    query = (
        f"SELECT s.id FROM segments s {EDITS} "  # noqa: S608
        "WHERE s.meeting_id = ? AND (s.text <> '' OR e.segment_id IS NOT NULL) ORDER BY s.start_sample, s.id"
    )
    return {int(row[0]): number for number, row in enumerate(database.rows(query, (meeting_id,)), start=1)}


def segment_of(database: Database, meeting_id: str, number: int) -> int:
    """The id of a line's segment.

    Raises:
        StoreError: there is no line of this number, or the store cannot be read.
    """
    numbers = line_numbers(database, meeting_id)
    for segment_id, known in numbers.items():
        if known == number:
            return segment_id
    there = f"its lines are 1 to {len(numbers)}" if numbers else "it has none"
    raise StoreError(f"meeting {meeting_id} has no line {number}: {there}; `streamer meetings show` lists them")
