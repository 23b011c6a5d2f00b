from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from streamer.asr.runners.turns import given_up
from streamer.errors import AudioFileError, RecognizerError
from streamer.interfaces import Recognizer
from streamer.offline.crew import RecognizerCrew
from streamer.offline.transcriber import Transcriber, open_transcriber
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.settings.gate import GateSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.text import TextSettings
from streamer.text.hindsight import Hindsight
from streamer.types import EndReason, Frame, FrameRun, Hypothesis, Token, Utterance
from tests.fakes import SILENCE, SPEECH, AskedPunctuator, ScriptedDetector, ScriptedRecognizer
from tests.tonepack import hiss, tone, write_tone_pack

OPEN_GATE = GateSettings(
    min_level_range_db=0.0, min_voiced_frames=0, max_steady_share=1.0, max_sparse_steady_share=1.0, murmur_range_db=0.0
)
"""Lets tones pass."""


class RefusingFinisher:
    """Where hindsight writes the text, nobody else is asked."""

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        raise AssertionError("asked for provisional text")

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        raise AssertionError("asked for a final")


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


def test_transcripts_are_punctuated_in_hindsight() -> None:
    hindsight = partial(Hindsight, AskedPunctuator(), TextSettings())
    recognition = Recognition(ScriptedRecognizer(), RefusingFinisher(), hindsight)
    decoding = Transcriber(recognition, ScriptedDetector, Settings())
    script = frames((SPEECH, 1), (SILENCE, 0.8), (SPEECH, 1), (SILENCE, 1.6), (SPEECH, 1))

    assert [segment.text for segment in decoding.segments(script)] == ["一丁丂七丄", "三上下丌不。", "世丗丘丙业。"]


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


@pytest.fixture
def crew_of() -> Iterator[Callable[..., Transcriber]]:
    """Makes a transcriber with several recognisers at once."""
    with ExitStack() as opened:

        def make(*recognizers: Recognizer, together: int = 1) -> Transcriber:
            crew = RecognizerCrew(recognizers, together)
            opened.callback(crew.close)
            return Transcriber(Recognition(recognizers[0]), ScriptedDetector, Settings(), crew)

        yield make


@pytest.mark.parametrize("together", [1, 2, 8])
@pytest.mark.parametrize("count", [1, 3])
def test_several_at_once_give_what_one_gives(crew_of: Callable[..., Transcriber], count: int, together: int) -> None:
    script = ((SPEECH, 35), (SILENCE, 2), (SPEECH, 1), (SILENCE, 2), (SPEECH, 3))
    several = [ScriptedRecognizer() for _ in range(count)]

    found = list(crew_of(*several, together=together).segments(frames(*script)))

    assert found == list(transcriber().segments(frames(*script)))
    heard = sorted(utterance.id for recognizer in several for utterance in recognizer.heard)
    assert heard == list(range(1, len(heard) + 1))


def test_segments_come_in_order_whoever_is_done_first(crew_of: Callable[..., Transcriber]) -> None:
    second_is_done = threading.Event()

    class Slow(ScriptedRecognizer):
        """Has the first utterance wait for the second."""

        def recognize(self, utterance: Utterance) -> Hypothesis:
            if utterance.id == 1:
                with given_up():  # as while its model runs
                    second_is_done.wait()
            hypothesis = super().recognize(utterance)
            if utterance.id == 2:
                second_is_done.set()
            return hypothesis

    segments = list(crew_of(Slow(), Slow()).segments(frames((SPEECH, 1), (SILENCE, 2), (SPEECH, 1), (SILENCE, 2))))

    assert [segment.id for segment in segments] == [1, 2]


def test_as_many_utterances_as_said_are_decoded_together() -> None:
    class Grouped(ScriptedRecognizer):
        """Notes how many come together."""

        def __init__(self) -> None:
            super().__init__()
            self.sizes: list[int] = []

        def recognize_all(self, utterances: Sequence[Utterance]) -> list[Hypothesis]:
            self.sizes.append(len(utterances))
            return [self.recognize(each) for each in utterances]

    recognizer = Grouped()
    crew = RecognizerCrew([recognizer], together=3)
    five = frames(*[(SPEECH, 1), (SILENCE, 2)] * 5)
    list(Transcriber(Recognition(recognizer), ScriptedDetector, Settings(), crew).segments(five))

    assert recognizer.sizes == [3, 2]


@pytest.mark.parametrize("together", [1, 8])
@pytest.mark.parametrize("count", [1, 2])
def test_a_failure_in_a_crew_comes_in_its_place(crew_of: Callable[..., Transcriber], count: int, together: int) -> None:
    def fails(utterance: Utterance) -> bool:
        return utterance.id == 2

    recognizers = [ScriptedRecognizer(fails) for _ in range(count)]
    segments = crew_of(*recognizers, together=together).segments(frames(*[(SPEECH, 1), (SILENCE, 2)] * 3))

    assert next(segments).id == 1
    with pytest.raises(RecognizerError, match="scripted failure of utterance 2"):
        next(segments)


def test_threads_decode_as_many_utterances_at_once(tmp_path: Path) -> None:
    pcm = np.concatenate([part for syllable in (0, 1, 2) for part in (hiss(1.5), tone(syllable, 0.5))]).tobytes()
    sound = [FrameRun(pcm[at : at + 6400], at // 2) for at in range(0, len(pcm), 6400)]
    pack = str(write_tone_pack(tmp_path / "tones"))
    found = {}
    for threads in (1, 2):
        settings = Settings(recognizer=RecognizerSettings(pack=pack, threads=threads), gate=OPEN_GATE)
        with open_transcriber(settings) as opened:
            found[threads] = [(one.start_sample, one.text) for one in opened.segments(sound)]

    assert len(found[1]) == 3
    assert found[2] == found[1]


def test_what_waits_for_a_crew_is_not_counted_as_decoded(crew_of: Callable[..., Transcriber]) -> None:
    """A short sound is read at once; how far it is would else be told as if it were decoded."""
    decoder = crew_of(ScriptedRecognizer(), together=8)
    while_given: list[int] = []

    def given() -> Iterator[Frame]:
        for frame in frames((SILENCE, 1), *[(SPEECH, 1), (SILENCE, 2)] * 3):
            while_given.append(decoder.decoded(frame.start_sample))
            yield frame

    starts, then = [], []
    for segment in decoder.segments(given()):
        starts.append(segment.start_sample)
        then.append(decoder.decoded(160_000))

    assert max(while_given) > 16_000, "silence is done once it is read"
    assert while_given[-1] == starts[0] < 16_000
    assert then == [*starts[1:], 160_000]


def test_of_a_sound_that_was_given_up_nothing_waits(crew_of: Callable[..., Transcriber]) -> None:
    decoder = crew_of(ScriptedRecognizer(lambda utterance: utterance.id == 2), together=8)
    script = [(SPEECH, 1), (SILENCE, 2)] * 3
    with pytest.raises(RecognizerError):
        list(decoder.segments(frames(*script)))
    failed = decoder.decoded(144_000)
    list(decoder.segments(frames((SILENCE, 1))))

    assert 40_000 < failed <= 48_000, "the second utterance begins at 3 s, and with what comes before it"
    assert decoder.decoded(16_000) == 16_000
