"""The values that flow through streamer, from a sound to a line of the minutes.

Positions are samples of the recording at 16 kHz: monotonic over what was recorded, so neither pauses nor gaps count.
Wall-clock times are aware datetimes in UTC. Seconds appear only at sinks.
"""

from __future__ import annotations

from streamer.types.events import (
    CaptionsMissed,
    DeviceAwaited,
    GapFound,
    HotwordsChanged,
    MarkAdded,
    MeetingCalledOff,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
)
from streamer.types.notices import (
    ENDED_BY_SILENCE,
    MICROPHONE_AWAITED,
    MICROPHONE_CHANGED,
    MICROPHONE_LOST,
    PAUSE_AWAITED,
    ROOM_FAILED,
    SOUND_DELETED,
    SOUND_MISSING,
    SOUND_REMARK,
    SOUND_UNRECORDED,
    STORE_FAILED,
    Notice,
    Severity,
    unsaved,
)
from streamer.types.sound import FRAME_SAMPLES, SAMPLE_RATE, Frame, FrameRun, Gap
from streamer.types.speech import MAX_UTTERANCE_SAMPLES, EndReason, Hypothesis, Segment, Token, Utterance

__all__ = [
    "ENDED_BY_SILENCE",
    "FRAME_SAMPLES",
    "MAX_UTTERANCE_SAMPLES",
    "MICROPHONE_AWAITED",
    "MICROPHONE_CHANGED",
    "MICROPHONE_LOST",
    "PAUSE_AWAITED",
    "ROOM_FAILED",
    "SAMPLE_RATE",
    "SOUND_DELETED",
    "SOUND_MISSING",
    "SOUND_REMARK",
    "SOUND_UNRECORDED",
    "STORE_FAILED",
    "CaptionsMissed",
    "DeviceAwaited",
    "EndReason",
    "Frame",
    "FrameRun",
    "Gap",
    "GapFound",
    "HotwordsChanged",
    "Hypothesis",
    "MarkAdded",
    "MeetingCalledOff",
    "MeetingEnded",
    "MeetingEvent",
    "MeetingPaused",
    "MeetingResumed",
    "MeetingStarted",
    "Notice",
    "Segment",
    "SegmentFinalized",
    "SegmentRevised",
    "SegmentUpdated",
    "Severity",
    "StatusUpdated",
    "TitleChanged",
    "Token",
    "Utterance",
    "unsaved",
]
