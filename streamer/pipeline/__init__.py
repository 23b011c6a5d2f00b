"""The live pipeline: a source becomes segments, and segments become events for every sink."""

from __future__ import annotations

from streamer.pipeline.decoding import Recognition
from streamer.pipeline.load import MeetingLoad, SinkLoad
from streamer.pipeline.meeting import Meeting
from streamer.pipeline.plan import MeetingPlan, MeetingReport, Services
from streamer.pipeline.turns import InferenceTurns
from streamer.pipeline.worker import Calls, Worker

__all__ = [
    "Calls",
    "InferenceTurns",
    "Meeting",
    "MeetingLoad",
    "MeetingPlan",
    "MeetingReport",
    "Recognition",
    "Services",
    "SinkLoad",
    "Worker",
]
