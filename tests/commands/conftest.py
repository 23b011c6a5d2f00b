"""Fixtures of the stand-in for Ascend hardware, of packs, of a kept meeting, of scripted models, and of real runs."""

from __future__ import annotations

from tests.acl_simulator.fixtures import acl, altered, processes, runtime, tiny_files
from tests.commands.doctoring import many_inputs, static_pack
from tests.commands.kept_meetings import english, meetings
from tests.commands.transcribing import opened
from tests.meeting.real_run import studio

__all__ = [
    "acl",
    "altered",
    "english",
    "many_inputs",
    "meetings",
    "opened",
    "processes",
    "runtime",
    "static_pack",
    "studio",
    "tiny_files",
]
