"""Devices of the simulator, with their worker processes."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from streamer.asr.runners.ascend import AscendDevice, AscendRunner
from streamer.asr.runners.ascend.process import WorkerProcess
from streamer.settings.recognizer import RecognizerSettings

SETTINGS = RecognizerSettings()
SYLLABLES = {"inputs": np.arange(251, dtype=np.int32)[None] - 1}


class Launches:
    """Starts worker processes and remembers them."""

    def __init__(self) -> None:
        self.processes: list[WorkerProcess] = []

    def __call__(self, message_s: int = 10) -> WorkerProcess:
        self.processes.append(WorkerProcess(message_s))
        return self.processes[-1]


def load(device: AscendDevice, path: Path) -> AscendRunner:
    return device.open_runner("ascend", path, SETTINGS)
