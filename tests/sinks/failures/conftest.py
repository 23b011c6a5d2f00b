"""Fixtures of other tests that errors are provoked with."""

from __future__ import annotations

from tests.audio.conftest import fake
from tests.meeting.real_run import studio
from tests.summary.test_endpoint_environment import certificate

__all__ = ["certificate", "fake", "studio"]
