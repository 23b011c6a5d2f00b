"""Sounds and settings for a segmenter, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import settings as limits
from hypothesis import strategies as st
from msgspec import structs

from streamer.settings.segmenter import SegmenterSettings
from tests.vad.sounds import LOUD

fairly = limits(max_examples=40, deadline=None)
"""Each example is many seconds of sound."""


QUIET = 8
"""Amplitude that the detector calls speech and the level gate refuses: about −72 dBFS."""


@st.composite
def sounds(draw: st.DrawFn) -> list[int]:
    """Amplitudes of up to 24 s of frames: runs of speech, soft speech and silence of all lengths."""
    amplitude = st.sampled_from([LOUD, LOUD, LOUD // 30, 60, QUIET, 0, 0])
    length = st.one_of(st.integers(1, 6), st.integers(7, 40), st.integers(200, 700))
    runs = draw(st.lists(st.tuples(amplitude, length), min_size=1, max_size=10))
    return [value for value, count in runs for _ in range(count)][:1200]


@st.composite
def settings(draw: st.DrawFn) -> SegmenterSettings:
    pause = draw(st.integers(3, 15)) * 20
    return SegmenterSettings(
        preroll_ms=draw(st.sampled_from([0, 100, 300, 1000])),
        pause_ms=pause,
        end_silence_min_ms=pause + draw(st.integers(0, 10)) * 20,
        end_silence_ms=700,
        max_utterance_ms=draw(st.sampled_from([5000, 7000, 10_000])),
        cut_search_ms=draw(st.sampled_from([2000, 3000, 4000])),
        overlap_ms=draw(st.sampled_from([0, 400, 1200, 2000])),
        cut_drop_db=draw(st.sampled_from([0.0, 24.0, 60.0])),
        tail_ms=draw(st.sampled_from([0, 0, 560])),
    )


@st.composite
def rules(draw: st.DrawFn) -> SegmenterSettings:
    keep, keep_window, start_window = draw(st.sampled_from([(1, 1, 1), (2, 3, 6), (3, 3, 8), (4, 9, 6)]))
    least = -(-start_window // keep_window) * (keep - 1) + 1
    return structs.replace(
        draw(settings()),
        keep_voiced_frames=keep,
        keep_window_frames=keep_window,
        start_window_frames=start_window,
        start_voiced_frames=draw(st.integers(least, start_window)),
        start_level_dbfs=draw(st.sampled_from([-66.0, -45.0])),
        keep_drop_db=draw(st.sampled_from([6.0, 18.0])),
        floor_ms=draw(st.sampled_from([1000, 6000])),
        tail_ms=draw(st.sampled_from([0, 100, 560])),
    )
