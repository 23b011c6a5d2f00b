"""What a meeting is made of, what it shares with others, and how it went."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from streamer.clock import Clock, to_the_millisecond
from streamer.errors import StreamerError
from streamer.interfaces import AudioSource, Journal, SpeechDetector
from streamer.pipeline.decoding import Recognition
from streamer.pipeline.turns import InferenceTurns
from streamer.pipeline.worker import Calls
from streamer.settings import Settings
from streamer.sinks.messages import Messages
from streamer.types import MeetingStarted


@dataclass(frozen=True, slots=True)
class Services:
    """What all meetings of this process share."""

    turns: InferenceTurns
    """The one inference thread."""
    storage: Calls
    """The one storage thread."""
    clock: Clock
    messages: Messages
    settings: Settings


@dataclass(frozen=True, slots=True)
class MeetingPlan:
    """What one meeting is made of."""

    room: str
    """Slug; names the meeting's tasks."""
    title: str
    pack: str
    """Name and version of the model pack."""
    source: AudioSource
    new_detector: Callable[[], SpeechDetector]
    new_recognition: Callable[[], Recognition]
    """Called in the inference thread; may take its time, the recording has begun."""
    open_journal: Callable[[MeetingStarted], Journal]
    """Called in the storage thread."""
    device: str = ""
    """What is listened to, for a person to read; empty: what the source says of itself."""
    is_microphone: bool = False
    """Whether a person can do something about the level."""
    is_fast: bool = False
    """Whether sound comes faster than real time: then the source waits for decoding, else finals wait."""
    seconds_before: Callable[[], float] = float
    """How much of the sound was there before the meeting begins; asked when the source is open. Nothing is dated later
    than it is heard: the meeting is told as if it ended when it begins."""
    seconds_in_all: Callable[[], float] = float
    """How long the whole sound is, asked likewise; 0 where nobody knows."""

    def started(self, now: datetime, seconds_before: float) -> MeetingStarted:
        """The meeting that begins now, with an id of its own; its start is dated back by so many seconds."""
        return MeetingStarted(
            meeting_id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}",
            title=self.title,
            room=self.room,
            device=self.device or self.source.name,
            pack=self.pack,
            started_at=to_the_millisecond(now - timedelta(seconds=seconds_before)),
        )


@dataclass(frozen=True, slots=True)
class MeetingReport:
    """How a meeting went."""

    started: MeetingStarted
    samples: int
    """Length of the recording."""
    lost_utterances: int
    """Utterances that could not be decoded."""
    failure: StreamerError | None
    """What was wrong when it ended: the models could not be loaded, the sound broke off, or the store could not be
    written."""
    refusals: Mapping[str, str] = field(default_factory=dict)
    """Sinks that took nothing any more when it ended, each with the reason."""
    was_refused: bool = False
    """Whether the disk refused sound or captions at some time; ``failure`` says what it does not have at the end."""
