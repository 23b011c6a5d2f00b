"""Faults that the simulator injects: which call of which API fails, and how."""

from __future__ import annotations

import os
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

DEVICE_FAULTS = range(507000, 508000)
"""Codes after which a context is lost."""
HANG = "hang"
DIE = "die"


@dataclass(frozen=True, slots=True)
class Fault:
    """One failure."""

    api: str
    """Name below ``acl``: ``rt.malloc``."""
    call: int
    """The n-th call of this API in this process, from 1."""
    code: int | str
    """The documented code it returns; ``hang`` never returns, ``die`` kills the process."""
    lasting: bool = False
    """Whether all later calls fail too."""
    marker: Path | None = None
    """A file that is made when the fault fires; it fires no more where the file exists, in any process."""

    def fires(self, api: str, call: int) -> bool:
        """Whether this call fails."""
        if api != self.api or call < self.call or (call > self.call and not self.lasting):
            return False
        if self.marker is None:
            return True
        try:
            self.marker.touch(exist_ok=False)
        except FileExistsError:
            return False
        return True


def parse_faults(text: str, folder: Path | None, *, once: bool) -> list[Fault]:
    """Read ``rt.malloc:3:207001,mdl.execute_async:1+:507011``.

    Args:
        text: faults as ``api:call:code``, ``+`` after the call for this one and all later ones.
        folder: where markers lie, for ``once``.
        once: each fault fires once over all processes.
    """
    faults = []
    for number, entry in enumerate(filter(None, text.split(","))):
        api, call, code = entry.strip().split(":")
        marker = folder / f"fault-{number}-fired" if once and folder is not None else None
        faults.append(
            Fault(api, int(call.rstrip("+")), int(code) if code.isdigit() else code, call.endswith("+"), marker)
        )
    return faults


def perform(code: int | str) -> int:
    """Hang or die where the fault says so; else the code to return."""
    if code == HANG:
        threading.Event().wait()
    if code == DIE:
        os.kill(os.getpid(), signal.SIGKILL)
    return int(code)
