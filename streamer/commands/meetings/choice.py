"""Which meeting a person means."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Annotated

import typer

from streamer.errors import StoreError
from streamer.minutes import MeetingRecord
from streamer.sinks.minutes.plain import plain

FEWEST_CHARACTERS = 4
"""Of a part of an id, for commands that change a meeting: `streamer meetings list` shows ends no shorter than that."""

_ORDER = "A meeting: `last`, else its whole id, else its exact title, else a part of its id that no other has"

MeetingId = Annotated[str, typer.Argument(metavar="ID", help=f"{_ORDER}.")]
MeetingToChange = Annotated[
    str, typer.Argument(metavar="ID", help=f"{_ORDER}, of at least {FEWEST_CHARACTERS} characters.")
]


def chosen_meeting(records: Sequence[MeetingRecord], name: str, *, changes: bool = False) -> MeetingRecord:
    """The meeting that a person means: `last`, else a whole id, else an exact title, else a part of an id.

    Args:
        records: all meetings, the newest first; there is one.
        name: what the person typed; width does not matter, of ids case neither.
        changes: whether the meeting is to be changed or deleted: a character or two of an id may be chance.

    Raises:
        StoreError: there is none, or more than one.
    """
    if name == "last":
        return records[0]
    if not name.strip():
        raise StoreError("an empty id names no meeting; `streamer meetings` lists them, `last` is the newest")
    part = unicodedata.normalize("NFKC", name).strip().casefold()
    whole = [one for one in records if one.id.casefold() == part]
    titled = whole or [one for one in records if plain(one.title) == plain(name)]
    if len(titled) > 1:
        told = _told([f"{one.id} of {one.local_start:%Y-%m-%d %H:%M}" for one in titled])
        raise StoreError(f"{len(titled)} meetings have the title {name}: {told}; give the id")
    found = titled or [one for one in records if part in one.id.casefold()]
    if not found:
        raise StoreError(f"there is no meeting {name}; `streamer meetings` lists them")
    if changes and not titled and len(part) < FEWEST_CHARACTERS:
        raise StoreError(
            f"{name} is no meeting's title, and too little of an id to change a meeting by: expected at least "
            f"{FEWEST_CHARACTERS} characters of it; `streamer meetings` lists them"
        )
    if len(found) > 1:
        told = _told([one.id for one in found])
        raise StoreError(f"{name} could be any of {len(found)} meetings ({told}); give more of the id")
    return found[0]


def _told(names: list[str]) -> str:
    return ", ".join(names[:5]) + ("…" if len(names) > 5 else "")
