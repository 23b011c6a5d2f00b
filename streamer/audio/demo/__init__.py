"""The demo meeting: a minute of synthetic speech; what is said in it lies beside it in ``meeting.tsv``."""

from __future__ import annotations

from pathlib import Path

DEMO_SOUND = Path(__file__).with_name("meeting.opus")
"""Ogg/Opus, mono, three synthetic voices; made by ``streamer/training/demo_meeting.py``. Licence: ``NOTICE``."""
