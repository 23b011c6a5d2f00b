from __future__ import annotations

import pytest

from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FRAME_SAMPLES, EndReason, Frame
from streamer.vad.events import SpeechPaused, SpeechResumed, SpeechStarted, UtteranceEnded
from streamer.vad.segmenter import Segmenter
from tests.vad.drawn import QUIET
from tests.vad.sounds import LOUD, PAUSE, ScriptedDetector, events_of, frames, script, square, utterances_of

PREROLL = 15
END_SILENCE = 25
LONGEST = SegmenterSettings(max_utterance_ms=10_000, cut_search_ms=2000)


def span(start_frame: int, end_frame: int) -> tuple[int, int]:
    return start_frame * FRAME_SAMPLES, end_frame * FRAME_SAMPLES


def test_utterance_holds_preroll_and_pause() -> None:
    (utterance,) = utterances_of(script(("s", 30), ("v", 50), ("s", 40)))

    assert (utterance.start_sample, utterance.end_sample) == span(30 - PREROLL, 80 + PAUSE)
    assert utterance.end_reason is EndReason.SILENCE
    assert utterance.id == 1


def test_pcm_is_the_sound_of_its_span() -> None:
    sound = [Frame(square(LOUD if 20 <= at < 60 else 0, mark=at), at * FRAME_SAMPLES) for at in range(100)]
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings(start_level_dbfs=-40, keep_level_dbfs=-40))
    events = [event for frame in sound for event in segmenter.push(frame)]
    (utterance,) = [event.utterance for event in events if isinstance(event, UtteranceEnded)]

    first, last = utterance.start_sample // FRAME_SAMPLES, utterance.end_sample // FRAME_SAMPLES
    assert utterance.pcm == b"".join(frame.pcm for frame in sound[first:last])


def test_events_come_in_order() -> None:
    events = events_of(script(("s", 30), ("v", 20), ("s", 12), ("v", 10), ("s", 40)))

    assert [type(event) for event in events] == [
        SpeechStarted, SpeechPaused, SpeechResumed, SpeechPaused, UtteranceEnded,
    ]  # fmt: skip
    assert isinstance(events[2], SpeechResumed)
    assert events[2].at_sample == (30 + 20 + 12 + 1) * FRAME_SAMPLES


def test_resuming_is_told_at_once_where_the_utterance_is_shorter_than_the_window_that_keeps_it_going() -> None:
    chosen = SegmenterSettings(
        start_voiced_frames=4, start_window_frames=4, keep_voiced_frames=4, keep_window_frames=9, pause_ms=60
    )
    segmenter = Segmenter(ScriptedDetector(), chosen)
    *_, resumed = [segmenter.push(frame) for frame in frames(script(("v", 4), ("s", 3), ("v", 1)))]

    assert resumed == (SpeechResumed(at_sample=7 * FRAME_SAMPLES),)


def test_pause_is_decoded_ahead_as_the_final_itself() -> None:
    events = events_of(script(("s", 30), ("v", 20), ("s", 40)))
    paused = next(event.utterance for event in events if isinstance(event, SpeechPaused))
    ended = next(event.utterance for event in events if isinstance(event, UtteranceEnded))

    assert (paused.revision, paused.pcm, paused.end_sample) == (ended.revision, ended.pcm, ended.end_sample)
    assert paused.end_reason is None


def test_too_few_voiced_frames_start_nothing() -> None:
    assert events_of(script(*[("s", 10), ("v", 3)] * 20)) == []


def test_single_voiced_frame_does_not_prolong_an_utterance() -> None:
    (utterance,) = utterances_of(script(("s", 30), ("v", 20), ("s", 12), ("v", 1), ("s", 30)))

    assert utterance.end_sample == (50 + PAUSE) * FRAME_SAMPLES


def test_preroll_never_reaches_into_the_utterance_before() -> None:
    first, second = utterances_of(script(("s", 30), ("v", 20), ("s", END_SILENCE), ("v", 20), ("s", 40)))

    assert first.end_sample == (50 + PAUSE) * FRAME_SAMPLES
    assert second.start_sample == first.end_sample
    assert second.id == 2


def test_preroll_never_reaches_before_the_first_frame() -> None:
    (utterance,) = utterances_of(script(("v", 20), ("s", 40)))

    assert utterance.start_sample == 0


@pytest.mark.parametrize(("voiced", "silence"), [(100, 25), (310, 19), (435, 13)])
def test_end_silence_shortens_as_the_utterance_grows(voiced: int, silence: int) -> None:
    assert len(utterances_of(script(("s", 20), ("v", voiced), ("s", silence), ("v", 20)), LONGEST)) == 2
    assert len(utterances_of(script(("s", 20), ("v", voiced), ("s", silence - 2), ("v", 20)), LONGEST)) == 1


def test_soft_frames_start_nothing() -> None:
    assert events_of([10] * 100) == []


def test_long_speech_without_a_quiet_point_is_cut_with_an_overlap() -> None:
    first, second = utterances_of([LOUD] * 400)

    assert first.end_reason is EndReason.FORCED
    assert first.samples <= 6 * 16_000
    assert first.overlap_after_samples == second.overlap_samples == 1200 * 16
    assert second.start_sample == first.end_sample - second.overlap_samples


def test_long_speech_is_cut_at_its_quietest_point() -> None:
    first, second = utterances_of([LOUD] * 420 + [LOUD // 2] * 6 + [LOUD] * 174, LONGEST)

    assert first.end_sample == (423 + 30) * FRAME_SAMPLES
    assert second.start_sample == (423 - 30) * FRAME_SAMPLES


def test_pause_is_cut_without_an_overlap() -> None:
    patient = SegmenterSettings(max_utterance_ms=10_000, cut_search_ms=2000, end_silence_min_ms=400)
    first, second = utterances_of([LOUD] * 450 + [30] * 14 + [LOUD] * 136, patient)

    assert first.end_sample == second.start_sample == 457 * FRAME_SAMPLES
    assert first.overlap_after_samples == second.overlap_samples == 0


def test_pause_at_the_limit_is_no_reason_to_cut() -> None:
    (utterance,) = utterances_of(script(("v", 498), ("s", 40)), LONGEST)

    assert utterance.end_reason is EndReason.SILENCE
    assert utterance.end_sample == 160_000


def test_snapshot_without_new_sound_keeps_its_revision() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    revisions = []
    for frame in frames(script(("v", 6), ("s", 12))):
        segmenter.push(frame)
        revisions.append(None if (snapshot := segmenter.snapshot()) is None else snapshot.revision)

    assert revisions == [None] * 3 + list(range(13)) + [12, 12]


def test_an_utterance_fades_from_its_third_silent_frame_until_it_pauses_or_goes_on() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    fading = []
    for at, frame in enumerate(frames(script(("v", 10), ("s", 4), ("v", 4), ("s", 40)))):
        segmenter.push(frame)
        if segmenter.is_fading():
            fading.append(at)

    assert fading == [12, 13, 14, *range(20, 28)]


def test_flush_ends_the_open_utterance() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    for frame in frames([LOUD] * 10):
        segmenter.push(frame)
    (ended,) = segmenter.flush()

    assert isinstance(ended, UtteranceEnded)
    assert ended.utterance.end_reason is EndReason.STOP
    assert ended.utterance.end_sample == 10 * FRAME_SAMPLES
    assert segmenter.flush() == ()


def test_restart_forgets_what_was_heard() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    for frame in frames(script(("s", 30), ("v", 3))):
        segmenter.push(frame)
    segmenter.restart(ScriptedDetector())
    events = [event for frame in frames([LOUD] * 4, 33 * FRAME_SAMPLES) for event in segmenter.push(frame)]

    assert events == [SpeechStarted(start_sample=33 * FRAME_SAMPLES)]


def test_restart_forgets_frames_that_were_not_judged_yet() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    for frame in frames([LOUD] * 2):
        segmenter.push(frame)
    segmenter.restart(ScriptedDetector())
    events = [event for frame in frames([LOUD] * 4, 33 * FRAME_SAMPLES) for event in segmenter.push(frame)]

    assert events == [SpeechStarted(start_sample=33 * FRAME_SAMPLES)]


def test_after_a_restart_the_new_detector_is_asked() -> None:
    class Deaf:
        def is_speech(self, frame: bytes) -> bool:
            return False

    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    segmenter.restart(Deaf())

    assert [event for frame in frames([LOUD] * 10) for event in segmenter.push(frame)] == []
    assert not segmenter.is_speech


def test_what_is_too_soft_for_any_speech_ends_an_utterance_whatever_the_detector_hears() -> None:
    (utterance,) = utterances_of([LOUD] * 20 + [QUIET] * 60, SegmenterSettings(tail_ms=0))

    assert utterance.end_sample == (20 + PAUSE) * FRAME_SAMPLES


def test_tail_that_went_silent_within_the_preroll_begins_no_utterance() -> None:
    amplitudes = [*[LOUD] * 5, *[LOUD // 30] * 19, LOUD, *[LOUD // 30] * 8, *[QUIET] * 29, *[LOUD] * 4]
    chosen = SegmenterSettings(preroll_ms=1000, pause_ms=60, end_silence_min_ms=60, max_utterance_ms=5000)

    (_, second) = utterances_of(amplitudes, chosen)

    assert second.start_sample == (62 - 50) * FRAME_SAMPLES


def test_restart_is_refused_while_an_utterance_is_open() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    for frame in frames([LOUD] * 10):
        segmenter.push(frame)

    with pytest.raises(RuntimeError, match="utterance 1 is open"):
        segmenter.restart(ScriptedDetector())


def test_frame_of_another_length_is_refused() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())

    with pytest.raises(ValueError, match="640 bytes, got 2"):
        segmenter.push(Frame(b"\0\0", 0))
    with pytest.raises(ValueError, match="640 bytes, got 0"):
        segmenter.push(Frame(b"", 0))


def test_frame_out_of_order_is_refused() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    segmenter.push(Frame(bytes(640), 0))

    with pytest.raises(ValueError, match="expected the frame at sample 320, got 640"):
        segmenter.push(Frame(bytes(640), 640))


def test_the_patience_is_the_frames_of_which_only_the_last_can_bring_an_event_about() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    patience = []
    for frame in frames(script(("s", 3), ("v", 4), ("s", 10), ("s", 5))):
        segmenter.push(frame)
        patience.append(segmenter.patience)

    # Four voiced frames begin an utterance, 200 ms of silence are a pause, and two voiced frames go on after it.
    assert patience == [4, 3, 2, 1, 2, 1, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 2, 1, 2, 1, 2, 1]
