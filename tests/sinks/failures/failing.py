"""What fails, as a person with a Chinese locale reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import StreamerError
from streamer.sinks.failures.failure import told_failure
from streamer.sinks.messages import CHINESE


def chinese(call: Callable[[], object]) -> str:
    """What a call fails with."""
    with pytest.raises(StreamerError) as failed:
        call()
    return told_failure(str(failed.value), CHINESE)


def command(*arguments: str | Path) -> str:
    """What a command line fails with."""
    return chinese(lambda: CliRunner().invoke(app, [*map(str, arguments)], catch_exceptions=False))
