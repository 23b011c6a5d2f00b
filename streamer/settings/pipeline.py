"""Settings of the live pipeline."""

from __future__ import annotations

from typing import Annotated

import msgspec

LONGEST_SILENCE_MIN = 1440
"""Minutes: a day."""


class PipelineSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[pipeline]``: what is tried again, how much may wait, and when a person is warned."""

    stop_after_silence_min: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_SILENCE_MIN)] = 0.0
    """Minutes without speech after which the meeting ends by itself; 0: never."""
    final_attempts: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    """How often an utterance is decoded before it is left without text; its sound stays in the recording."""
    waiting_sound_s: Annotated[int, msgspec.Meta(ge=2, le=600)] = 300
    """Seconds of sound that may wait in memory, 40 kB each, for a disk that hangs; beyond, the source has to wait."""
    waiting_finals: Annotated[int, msgspec.Meta(ge=1, le=100_000)] = 10_000
    """Utterances of a live source that may wait for the recogniser; they are ranges of the recording."""
    sink_events: Annotated[int, msgspec.Meta(ge=10, le=1_000_000)] = 10_000
    """Events that may wait for one sink; a sink that is further behind is given up."""
    sink_drain_s: Annotated[float, msgspec.Meta(ge=0, le=600)] = 10.0
    """Seconds that sinks get at the end of a meeting to take what still waits for them."""
    status_ms: Annotated[int, msgspec.Meta(ge=20, le=5000)] = 120
    """Milliseconds of sound between two updates of level and lag."""
    muted_after_ms: Annotated[int, msgspec.Meta(ge=100, le=60_000)] = 3000
    """Milliseconds of exact digital silence after which the microphone counts as muted."""
    quiet_below_dbfs: Annotated[float, msgspec.Meta(ge=-96, le=0)] = -45.0
    """Decibels below full scale: speech that is softer over `quiet_window_ms` gets a warning."""
    quiet_window_ms: Annotated[int, msgspec.Meta(ge=500, le=60_000)] = 4000
    """Milliseconds of speech over which its level is taken."""
    clipped_samples: Annotated[int, msgspec.Meta(ge=1, le=16_000)] = 16
    """Samples at full scale within one second of sound from which it counts as clipping."""
