"""Recordings of numbered frames."""

from __future__ import annotations

from streamer.audio.recording import Recording
from streamer.audio.recording_options import RecordingOptions
from streamer.errors import StoreError
from streamer.types import SAMPLE_RATE
from tests.meeting.material import frame


def record(recording: Recording, first: int, count: int) -> None:
    for number in range(first, first + count):
        recording.append(frame(number))


def record_refused(recording: Recording, first: int, count: int) -> int:
    """Append frames to a disk that may refuse; how often it did."""
    refusals = 0
    for number in range(first, first + count):
        try:
            recording.append(frame(number))
        except StoreError:
            refusals += 1
    return refusals


def options(**changes: object) -> RecordingOptions:
    """Pieces of 5 s, where nothing else is said."""
    return RecordingOptions(**{"piece_samples": 5 * SAMPLE_RATE, **changes})
