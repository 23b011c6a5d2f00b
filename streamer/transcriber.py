"""A sound decoded from its beginning to its end, as the finals of a live meeting would be."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from queue import SimpleQueue

import msgspec

from streamer.errors import AudioError
from streamer.interfaces import Recognizer, SpeechDetector
from streamer.meeting.clock import MeetingClock
from streamer.pipeline import Recognition
from streamer.recognition import SharedModels
from streamer.redecoding import Redecoder
from streamer.settings import Settings
from streamer.types import Frame, FrameRun, Hypothesis, Segment, Utterance
from streamer.vad.webrtc import WebrtcDetector

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNKNOWN_END = 2**62


class Transcriber:
    """Frames in, final segments out; synchronous. One after another, it may decode any number of sounds.

    Only the open utterance, and those of a crew, are in memory, however long the sound is.
    """

    def __init__(
        self,
        recognition: Recognition,
        new_detector: Callable[[], SpeechDetector],
        settings: Settings,
        crew: RecognizerCrew | None = None,
    ) -> None:
        """Take what decodes.

        Args:
            recognition: decodes the utterances and gives their text its written form.
            new_detector: makes a detector that has heard nothing, for each sound.
            settings: those of segmenter and captions are used.
            crew: decodes the utterances instead, several at once; the segments are the same.
        """
        self._decoder = Redecoder(recognition, new_detector, settings, crew)

    def segments(self, frames: Iterable[Frame | FrameRun], started_at: datetime = _EPOCH) -> Iterator[Segment]:
        """Final segments with text, as soon as their sound has been taken. ``started_at``: of the first sample.

        An error of ``frames`` is raised after the segments of what came before it.

        Raises:
            RecognizerError: a model failed.
        """
        failure: AudioError | None = None

        def intact(_start: int, _end: int) -> Iterator[Frame | FrameRun]:
            nonlocal failure
            try:
                yield from frames
            except AudioError as error:
                failure = error

        for segment in self._decoder.segments(intact, [(0, _UNKNOWN_END)], MeetingClock(started_at)):
            if segment.text:
                yield segment
        if failure is not None:
            raise failure


class RecognizerCrew:
    """Recognisers that share their models, each in a thread of its own; implements :class:`streamer.redecoding.Crew`.

    Models run outside Python's lock, so that two utterances at once keep two cores busy, where two threads of one model
    call mostly wait for each other: the models are small.
    """

    def __init__(self, recognizers: Iterable[Recognizer]) -> None:
        """``recognizers``: idle; nobody else uses them."""
        self._idle: SimpleQueue[Recognizer] = SimpleQueue()
        for recognizer in recognizers:
            self._idle.put(recognizer)
        self._size = self._idle.qsize()
        self._threads = ThreadPoolExecutor(self._size, "streamer.crew")

    @property
    def ahead(self) -> int:
        """As many as are decoded, and as many that wait: no recogniser is ever idle."""
        return 2 * self._size

    def begin(self, utterance: Utterance) -> Callable[[], Hypothesis]:
        """Decode an utterance; what is returned waits for its hypothesis, or raises what made it fail."""
        return self._threads.submit(self._recognize, utterance).result

    def close(self) -> None:
        """Give up what was not begun and wait for the rest."""
        self._threads.shutdown(cancel_futures=True)

    def _recognize(self, utterance: Utterance) -> Hypothesis:
        recognizer = self._idle.get()
        try:
            return recognizer.recognize(utterance)
        finally:
            self._idle.put(recognizer)


@contextmanager
def open_transcriber(settings: Settings) -> Iterator[Transcriber]:
    """A transcriber with the models of the settings' pack, released at the end.

    On processors ``recognizer.threads`` is how many utterances are decoded at once, with a thread each.

    Raises:
        PackError: the pack is not there, or not what it claims to be.
        RecognizerError, MissingDependencyError: the models cannot be run here.
    """
    models, at_once = SharedModels(settings), settings.recognizer.threads
    if models.runner != "onnx":
        at_once = 1
    elif at_once > 1:
        single = msgspec.structs.replace(settings.recognizer, threads=1)
        models = SharedModels(msgspec.structs.replace(settings, recognizer=single))
    new_detector = partial(WebrtcDetector, settings.segmenter.vad_mode)
    with ExitStack() as opened:
        opened.callback(models.close)
        recognition, crew = models.new_recognition(), None
        if at_once > 1:
            others = [models.new_recognition(_untold).recognizer for _ in range(at_once - 1)]
            crew = RecognizerCrew([recognition.recognizer, *others])
            opened.callback(crew.close)
        yield Transcriber(recognition, new_detector, settings, crew)


def _untold(_notice: object) -> None:
    """Complain of nothing: of hotwords, one recogniser of a crew says it for all."""
