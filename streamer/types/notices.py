"""Notices: what a person should know about a meeting."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """How much a notice matters."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


MICROPHONE_LOST = "microphone.lost"
"""Key of the notice that is up while the microphone is away."""
MICROPHONE_CHANGED = "microphone.changed"
"""Key of the notice that is up while another microphone is heard than before: a warning where that one went away."""
MICROPHONE_AWAITED = "microphone.awaited"
"""Key of what is wrong while no meeting has begun because its microphone is not there."""
PAUSE_AWAITED = "microphone.awaited.pause"
"""Key of the notice that a meeting whose microphone is waited for will begin with a pause."""
STORE_FAILED = "store"
"""Key of the notice that is an error while captions cannot be saved, and sound may be missing as well."""
SOUND_UNRECORDED = "store.sound"
"""Key of the notice that is an error while captions are saved and sound is not."""
SOUND_REMARK = "sound.remark"
"""Key of the notice of what was odd about a sound file that could be read; it comes when the sound ends."""
ENDED_BY_SILENCE = "silence"
"""Key of the notice that a meeting ends because nobody has spoken for long; it comes just before the end."""
SOUND_DELETED = "store.deleted"
"""Key of the notice that recordings of earlier meetings were deleted, as the settings ask; it comes first of all."""
SOUND_MISSING = "store.missing"
"""Key of the notice that sound of a meeting is not where it should be; it comes after the meeting's end."""
ROOM_FAILED = "room"
"""Key of the notice that a room's meeting could not be held, or broke off without an end, while others go on."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something a person should know: a muted microphone, a full disk, a broker that is away."""

    key: str
    """Which condition this is about (``microphone.quiet``); a later notice with the same key replaces it."""
    severity: Severity
    text: str
    """For a person to read; empty when the condition is over."""


def unsaved(notices: Mapping[str, Notice]) -> str:
    """Which of :data:`STORE_FAILED` and :data:`SOUND_UNRECORDED` holds, the graver first; empty where all is saved.

    ``notices``: those that are up, by their keys.
    """
    up = (key for key in (STORE_FAILED, SOUND_UNRECORDED) if key in notices)
    return next((key for key in up if notices[key].severity is Severity.ERROR), "")
