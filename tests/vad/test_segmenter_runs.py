"""Frames that are heard together: they bring about what they do one by one."""

from __future__ import annotations

from itertools import cycle

from hypothesis import example, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FrameRun
from streamer.vad.events import SegmenterEvent
from streamer.vad.segmenter import Segmenter
from streamer.vad.unheard import Unheard
from tests.vad.drawn import QUIET, fairly, rules, settings, sounds
from tests.vad.sounds import LOUD, ScriptedDetector, events_of, frames, square


class Impatient(Segmenter):
    """Judges every frame by itself."""

    def _frames_to_event(self) -> int:
        return 1


@fairly
@given(sounds(), rules())
def test_events_come_with_the_frame_that_brings_them_about(amplitudes: list[int], chosen: SegmenterSettings) -> None:
    patient, impatient = Segmenter(ScriptedDetector(), chosen), Impatient(ScriptedDetector(), chosen)

    for frame in frames(amplitudes):
        assert patient.push(frame) == impatient.push(frame)


@fairly
@given(sounds(), settings(), st.lists(st.integers(1, 120), min_size=1))
def test_it_makes_no_difference_how_many_frames_come_at_once(
    amplitudes: list[int], chosen: SegmenterSettings, sizes: list[int]
) -> None:
    segmenter = Segmenter(ScriptedDetector(), chosen)
    heard = frames(amplitudes)
    events: list[SegmenterEvent] = []
    for size in cycle(sizes):
        run, heard = heard[:size], heard[size:]
        if not run:
            break
        events += segmenter.push(FrameRun(b"".join(frame.pcm for frame in run), run[0].start_sample))

    assert [*events, *segmenter.flush()] == events_of(amplitudes, chosen)


class Plodder(Segmenter):
    """Hears every frame by itself: what the rules say."""

    def _plain(self, waiting: Unheard) -> bytes:
        return b""


class HardOfHearing:
    """Hears no speech in frames of some amplitudes, however loud they are."""

    def __init__(self, missed: set[int]) -> None:
        self._missed = {square(amplitude) for amplitude in missed}

    def is_speech(self, frame: bytes) -> bool:
        return frame != square(0) and frame not in self._missed


@st.composite
def speech(draw: st.DrawFn) -> list[int]:
    """Amplitudes of frames, up to 15 s: as restless as speech, and more."""
    amplitude = st.sampled_from([LOUD, LOUD, LOUD // 2, LOUD // 6, LOUD // 12, LOUD // 30, 60, QUIET, 0, 0])
    runs = draw(st.lists(st.tuples(amplitude, st.integers(1, 30)), min_size=1, max_size=50))
    return [value for value, count in runs for _ in range(count)]


@limits(max_examples=200, deadline=None)
@given(
    speech(), rules(), st.sampled_from([50, 200, 1500]), st.sets(st.sampled_from([LOUD // 2, LOUD // 6, LOUD // 30]))
)
@example([LOUD] * 30 + [LOUD // 10, LOUD // 32] * 30 + [0] * 60, SegmenterSettings(), 1500, set())
@example([LOUD // 6] * 200 + [LOUD // 60] * 14 + [LOUD // 6] * 87 + [LOUD] * 300, SegmenterSettings(), 1500, set())
def test_frames_that_are_heard_together_bring_about_what_they_do_one_by_one(
    amplitudes: list[int], chosen: SegmenterSettings, size: int, missed: set[int]
) -> None:
    plodder, segmenter = Plodder(HardOfHearing(missed), chosen), Segmenter(HardOfHearing(missed), chosen)
    heard = frames(amplitudes)
    expected = [event for frame in heard for event in plodder.push(frame)]
    runs = [heard[at : at + size] for at in range(0, len(heard), size)]
    events = [
        event
        for run in runs
        for event in segmenter.push(FrameRun(b"".join(frame.pcm for frame in run), run[0].start_sample))
    ]

    assert [*events, *segmenter.flush()] == [*expected, *plodder.flush()]
