"""What holds of any sound: drawn as runs of frames, with a detector that follows the script."""

from __future__ import annotations

from itertools import cycle, pairwise

from hypothesis import example, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from msgspec import structs

from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FRAME_SAMPLES, MAX_UTTERANCE_SAMPLES, EndReason, FrameRun, Utterance
from streamer.vad.events import SegmenterEvent, SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded
from streamer.vad.segmenter import Segmenter
from streamer.vad.unheard import Unheard
from tests.vad.sounds import LOUD, ScriptedDetector, events_of, frames, square, utterances_of

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


def voiced(amplitudes: list[int]) -> list[bool]:
    """Frames that may start an utterance."""
    return [amplitude > QUIET for amplitude in amplitudes]


def covered(utterances: list[Utterance], count: int) -> list[int]:
    """How many utterances hold each frame."""
    held = [0] * count
    for utterance in utterances:
        for frame in range(utterance.start_sample // FRAME_SAMPLES, utterance.end_sample // FRAME_SAMPLES):
            held[frame] += 1
    return held


@fairly
@given(sounds(), settings())
def test_speech_that_meets_the_start_rule_is_covered(amplitudes: list[int], chosen: SegmenterSettings) -> None:
    chosen = structs.replace(chosen, tail_ms=0)
    held = covered(utterances_of(amplitudes, chosen), len(amplitudes))
    speech = voiced(amplitudes)
    window = chosen.start_window_frames
    for end in range(1, len(amplitudes) + 1):
        here = range(max(0, end - window), end)
        if sum(speech[at] for at in here) >= chosen.start_voiced_frames:
            assert all(held[at] for at in here if speech[at])


@fairly
@given(sounds(), st.integers(6, 60), st.integers(34, 120), settings())
def test_soft_speech_that_outlasts_the_tail_is_covered(
    before: list[int], loud: int, soft: int, chosen: SegmenterSettings
) -> None:
    before = before[:600]
    amplitudes = [*before, *[LOUD] * loud, *[LOUD // 30] * soft, *[0] * 50]
    held = covered(utterances_of(amplitudes, chosen), len(amplitudes))

    assert all(held[len(before) : len(before) + loud + soft])


@fairly
@given(sounds(), settings())
def test_preroll_is_covered_up_to_the_utterance_before(amplitudes: list[int], chosen: SegmenterSettings) -> None:
    speech = voiced(amplitudes)
    before = 0
    for utterance in utterances_of(amplitudes, chosen):
        first_voiced = utterance.start_sample // FRAME_SAMPLES + chosen.preroll_ms // 20
        assert utterance.start_sample <= before or speech[first_voiced]
        before = utterance.end_sample


@fairly
@given(sounds(), settings())
def test_no_utterance_is_longer_than_the_models_take(amplitudes: list[int], chosen: SegmenterSettings) -> None:
    longest = chosen.max_utterance_ms * 16
    for utterance in utterances_of(amplitudes, chosen):
        assert 0 < utterance.samples <= longest <= MAX_UTTERANCE_SAMPLES
        assert utterance.pcm is not None
        assert len(utterance.pcm) == 2 * utterance.samples


@fairly
@given(sounds(), settings())
def test_only_declared_overlaps(amplitudes: list[int], chosen: SegmenterSettings) -> None:
    utterances = utterances_of(amplitudes, chosen)
    for left, right in pairwise(utterances):
        assert right.id == left.id + 1
        assert right.overlap_samples == left.overlap_after_samples == max(0, left.end_sample - right.start_sample)
        assert not right.overlap_samples or left.end_reason is EndReason.FORCED
        if left.end_reason is EndReason.FORCED:
            assert right.start_sample <= left.end_sample


@fairly
@given(sounds(), settings(), st.integers(1, 9))
def test_snapshots_change_nothing(amplitudes: list[int], chosen: SegmenterSettings, every: int) -> None:
    segmenter = Segmenter(ScriptedDetector(), chosen)
    seen: list[Utterance] = []
    for at, frame in enumerate(frames(amplitudes)):
        seen += [event.utterance for event in segmenter.push(frame) if isinstance(event, UtteranceEnded)]
        if at % every == 0:
            segmenter.snapshot()
    seen += [event.utterance for event in segmenter.flush() if isinstance(event, UtteranceEnded)]
    undisturbed = utterances_of(amplitudes, chosen)

    assert [(one.id, one.start_sample, one.pcm, one.end_reason) for one in seen] == [
        (one.id, one.start_sample, one.pcm, one.end_reason) for one in undisturbed
    ]


@fairly
@given(sounds(), settings())
def test_pause_decoded_ahead_is_the_final(amplitudes: list[int], chosen: SegmenterSettings) -> None:
    ahead: Utterance | None = None
    for event in events_of(amplitudes, chosen):
        match event:
            case SpeechPaused(utterance=utterance):
                ahead = utterance
            case SpeechResumed() | SpeechStarted():
                ahead = None
            case UtteranceEnded(utterance=ended) if ended.end_reason is EndReason.SILENCE:
                assert ahead is not None
                assert (ahead.id, ahead.revision, ahead.pcm) == (ended.id, ended.revision, ended.pcm)
            case UtteranceEnded():
                pass


@fairly
@given(sounds(), settings())
def test_revisions_tell_sounds_apart(amplitudes: list[int], chosen: SegmenterSettings) -> None:
    segmenter = Segmenter(ScriptedDetector(), chosen)
    known: dict[tuple[int, int], bytes | None] = {}
    for at, frame in enumerate(frames(amplitudes)):
        events = segmenter.push(frame)
        seen = [event.utterance for event in events if isinstance(event, UtteranceEnded | SpeechPaused)]
        snapshot = segmenter.snapshot() if at % 5 == 0 else None
        for one in [*seen, snapshot] if snapshot is not None else seen:
            assert known.setdefault((one.id, one.revision), one.pcm) == one.pcm


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
