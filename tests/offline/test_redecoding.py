from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamer.errors import RecognizerError
from streamer.interfaces import SpeechDetector
from streamer.meeting.clock import MeetingClock
from streamer.offline.crew import RecognizerCrew
from streamer.offline.redecoding import Crew, Finalised, Redecoder
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.types import FRAME_SAMPLES, MAX_UTTERANCE_SAMPLES, Frame, FrameRun, Segment, Token
from tests.fakes import SILENCE, SPEECH, ScriptedDetector, ScriptedRecognizer

AT = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
Sound = list[bytes]
"""What each frame holds."""
_AT_ONCE = 50
"""Frames that are read together."""

scripts = st.lists(st.tuples(st.integers(1, 900), st.integers(1, 120)), min_size=2, max_size=4)
"""Frames of speech, then of silence, and so on."""


def sound_of(script: list[tuple[int, int]]) -> Sound:
    return [frame for spoken, silent in script for frame in [SPEECH] * spoken + [SILENCE] * silent]


class WaveringDetector:
    """Takes all sound for speech in every other two seconds that it hears: cuts depend on where it begins."""

    def __init__(self) -> None:
        self._heard = 0

    def is_speech(self, frame: bytes) -> bool:
        self._heard += 1
        return frame == SPEECH or self._heard // 100 % 2 == 0


def decoded(
    sound: Sound,
    first_frame: int = 0,
    known: Finalised | None = None,
    new_detector: Callable[[], SpeechDetector] = ScriptedDetector,
    crew: Crew | None = None,
) -> list[Segment]:
    """Finals of a recording of which only what begins with a frame is left."""

    def read(start: int, end: int) -> Iterator[FrameRun]:
        last = end // FRAME_SAMPLES
        for number in range(start // FRAME_SAMPLES, last, _AT_ONCE):
            yield FrameRun(b"".join(sound[number : min(last, number + _AT_ONCE)]), number * FRAME_SAMPLES)

    redecoder = Redecoder(Recognition(ScriptedRecognizer()), new_detector, Settings(), crew)
    part = (first_frame * FRAME_SAMPLES, len(sound) * FRAME_SAMPLES)
    return list(redecoder.segments(read, [part], MeetingClock(AT), known))


def finalised(segments: list[Segment]) -> Finalised:
    """What is known of a meeting with these finals."""
    return Finalised(
        until_sample=max((one.end_sample for one in segments), default=0),
        heard_until=max((token.end_sample for one in segments for token in one.tokens), default=0),
        last_id=max((one.id for one in segments), default=0),
    )


@settings(deadline=None, max_examples=25)
@given(script=scripts, share=st.floats(0, 1))
def test_what_is_left_of_a_whole_recording_is_decoded_as_if_nothing_had_happened(
    script: list[tuple[int, int]], share: float
) -> None:
    sound = sound_of(script)
    whole = decoded(sound)
    count = int(share * len(whole))

    assert decoded(sound, 0, finalised(whole[:count])) == whole[count:]


@settings(deadline=None, max_examples=25)
@given(script=scripts, share=st.floats(0, 1), kept=st.floats(0, 1))
@example(script=[(1, 1), (382, 15), (73, 1), (398, 1)], share=0.75, kept=1.0)  # cut elsewhere
@example(script=[(472, 1), (428, 12), (8, 1)], share=0.75, kept=0.5)  # a token that lasts into the pause
def test_where_sound_was_deleted_no_syllable_is_doubled_or_lost(
    script: list[tuple[int, int]], share: float, kept: float
) -> None:
    sound = sound_of(script)
    whole = decoded(sound)
    count = int(share * len(whole))
    known = finalised(whole[:count])
    oldest = max(0, known.until_sample - MAX_UTTERANCE_SAMPLES) // FRAME_SAMPLES
    rest = decoded(sound, int(kept * oldest), known)

    assert "".join(one.spoken for one in rest) == "".join(one.spoken for one in whole[count:])
    assert [one.id for one in rest] == sorted({one.id for one in rest})
    assert all(one.id > known.last_id and one.start_sample >= known.until_sample for one in rest)


@pytest.mark.parametrize("new_detector", [ScriptedDetector, WaveringDetector])
@pytest.mark.parametrize(
    "script", [[(1800, 60)], [(60, 20), (90, 15), (40, 30), (700, 30)] * 2], ids=["unbroken", "with pauses"]
)
def test_wherever_the_sound_begins_that_is_left_no_syllable_is_doubled_or_lost(
    script: list[tuple[int, int]], new_detector: Callable[[], SpeechDetector]
) -> None:
    """Cuts lie elsewhere than in the live meeting, and utterances have other numbers."""
    sound = sound_of(script)
    whole = decoded(sound, new_detector=new_detector)
    wrong = []
    for count in range(1, len(whole)):
        known = finalised(whole[:count])
        oldest = max(0, known.until_sample - MAX_UTTERANCE_SAMPLES) // FRAME_SAMPLES
        for first_frame in range(0, oldest + 1, 37):
            rest = decoded(sound, first_frame, known, new_detector)
            if "".join(one.spoken for one in rest) != "".join(one.spoken for one in whole[count:]):
                wrong.append((count, first_frame))
            assert all(one.id > known.last_id and one.start_sample >= known.until_sample for one in rest)
    assert not wrong


def test_a_crew_goes_on_wherever_one_recogniser_does() -> None:
    """It decodes again what the first new utterance is joined with, each once and in order."""
    sound = sound_of([(60, 20), (700, 30), (90, 15), (1800, 60)])
    whole = decoded(sound)
    for count in range(len(whole)):
        known = finalised(whole[:count])
        for first_frame in range(0, max(1, known.until_sample // FRAME_SAMPLES - 100), 397):
            alone = decoded(sound, first_frame, known)
            for size in (1, 2):
                recognizers = [ScriptedRecognizer() for _ in range(size)]
                crew = RecognizerCrew(recognizers, together=3)
                assert decoded(sound, first_frame, known, crew=crew) == alone
                crew.close()
                starts = [each.start_sample for recognizer in recognizers for each in recognizer.heard]
                assert len(starts) == len(set(starts))
                assert size > 1 or starts == sorted(starts)


class FailingFinisher:
    """Its model does not run."""

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        raise RecognizerError("no marks")

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        raise RecognizerError("no marks")


def test_text_is_written_without_marks_where_their_model_fails() -> None:
    recognition = Recognition(ScriptedRecognizer(), FailingFinisher())
    frames = [Frame(SPEECH if number < 50 else SILENCE, number * FRAME_SAMPLES) for number in range(100)]
    redecoder = Redecoder(recognition, ScriptedDetector, Settings())

    [segment] = redecoder.segments(lambda *_: frames, [(0, 32_000)], MeetingClock(AT))
    assert segment.text == "一丁丂七丄"
