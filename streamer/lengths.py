"""Lengths in hours, minutes and seconds: Python's own count days, and those in English."""

from __future__ import annotations

from streamer.types import SAMPLE_RATE


def length_of(seconds: float, *, hour_digits: int = 1) -> str:
    """A length to the second, ``26:03:04``. ``hour_digits``: that hours have at least."""
    whole = int(seconds)
    return f"{whole // 3600:0{hour_digits}}:{whole // 60 % 60:02}:{whole % 60:02}"


def duration(samples: int) -> str:
    """Length of a sound as ``hh:mm:ss``, of one width for four days."""
    return length_of(samples // SAMPLE_RATE, hour_digits=2)
