"""A microphone without a microphone: a PulseAudio of our own, whose null sink's monitor is the default input.

A test takes the fixture ``virtual_microphone`` and the marker ``microphone``; what it plays is what is heard.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Self

import pytest

_ASOUND = """
</usr/share/alsa/alsa.conf>
pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.lab { type pulse device lab.monitor }
"""
LATE = "lab"
"""The input of a second microphone, which is there only after :meth:`VirtualMicrophone.plug_in`."""
_SECONDS = 10.0


class VirtualMicrophone:
    """The server and its sink; a context manager. Everything it needs lies in one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._server: subprocess.Popen[bytes] | None = None
        self._clients: list[subprocess.Popen[bytes]] = []
        self.back_at = 0.0
        """When the microphone was there (again): seconds of the monotonic clock."""
        (folder / "asound.conf").write_text(_ASOUND)
        (folder / "home").mkdir()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs in its environment to hear this microphone."""
        home = str(self._folder / "home")
        return {
            "PULSE_SERVER": f"unix:{self._folder / 'socket'}",
            "PULSE_COOKIE": str(self._folder / "cookie"),
            "ALSA_CONFIG_PATH": str(self._folder / "asound.conf"),
            "XDG_RUNTIME_DIR": home,
            "XDG_CONFIG_HOME": home,
        }

    def start(self) -> None:
        """Start the server; returns when the microphone can be heard."""
        self._server = self._run(
            *("pulseaudio", "-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"),
            f"--load=module-native-protocol-unix auth-anonymous=1 socket={self._folder / 'socket'}",
            "--load=module-null-sink sink_name=room rate=16000 channels=1",
        )
        wait_for(lambda: self._control("set-default-source", "room.monitor").returncode == 0)
        self.back_at = time.monotonic()
        self._hasten("room", 1)

    def plug_in(self) -> None:
        """Add the second microphone; returns when it can be heard."""
        self.back_at = time.monotonic()
        self._control("load-module", "module-null-sink", f"sink_name={LATE}", "rate=16000", "channels=1")
        self._hasten(LATE, 2)

    def unplug(self) -> None:
        """Take the second microphone away; returns when it cannot be heard any more."""
        modules = self._control("list", "short", "modules").stdout.decode().splitlines()
        number = next(line.split()[0] for line in modules if f"sink_name={LATE}" in line)
        self._control("unload-module", number).check_returncode()

    def prefer(self, source: str) -> None:
        """Make a source the default."""
        self._control("set-default-source", source).check_returncode()

    def _hasten(self, sink: str, outputs: int) -> None:
        """Let it give its sound at once. ``outputs``: as many clients listen then, at least."""
        # An idle null sink works in steps of two seconds; beside a hasty client it does not, but for the first one.
        heard = self._folder / f"{sink}.pcm"
        heard.unlink(missing_ok=True)
        self._clients.append(self._run("parec", "--latency-msec=20", f"--device={sink}.monitor", "--raw", str(heard)))
        wait_for(lambda: len(self._control("list", "short", "source-outputs").stdout.splitlines()) >= outputs)
        # A sink that is woken begins anew, in the client's steps: what it is asked for is heard at once.
        for is_suspended in ("1", "0"):
            self._control("suspend-sink", sink, is_suspended).check_returncode()
        wait_for(lambda: heard.exists() and heard.stat().st_size > 0)

    def kill(self) -> None:
        """Kill the server, as when it crashes."""
        for client in self._clients:
            _end(client)
        self._clients.clear()
        if self._server is not None:
            _end(self._server)
            (self._folder / "socket").unlink(missing_ok=True)

    def hang(self) -> None:
        """Stop the server without ending it."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a hung server go on."""
        self.back_at = time.monotonic()
        self._signal(signal.SIGCONT)

    def play(self, path: Path, sink: str = "room") -> subprocess.Popen[bytes]:
        """Play a sound file in front of the microphone, or of another one; returns at once."""
        player = self._run("paplay", f"--device={sink}", "--latency-msec=20", str(path))
        self._clients.append(player)
        return player

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    def _run(self, *command: str) -> subprocess.Popen[bytes]:
        environment = os.environ | self.environment
        with (self._folder / f"{command[0]}.log").open("ab") as log:
            return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=log)

    def _control(self, *command: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(["pactl", *command], env=os.environ | self.environment, capture_output=True, check=False)

    def _signal(self, number: signal.Signals) -> None:
        assert self._server is not None
        self._server.send_signal(number)


def wait_for(condition: Callable[[], bool]) -> None:
    """Wait for another program, which gives no event that could be awaited."""
    deadline = time.monotonic() + _SECONDS
    while not condition():
        assert time.monotonic() < deadline, "the other program never became ready"
        time.sleep(0.02)


def _end(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError):
        process.kill()
    process.wait(_SECONDS)


@pytest.fixture
def virtual_microphone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[VirtualMicrophone]:
    """A running virtual microphone, which this process and its children hear as the default input."""
    if shutil.which("pulseaudio") is None:
        pytest.skip("PulseAudio is not installed")
    folder = tmp_path / "pulse"
    folder.mkdir()
    microphone = VirtualMicrophone(folder)
    for name, value in microphone.environment.items():
        monkeypatch.setenv(name, value)
    with microphone:
        yield microphone
