"""Fixtures of the stand-in for Ascend hardware, and of a kept meeting, and of scripted models."""

from __future__ import annotations

from tests.acl_simulator.fixtures import acl, altered, processes, runtime, tiny_files
from tests.commands.kept_meetings import english, meetings
from tests.commands.transcribing import opened

__all__ = ["acl", "altered", "english", "meetings", "opened", "processes", "runtime", "tiny_files"]
