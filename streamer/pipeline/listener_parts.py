"""What the stage that listens works with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from streamer.clock import Clock
from streamer.interfaces import AudioSource, SpeechDetector
from streamer.meeting.clock import MeetingClock
from streamer.pipeline.desk import Desk
from streamer.pipeline.storage import Storage
from streamer.sinks.messages import Messages
from streamer.types import MeetingEvent
from streamer.vad.segmenter import Segmenter


@dataclass(frozen=True, slots=True)
class ListenerParts:
    """What a listener works with."""

    source: AudioSource
    storage: Storage
    segmenter: Segmenter
    new_detector: Callable[[], SpeechDetector]
    """Makes a detector that has heard nothing: for each stretch of sound without a hole."""
    desk: Desk
    meeting_clock: MeetingClock
    clock: Clock
    post: Callable[[MeetingEvent], None]
    """Sends an event to everybody."""
    messages: Messages
    is_microphone: bool
    """Whether a person can do something about the level."""
    length: int
    """Samples of the whole source; 0 where nobody knows."""
    waits: bool
    """Whether the source is heard as fast as it is decoded: then it waits in a pause, too, and nothing is left out."""
