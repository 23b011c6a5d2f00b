"""Fixtures of the stand-in for Ascend hardware."""

from __future__ import annotations

from tests.acl_simulator.fixtures import acl, altered, processes, runtime, tiny_files

__all__ = ["acl", "altered", "processes", "runtime", "tiny_files"]
