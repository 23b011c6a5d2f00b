from __future__ import annotations

from collections.abc import Iterator

import pytest

from streamer.errors import AudioFileError, RecognizerError
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.transcriber import Transcriber
from streamer.types import EndReason, Frame
from tests.fakes import SILENCE, SPEECH, ScriptedDetector, ScriptedRecognizer


def frames(*script: tuple[bytes, float]) -> Iterator[Frame]:
    """Frames of one content for so many seconds, and so on."""
    position = 0
    for pcm, seconds in script:
        for _ in range(round(seconds * 50)):
            yield Frame(pcm, position)
            position += 320


def transcriber(recognizer: ScriptedRecognizer | None = None) -> Transcriber:
    return Transcriber(Recognition(recognizer or ScriptedRecognizer()), ScriptedDetector, Settings())


def test_what_is_said_becomes_segments() -> None:
    segments = list(transcriber().segments(frames((SILENCE, 1), (SPEECH, 1), (SILENCE, 2), (SPEECH, 1), (SILENCE, 2))))

    assert [segment.text for segment in segments] == ["丅丆万丈三", "且丕世丗丘"]
    assert all(segment.is_final for segment in segments)


def test_speech_at_the_very_end_is_not_lost() -> None:
    segments = list(transcriber().segments(frames((SPEECH, 1))))

    assert [(segment.text, segment.end_reason) for segment in segments] == [("一丁丂七丄", EndReason.STOP)]


def test_silence_and_nothing_give_nothing() -> None:
    assert list(transcriber().segments(frames((SILENCE, 5)))) == []
    assert list(transcriber().segments(iter(()))) == []


def test_unbroken_speech_is_cut_and_keeps_every_syllable() -> None:
    segments = list(transcriber().segments(frames((SPEECH, 35))))

    assert "".join(segment.spoken for segment in segments) == "".join(chr(ord("一") + i) for i in range(175))
    assert len(segments) > 3


def test_every_sound_is_decoded_once() -> None:
    recognizer = ScriptedRecognizer()
    list(transcriber(recognizer).segments(frames((SPEECH, 1), (SILENCE, 2), (SPEECH, 1))))

    assert [utterance.id for utterance in recognizer.heard] == [1, 2]
    assert all(utterance.end_reason is not None for utterance in recognizer.heard)


def test_one_sound_after_another_starts_anew() -> None:
    decoder = transcriber()
    first = list(decoder.segments(frames((SPEECH, 1))))

    assert list(decoder.segments(frames((SPEECH, 1)))) == first


def test_what_came_before_damage_is_decoded_before_the_error() -> None:
    def damaged() -> Iterator[Frame]:
        yield from frames((SPEECH, 1))
        raise AudioFileError("damaged")

    decoded = transcriber().segments(damaged())

    assert next(decoded).text == "一丁丂七丄"
    with pytest.raises(AudioFileError, match="damaged"):
        next(decoded)


def test_a_failing_model_is_an_error() -> None:
    failing = transcriber(ScriptedRecognizer(lambda utterance: True))

    with pytest.raises(RecognizerError, match="scripted failure of utterance 1"):
        list(failing.segments(frames((SPEECH, 1))))
