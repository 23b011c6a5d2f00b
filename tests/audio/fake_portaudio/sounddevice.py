"""Stands in for sounddevice in the capture process: microphones that a test computer does not have.

The environment variable FAKE_MICROPHONE names the one wanted. With FAKE_MICROPHONE_ONCE (a file), the trouble happens
in the first process only; FAKE_MICROPHONE_THEN names what there is in those after it.
"""

from __future__ import annotations

import _decimal  # noqa: F401 - a library that does nothing here, as the codecs that ALSA brings along
import os
import signal
import threading
import time
from array import array
from math import pi, sin
from pathlib import Path
from types import SimpleNamespace

KIND = os.environ["FAKE_MICROPHONE"]
if once := os.environ.get("FAKE_MICROPHONE_ONCE"):
    if Path(once).exists():
        KIND = os.environ.get("FAKE_MICROPHONE_THEN", "good")
    Path(once).touch()

if KIND == "no library":
    raise OSError("PortAudio library not found")
if KIND == "hangs at start":
    threading.Event().wait()


def _crash(*_: object) -> None:
    os.write(2, b"Segmentation fault\n")
    os._exit(3)


if KIND == "crashes when ended":
    signal.signal(signal.SIGTERM, _crash)


class PortAudioError(Exception):
    pass


def _device(name: str, channels: int, rate: float) -> dict[str, object]:
    return {"name": name, "hostapi": 0, "max_input_channels": channels, "default_samplerate": rate}


_DEVICES = {
    "no inputs": [_device("HDMI", 0, 44100.0)],
    "only 48 kHz": [_device("USB Mic", 2, 48000.0)],
    "latency": [_device(os.environ.get("PULSE_LATENCY_MSEC", ""), 1, 16000.0)],
    "mono": [_device("Headset", 1, 16000.0)],
    "server": [_device("pulse", 32, 44100.0), _device("default", 32, 44100.0)],
    "unplugged": [_device("Webcam", 1, 16000.0), _device("USB Mic", 2, 16000.0)],
    "plugged in again": [_device("HDMI", 1, 16000.0), _device("Webcam", 1, 16000.0), _device("USB Mic", 2, 16000.0)],
    "many": [_device("Webcam", 1, 16000.0), _device("USB Mic A", 2, 16000.0), _device("USB Mic B", 4, 16000.0)],
}


STARTS = [True]


def _terminate() -> None:
    """Nothing to end."""


def _initialize() -> None:
    STARTS.append(True)


def query_devices() -> list[dict[str, object]]:
    if KIND == "late" and len(STARTS) < 3:
        return []
    return _DEVICES.get(KIND, [_device("Microphone", 2, 44100.0)])


def query_hostapis() -> list[dict[str, object]]:
    return [{"name": "ALSA"}]


default = SimpleNamespace(device=[-1 if KIND == "no inputs" else 0, -1])


class RawInputStream:
    """Gives two seconds of sound at once, 440 Hz left and 1000 Hz right, then only waits."""

    def __init__(self, *, samplerate, blocksize, device, channels, dtype, latency, callback, finished_callback):
        if KIND == "busy" or (KIND == "only 48 kHz" and samplerate != 48000):
            raise PortAudioError("Error opening RawInputStream: Device unavailable [PaErrorCode -9985]")
        self._rate, self._block, self._channels = samplerate, blocksize, channels
        self._callback, self._finished = callback, finished_callback

    def start(self) -> None:
        threading.Thread(target=self._play, daemon=True).start()

    def _play(self) -> None:
        if KIND == "late sound":
            time.sleep(0.6)
        for block in range(100):
            overflow = False
            if KIND == "overflows" and block == 50:
                time.sleep(0.3)
                overflow = True
            if KIND == "unplugged" and block == 50:
                self._finished()
                return
            if KIND == "falls silent" and block == 50:
                return
            if KIND == "paced":
                time.sleep(0.01)
            self._callback(self._sound(block), self._block, None, SimpleNamespace(input_overflow=overflow))
        if marker := os.environ.get("FAKE_MICROPHONE_DONE"):
            Path(marker).touch()

    def _sound(self, block: int) -> bytes:
        values = array("h")
        for sample in range(block * self._block, (block + 1) * self._block):
            for channel in range(self._channels):
                hertz = (440, 1000, 1500, 2000)[channel]
                values.append(round(8000 * sin(2 * pi * hertz * sample / self._rate)))
        return values.tobytes()
