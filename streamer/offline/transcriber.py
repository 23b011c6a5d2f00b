"""A sound decoded from its beginning to its end, as the finals of a live meeting would be."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial

from streamer.errors import AudioError
from streamer.interfaces import SpeechDetector
from streamer.meeting.clock import MeetingClock
from streamer.offline.crew import open_crew
from streamer.offline.redecoding import Crew, Redecoder
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.text.hindsight import in_hindsight
from streamer.types import Frame, FrameRun, Hypothesis, Segment, Utterance
from streamer.vad.webrtc import WebrtcDetector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN_END = 2**62


class Transcriber:
    """Frames in, final segments out; synchronous. One after another, it may decode any number of sounds.

    Only the open utterance, those of a crew, and the last sentences, which what follows them may punctuate in another
    way, are in memory, however long the sound is.
    """

    def __init__(
        self,
        recognition: Recognition,
        new_detector: Callable[[], SpeechDetector],
        settings: Settings,
        crew: Crew | None = None,
    ) -> None:
        """Take what decodes.

        Args:
            recognition: decodes the utterances and gives their text its written form.
            new_detector: makes a detector that has heard nothing, for each sound.
            settings: those of segmenter and captions are used.
            crew: decodes the utterances instead, several at once; the segments are the same.
        """
        self._new_hindsight = recognition.new_hindsight
        if self._new_hindsight is not None:  # which writes all finals itself
            recognition = replace(recognition, finisher=None)
        self._crew = None if crew is None else _WatchedCrew(crew)
        self._decoder = Redecoder(recognition, new_detector, settings, self._crew)

    def segments(self, frames: Iterable[Frame | FrameRun], started_at: datetime = _EPOCH) -> Iterator[Segment]:
        """Final segments with text, as soon as what follows cannot change them. ``started_at``: of the first sample.

        An error of ``frames`` is raised after the segments of what came before it.

        Raises:
            RecognizerError: a model failed.
        """
        failure: AudioError | None = None
        if self._crew is not None:
            self._crew.waiting.clear()  # of a sound that was given up

        def intact(_start: int, _end: int) -> Iterator[Frame | FrameRun]:
            nonlocal failure
            try:
                yield from frames
            except AudioError as error:
                failure = error

        segments = self._decoder.segments(intact, [(0, _UNKNOWN_END)], MeetingClock(started_at))
        if self._new_hindsight is not None:
            segments = (now for _, now in in_hindsight(segments, self._new_hindsight()))
        for segment in segments:
            if segment.text:
                yield segment
        if failure is not None:
            raise failure

    def decoded(self, heard: int) -> int:
        """Position before which nothing waits to be decoded, where so many samples of the sound were given so far.

        What ended is begun far ahead of its final: of a short sound everything, before anything is decoded.
        """
        return self._crew.waiting[0] if self._crew is not None and self._crew.waiting else heard


class _WatchedCrew:
    """A crew whose utterances are asked for in the order in which they were begun."""

    def __init__(self, crew: Crew) -> None:
        self._crew = crew
        self.waiting: deque[int] = deque()
        """Where the utterances start that were begun and are not decoded; as many as a crew begins ahead."""

    @property
    def ahead(self) -> int:
        return self._crew.ahead

    def begin(self, utterance: Utterance) -> Callable[[], Hypothesis]:
        self.waiting.append(utterance.start_sample)
        decoded = self._crew.begin(utterance)

        def take() -> Hypothesis:
            hypothesis = decoded()
            self.waiting.popleft()
            return hypothesis

        return take


@contextmanager
def open_transcriber(settings: Settings) -> Iterator[Transcriber]:
    """A transcriber with the models of the settings' pack, released at the end; see :mod:`streamer.offline.crew`.

    Raises:
        PackError: the pack is not there, or not what it claims to be.
        RecognizerError, MissingDependencyError: the models cannot be run here.
    """
    with open_crew(settings) as opened:
        new_detector = partial(WebrtcDetector, settings.segmenter.vad_mode)
        yield Transcriber(opened.recognition, new_detector, settings, opened.crew)
