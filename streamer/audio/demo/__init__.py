"""The demo meeting: a minute of synthetic speech, and what is said in it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

DEMO_SOUND = Path(__file__).with_name("meeting.opus")
"""Ogg/Opus, mono, three synthetic voices; made by ``streamer/training/demo_meeting.py``. Licence: ``NOTICE``."""


@dataclass(frozen=True, slots=True)
class DemoLine:
    """What one of the three says."""

    start: float
    """Seconds from the beginning."""
    end: float
    """Seconds from the beginning."""
    speaker: str
    text: str
    """With punctuation; numbers in characters, as they are spoken."""


def demo_lines() -> list[DemoLine]:
    """The transcript, in order."""
    rows = DEMO_SOUND.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()[1:]
    cells = [row.split("\t") for row in rows]
    return [DemoLine(float(start), float(end), speaker, text) for start, end, speaker, text in cells]
