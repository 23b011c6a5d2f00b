"""What holds of any sound: drawn as runs of frames, with a detector that follows the script."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st
from msgspec import structs

from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FRAME_SAMPLES, MAX_UTTERANCE_SAMPLES, EndReason, Utterance
from streamer.vad.events import SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded
from streamer.vad.segmenter import Segmenter
from tests.vad.drawn import QUIET, fairly, settings, sounds
from tests.vad.sounds import LOUD, ScriptedDetector, events_of, frames, utterances_of


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
        assert right.end_sample >= left.end_sample
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
