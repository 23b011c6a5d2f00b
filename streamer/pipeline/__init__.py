"""The live pipeline: a source becomes segments, and segments become events for every sink."""

from __future__ import annotations

from streamer.pipeline.decoding import Recognition
from streamer.pipeline.load import MeetingLoad
from streamer.pipeline.meeting import Meeting
from streamer.pipeline.plan import MeetingPlan, MeetingReport, Services
from streamer.pipeline.turns import InferenceTurns
from streamer.pipeline.worker import Worker

__all__ = [
    "InferenceTurns",
    "Meeting",
    "MeetingLoad",
    "MeetingPlan",
    "MeetingReport",
    "Recognition",
    "Services",
    "Worker",
]
