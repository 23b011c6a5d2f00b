"""Settings of the segmenter."""

from __future__ import annotations

import math
from typing import Annotated

import msgspec


class SegmenterSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[segmenter]``: where utterances begin and end. Times are rounded to whole frames of 20 ms."""

    vad_mode: Annotated[int, msgspec.Meta(ge=0, le=3)] = 2
    """Aggressiveness of webrtcvad: 0 keeps most, 3 refuses most."""
    start_voiced_frames: Annotated[int, msgspec.Meta(ge=1, le=25)] = 4
    """An utterance starts when so many frames …"""
    start_window_frames: Annotated[int, msgspec.Meta(ge=1, le=50)] = 6
    """… out of so many newest ones are voiced."""
    keep_voiced_frames: Annotated[int, msgspec.Meta(ge=1, le=25)] = 2
    """A voiced frame keeps an utterance going when so many frames …"""
    keep_window_frames: Annotated[int, msgspec.Meta(ge=1, le=50)] = 3
    """… out of so many newest ones are voiced: a single click does not prolong speech."""
    start_level_dbfs: Annotated[float, msgspec.Meta(ge=-96, le=0)] = -66.0
    """Decibels below full scale: a softer frame never helps to start an utterance, whatever the detector says."""
    keep_level_dbfs: Annotated[float, msgspec.Meta(ge=-96, le=0)] = -72.0
    """Decibels below full scale: a softer frame is silence inside an utterance too."""
    keep_drop_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 18.0
    """Decibels below an utterance's speech down to which a frame keeps it going even if the detector hears none; …"""
    floor_rise_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 9.0
    """… so many decibels above the noise it must lie as well; 60: only the detector counts."""
    floor_ms: Annotated[int, msgspec.Meta(ge=1000, le=60_000)] = 6000
    """The noise is the lowest level of so many last milliseconds."""
    tail_ms: Annotated[int, msgspec.Meta(ge=0, le=2000)] = 560
    """The detector goes on hearing speech for so many milliseconds: until then, what is much softer is silence …"""
    tail_drop_db: Annotated[float, msgspec.Meta(ge=0, le=96)] = 22.0
    """… from so many decibels below the utterance's speech on."""
    preroll_ms: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 300
    """Milliseconds before the first voiced frame that belong to the utterance."""
    pause_ms: Annotated[int, msgspec.Meta(ge=60, le=1000)] = 200
    """Milliseconds of silence after which the final is decoded ahead of its end; kept after the last voiced frame."""
    end_silence_ms: Annotated[int, msgspec.Meta(ge=100, le=3000)] = 500
    """Milliseconds of silence that end a short utterance."""
    end_silence_min_ms: Annotated[int, msgspec.Meta(ge=100, le=3000)] = 260
    """Milliseconds of silence that end a long utterance."""
    shorten_from_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 4000
    """Length in milliseconds from which the end silence shortens …"""
    shorten_until_ms: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 9000
    """… evenly, down to its minimum at this length."""
    max_utterance_ms: Annotated[int, msgspec.Meta(ge=5000, le=10_000)] = 6000
    """The longest utterance in milliseconds; the models take 10 s, but read shorter ones better."""
    cut_search_ms: Annotated[int, msgspec.Meta(ge=200, le=4000)] = 3000
    """Speech that reaches the longest utterance is cut at the quietest point of so many last milliseconds."""
    cut_window_ms: Annotated[int, msgspec.Meta(ge=20, le=400)] = 100
    """Milliseconds over which quietness is measured."""
    cut_drop_db: Annotated[float, msgspec.Meta(ge=0, le=60)] = 24.0
    """Decibels by which a pause must lie below the utterance's speech to be cut without an overlap."""
    cut_pause_ms: Annotated[int, msgspec.Meta(ge=40, le=400)] = 240
    """Milliseconds that such a pause must last."""
    overlap_ms: Annotated[int, msgspec.Meta(ge=0, le=2000)] = 1200
    """Milliseconds that two utterances share where no point is quiet enough."""

    def __post_init__(self) -> None:
        """Refuse values that contradict each other.

        Raises:
            ValueError: two keys contradict each other; the message names both.
        """
        rules = (
            (self.start_voiced_frames <= self.start_window_frames, "start_voiced_frames", "start_window_frames"),
            (self.keep_voiced_frames <= self.keep_window_frames, "keep_voiced_frames", "keep_window_frames"),
            (self.keep_level_dbfs <= self.start_level_dbfs, "keep_level_dbfs", "start_level_dbfs"),
            (self.pause_ms <= self.end_silence_min_ms, "pause_ms", "end_silence_min_ms"),
            (self.end_silence_min_ms <= self.end_silence_ms, "end_silence_min_ms", "end_silence_ms"),
            (self.shorten_from_ms <= self.shorten_until_ms, "shorten_from_ms", "shorten_until_ms"),
            (self.overlap_ms <= self.cut_search_ms, "overlap_ms", "cut_search_ms"),
        )
        for holds, smaller, larger in rules:
            if not holds:
                raise ValueError(
                    f"{smaller} ({getattr(self, smaller)}) must not exceed {larger} ({getattr(self, larger)})"
                )
        # Speech that may start an utterance must also keep one going, or the start rule could hold outside utterances.
        idle = math.ceil(self.start_window_frames / self.keep_window_frames) * (self.keep_voiced_frames - 1)
        if self.start_voiced_frames <= idle:
            raise ValueError(
                f"start_voiced_frames ({self.start_voiced_frames}) must exceed {idle}: with fewer voiced frames"
                f" keep_voiced_frames of keep_window_frames ({self.keep_voiced_frames} of {self.keep_window_frames})"
                " may never hold in speech that starts an utterance"
            )
