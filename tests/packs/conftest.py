"""Fixtures of the stand-in for Ascend hardware, and of packs that are converted."""

from __future__ import annotations

from tests.acl_simulator.fixtures import processes
from tests.packs.converting import fake_atc, no_atc, static_pack

__all__ = ["fake_atc", "no_atc", "processes", "static_pack"]
