"""Recognisers that decode a whole sound together, for whoever does not decode it as it is spoken."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from queue import SimpleQueue

import msgspec

from streamer.asr.hotword_watch import HotwordSource
from streamer.asr.runners.turns import taken
from streamer.errors import RecognizerError
from streamer.interfaces import Recognizer, recognize_all
from streamer.pipeline import Recognition
from streamer.recognition import SharedModels
from streamer.settings import Settings
from streamer.system.memory import keep_what_is_free
from streamer.types import Hypothesis, Utterance

_TOGETHER = 32
"""Utterances that one recogniser decodes together: of more the search costs less, and each model runs longer while it
is in the processor's cache, but their log-probabilities take a megabyte each. With 16 all takes a twentieth more time,
with 48 as much."""
_FIRST_OF_SEVERAL = 8
"""As many in the first group of each of several recognisers, and twice as many in each next one: of a short sound each
has some."""


class RecognizerCrew:
    """Recognisers that share their models; implements :class:`streamer.offline.redecoding.Crew`.

    Each decodes several utterances together, which costs less than one after another. More than one recogniser have a
    thread each: models run outside Python's lock, so that two keep two cores busy, where two threads of one model call
    mostly wait for each other: the models are small. For all else the threads take turns.
    """

    def __init__(self, recognizers: Iterable[Recognizer], together: int | None = None) -> None:
        """Take recognisers that are idle; nobody else uses them.

        Args:
            recognizers: at least one.
            together: how many utterances a recogniser is given at once; None: as many as are worth it.
        """
        self._idle: SimpleQueue[Recognizer] = SimpleQueue()
        for recognizer in recognizers:
            self._idle.put(recognizer)
        self._size = size = self._idle.qsize()
        self._together = together or _TOGETHER
        self._first = together or (_FIRST_OF_SEVERAL if size > 1 else _TOGETHER)
        self._groups = 0
        """How many of a sound were decoded, or are."""
        self._waiting = 0
        """Utterances that were begun and not asked for yet."""
        self._ahead = (2 * size if size > 1 else 1) * self._together - 1
        self._threads = ThreadPoolExecutor(size, "streamer.crew") if size > 1 else None
        self._turn = threading.Lock()
        """Which of the threads does what is not a model's."""
        self._gathered = _Group()

    @property
    def ahead(self) -> int:
        """As many as are decoded, and with threads as many that wait: no recogniser is ever idle."""
        return self._ahead

    def begin(self, utterance: Utterance) -> Callable[[], Hypothesis]:
        """Decode an utterance; what is returned waits for its hypothesis, or raises what made it fail."""
        group, place = self._gathered, len(self._gathered.utterances)
        group.utterances.append(utterance)
        self._waiting += 1
        if len(group.utterances) == min(self._first << self._groups // self._size, self._together):
            self._decode_gathered()
        return partial(self._taken, group, place)

    def close(self) -> None:
        """Give up what was not begun and wait for the rest."""
        if self._threads is not None:
            self._threads.shutdown(cancel_futures=True)

    def _decode_gathered(self) -> None:
        group, self._gathered = self._gathered, _Group()
        self._groups += 1
        decode = partial(self._recognize, group.utterances)
        group.decoded = decode if self._threads is None else self._threads.submit(decode).result

    def _taken(self, group: _Group, place: int) -> Hypothesis:
        if group is self._gathered:
            self._decode_gathered()
        # Fewer than are begun ahead: the sound ends, and no thread waits for the last ones to be asked for.
        if self._waiting <= self._ahead and self._threads is not None and self._gathered.utterances:
            self._decode_gathered()
        self._waiting -= 1
        if not self._waiting:
            self._groups = 0
        if group.decoded is not None:
            group.outcomes, group.decoded = group.decoded(), None
        outcome = group.outcomes[place]
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    def _recognize(self, utterances: Sequence[Utterance]) -> list[Hypothesis | RecognizerError]:
        recognizer = self._idle.get()
        try:
            with taken(self._turn):
                return _outcomes(recognizer, utterances)
        finally:
            self._idle.put(recognizer)


@dataclass(slots=True)
class _Group:
    """Utterances that are decoded together."""

    utterances: list[Utterance] = field(default_factory=list)
    decoded: Callable[[], list[Hypothesis | RecognizerError]] | None = None
    """Waits for what they were decoded to, until that was asked for."""
    outcomes: list[Hypothesis | RecognizerError] = field(default_factory=list)


def _outcomes(recognizer: Recognizer, utterances: Sequence[Utterance]) -> list[Hypothesis | RecognizerError]:
    try:
        return list(recognize_all(recognizer, utterances))
    except RecognizerError:
        # One that fails does not take those before it along.
        return [_outcome(recognizer, each) for each in utterances]


def _outcome(recognizer: Recognizer, utterance: Utterance) -> Hypothesis | RecognizerError:
    try:
        return recognizer.recognize(utterance)
    except RecognizerError as error:
        return error


@dataclass(frozen=True, slots=True)
class CrewedPack:
    """A pack with its models loaded."""

    label: str
    """Its name and version."""
    recognition: Recognition
    """Gives text its written form; its recogniser is one of the crew's."""
    crew: RecognizerCrew
    """Decodes."""


@contextmanager
def open_crew(settings: Settings, hotwords: HotwordSource | None = None) -> Iterator[CrewedPack]:
    """The models of the settings' pack, released at the end.

    On processors ``recognizer.threads`` is how many recognisers decode at the same time, with a thread each.

    Args:
        settings: of the recogniser.
        hotwords: what to favour; None: those of the settings.

    Raises:
        PackError: the pack is not there, or not what it claims to be.
        RecognizerError, MissingDependencyError: the models cannot be run here.
    """
    models, at_once = SharedModels(settings, hotwords), settings.recognizer.threads
    if models.runner != "onnx":
        at_once = 1
    elif at_once > 1:
        single = msgspec.structs.replace(settings.recognizer, threads=1)
        models = SharedModels(msgspec.structs.replace(settings, recognizer=single), hotwords)
    with ExitStack() as opened:
        opened.callback(models.close)
        recognition = models.new_recognition()
        others = [models.new_recognition(_untold).recognizer for _ in range(at_once - 1)]
        keep_what_is_free()
        crew = RecognizerCrew([recognition.recognizer, *others])
        opened.callback(crew.close)
        yield CrewedPack(models.label, recognition, crew)


def _untold(_notice: object) -> None:
    """Complain of nothing: of hotwords, one recogniser of a crew says it for all."""
