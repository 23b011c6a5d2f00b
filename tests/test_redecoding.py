from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.errors import RecognizerError
from streamer.meeting.clock import MeetingClock
from streamer.pipeline import Recognition
from streamer.redecoding import Finalised, Redecoder
from streamer.settings import Settings
from streamer.types import FRAME_SAMPLES, MAX_UTTERANCE_SAMPLES, Frame, Segment, Token
from tests.fakes import SILENCE, SPEECH, ScriptedDetector, ScriptedRecognizer

AT = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
Sound = list[bytes]
"""What each frame holds."""

scripts = st.lists(st.tuples(st.integers(1, 900), st.integers(1, 120)), min_size=2, max_size=4)
"""Frames of speech, then of silence, and so on."""


def sound_of(script: list[tuple[int, int]]) -> Sound:
    return [frame for spoken, silent in script for frame in [SPEECH] * spoken + [SILENCE] * silent]


def decoded(sound: Sound, first_frame: int = 0, known: Finalised | None = None) -> list[Segment]:
    """Finals of a recording of which only what begins with a frame is left."""

    def read(start: int, end: int) -> Iterator[Frame]:
        for number in range(start // FRAME_SAMPLES, end // FRAME_SAMPLES):
            yield Frame(sound[number], number * FRAME_SAMPLES)

    redecoder = Redecoder(Recognition(ScriptedRecognizer()), ScriptedDetector, Settings())
    part = (first_frame * FRAME_SAMPLES, len(sound) * FRAME_SAMPLES)
    return list(redecoder.segments(read, [part], MeetingClock(AT), known))


def finalised(segments: list[Segment]) -> Finalised:
    """What is known of a meeting with these finals."""
    return Finalised(
        until_sample=max((one.end_sample for one in segments), default=0),
        last_id=max((one.id for one in segments), default=0),
        ids_by_start={one.start_sample: one.id for one in segments},
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
