"""Fixtures of the stand-in for Ascend hardware, and of a kept meeting."""

from __future__ import annotations

from tests.acl_simulator.fixtures import acl, altered, processes, runtime, tiny_files
from tests.commands.kept_meetings import english, meetings

__all__ = ["acl", "altered", "english", "meetings", "processes", "runtime", "tiny_files"]
