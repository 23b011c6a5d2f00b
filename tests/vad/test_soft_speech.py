"""Speech that the detector misses, and what it hears after the end of speech."""

from __future__ import annotations

from streamer.settings.segmenter import SegmenterSettings
from streamer.types import FRAME_SAMPLES
from streamer.vad.events import SpeechStarted, UtteranceEnded
from streamer.vad.segmenter import Segmenter
from tests.vad.sounds import LOUD, PAUSE, ScriptedDetector, frames, script, square, utterances_of


class LoudDetector:
    """Hears speech in frames of full loudness only."""

    def is_speech(self, frame: bytes) -> bool:
        return frame == square(LOUD)


def ends_of(amplitudes: list[int], settings: SegmenterSettings) -> list[int]:
    segmenter = Segmenter(LoudDetector(), settings)
    events = [event for frame in frames(amplitudes) for event in segmenter.push(frame)]
    return [event.utterance.end_sample // FRAME_SAMPLES for event in events if isinstance(event, UtteranceEnded)]


def test_soft_syllables_that_the_detector_misses_keep_an_utterance_going() -> None:
    sound = [0] * 20 + [LOUD] * 20 + [LOUD // 6] * 30 + [0] * 40

    assert ends_of(sound, SegmenterSettings(keep_drop_db=18)) == [70 + PAUSE]
    assert ends_of(sound, SegmenterSettings(keep_drop_db=12)) == [40 + PAUSE]


def test_noise_as_loud_as_soft_syllables_does_not_keep_an_utterance_going() -> None:
    noise = LOUD // 6
    sound = [noise] * 20 + [LOUD] * 20 + [noise] * 70

    assert ends_of(sound, SegmenterSettings()) == [40 + PAUSE]


def test_noise_is_what_was_heard_in_the_last_milliseconds_only() -> None:
    noise = LOUD // 6
    sound = [0] * 20 + [noise] * 60 + [LOUD] * 20 + [noise] * 70

    assert ends_of(sound, SegmenterSettings(floor_ms=1000)) == [100 + PAUSE]
    assert ends_of(sound, SegmenterSettings(floor_ms=6000)) == []


def test_what_the_detector_hears_after_the_end_of_speech_is_silence() -> None:
    sound = script(("s", 20), ("v", 20)) + [LOUD // 20] * 25 + [0] * 40

    assert [one.end_sample for one in utterances_of(sound)] == [(40 + PAUSE) * FRAME_SAMPLES]
    assert [one.end_sample for one in utterances_of(sound, SegmenterSettings(tail_ms=0))] == [
        (65 + PAUSE) * FRAME_SAMPLES
    ]


def test_soft_speech_after_loud_speech_is_an_utterance_of_its_own() -> None:
    first, second = utterances_of(script(("s", 20), ("v", 20)) + [LOUD // 20] * 60 + [0] * 40)

    assert (first.end_sample, second.start_sample, second.end_sample) == (
        (40 + PAUSE) * FRAME_SAMPLES,
        (40 + PAUSE) * FRAME_SAMPLES,
        (100 + PAUSE) * FRAME_SAMPLES,
    )


def test_a_new_detector_has_no_tail() -> None:
    segmenter = Segmenter(ScriptedDetector(), SegmenterSettings())
    for frame in frames(script(("v", 20))):
        segmenter.push(frame)
    segmenter.flush()
    segmenter.restart(ScriptedDetector())
    events = [event for frame in frames([LOUD // 20] * 4) for event in segmenter.push(frame)]

    assert [type(event) for event in events] == [SpeechStarted]


def test_the_noise_before_a_restart_is_forgotten() -> None:
    noise = LOUD // 6
    segmenter = Segmenter(LoudDetector(), SegmenterSettings())
    for frame in frames([0] * 60):
        segmenter.push(frame)
    segmenter.restart(LoudDetector())
    sound = frames([noise] * 20 + [LOUD] * 20 + [noise] * 70)
    events = [event for frame in sound for event in segmenter.push(frame)]

    assert [event.utterance.end_sample for event in events if isinstance(event, UtteranceEnded)] == [
        (40 + PAUSE) * FRAME_SAMPLES
    ]
