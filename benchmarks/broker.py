"""A broker that stops now and then."""

from __future__ import annotations

import asyncio
import shutil
import socket
import subprocess
from pathlib import Path
from typing import Protocol

_BETWEEN_SECONDS = 3480.0
_AWAY_SECONDS = 120.0


class Stops(Protocol):
    """Where stops are counted."""

    broker_stops: int


class SoakBroker:
    """mosquitto on a free port of the loopback address, where it is installed."""

    def __init__(self, folder: Path) -> None:
        """``folder``: for its configuration."""
        self._program = shutil.which("mosquitto", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
        self._folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def is_installed(self) -> bool:
        """Whether there is one."""
        return self._program is not None

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"mqtt://127.0.0.1:{self._port}/soak"

    async def start(self) -> None:
        """Start it."""
        if self._program is None:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        config = self._folder / "mosquitto.conf"
        config.write_text(f"listener {self._port} 127.0.0.1\nallow_anonymous true\n", encoding="utf-8")
        self._process = subprocess.Popen(  # noqa: ASYNC220 - starting a process takes a moment
            [self._program, "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def kill(self) -> None:
        """Stop it at once; safe to call twice."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    async def stop_now_and_then(self, stops: Stops) -> None:
        """Be away for two minutes of every hour."""
        while self.is_installed:
            await asyncio.sleep(_BETWEEN_SECONDS)
            self.kill()
            stops.broker_stops += 1
            await asyncio.sleep(_AWAY_SECONDS)
            await self.start()
