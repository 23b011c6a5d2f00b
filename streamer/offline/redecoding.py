"""A recording decoded again: what a crash left undone, or all of it with other models."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from streamer.interfaces import Recognizer, SpeechDetector
from streamer.meeting.clock import MeetingClock
from streamer.meeting.stretches import Stretch
from streamer.pipeline import Recognition
from streamer.pipeline.finishing import UnfailingFinisher
from streamer.settings import Settings
from streamer.stitcher import Stitcher
from streamer.stitcher.alignment import Span, middle
from streamer.stitcher.seam import join
from streamer.types import Frame, FrameRun, Hypothesis, Segment, Utterance
from streamer.vad.events import SegmenterEvent, UtteranceEnded
from streamer.vad.segmenter import Segmenter

_LONGEST_CHAIN = 30


@dataclass(frozen=True, slots=True)
class Finalised:
    """What of a meeting is final already."""

    until_sample: int = 0
    """Position after the last final."""
    heard_until: int = 0
    """Position after the last token that is final; beyond ``until_sample`` where a token lasts into the silence."""
    last_id: int = 0
    """Id of the last final; new ones follow."""
    text_before: Callable[[int], str] = lambda _id: ""
    """Written text of the last segment with text before that id."""


class Crew(Protocol):
    """Decodes several utterances at the same time. :class:`Redecoder` calls it, always from the same thread."""

    @property
    def ahead(self) -> int:
        """How many utterances are begun before the oldest is asked for."""

    def begin(self, utterance: Utterance) -> Callable[[], Hypothesis]:
        """Decode an utterance that has ended; what is returned waits for its final.

        Raises:
            RecognizerError: a model failed (what is returned raises it).
        """


class Redecoder:
    """Repeats what the live pipeline does with sound, without its clock: segmenter, recogniser, stitcher.

    Finals are a function of sound, settings and reset points only, so those that it gives are those that the live
    meeting would have given: exactly so where the sound since the last reset point is there. Where it is not (the
    meeting kept no sound), the detector begins with another past, which cannot be saved: until the first utterance
    that is known by its start, utterances may begin and end elsewhere. Even then no syllable is doubled or lost but one
    that the sound ends within: whether its first hundredths of a second are heard depends on the utterance around them.
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
            recognition: gives text its written form; decodes where there is no crew.
            new_detector: makes a detector that has heard nothing.
            settings: those of segmenter and captions are used.
            crew: decodes utterances ahead.
        """
        finisher = recognition.finisher
        self._recognition = Recognition(
            recognition.recognizer, None if finisher is None else UnfailingFinisher(finisher)
        )
        self._new_detector = new_detector
        self._settings = settings
        self._crew = crew

    def segments(
        self,
        read: Callable[[int, int], Iterable[Frame | FrameRun]],
        parts: Iterable[Stretch],
        clock: MeetingClock,
        finalised: Finalised | None = None,
    ) -> Iterator[Segment]:
        """Final segments of the stretches, except those that are final already.

        Args:
            read: the frames between two positions.
            parts: what to decode; no utterance crosses their borders. Those that end before what is final are skipped.
            clock: of the meeting.
            finalised: where to go on; None: nothing is final.

        Raises:
            StoreError: the recording cannot be read.
            RecognizerError: a model failed.
        """
        known = finalised or Finalised()
        run = _Run(self._recognition, self._crew, clock, self._settings, known)
        segmenter = Segmenter(self._new_detector(), self._settings.segmenter)
        for start, end in parts:
            if end <= known.until_sample:
                continue
            segmenter.restart(self._new_detector())
            for sound in read(start, end):
                yield from run.finals(segmenter.push(sound))
            yield from run.finals(segmenter.flush())
        yield from run.finish()


class _Run:
    """The decoding half: skips the utterances that are final, and gives the first new one what it must know.

    Positions tell what is final, never numbers: where the detector begins with another past, it may find more or fewer
    utterances than the live meeting did.
    """

    def __init__(
        self, recognition: Recognition, crew: Crew | None, clock: MeetingClock, settings: Settings, known: Finalised
    ) -> None:
        self._recognition = recognition
        self._begin = _at_once(recognition.recognizer) if crew is None else crew.begin
        self._ahead = 0 if crew is None else crew.ahead
        self._begun: deque[tuple[Utterance, Callable[[], Hypothesis]]] = deque()
        """Utterances that are being decoded, in order; at most so many ahead."""
        self._clock = clock
        self._settings = settings
        self._known = known
        self._shift = 0
        """From the segmenter's numbers, which count from where the sound begins, to the meeting's."""
        # Final utterances, each sharing sound with the next; the first new one is joined with the last of them. Of more
        # the oldest is forgotten: what it shared has long been joined.
        self._chain: deque[Utterance] = deque(maxlen=_LONGEST_CHAIN)
        self._joined: list[tuple[Utterance, Callable[[], Hypothesis]]] = []
        """Those of the chain that are decoded again, before the first new one."""
        self._stitcher: Stitcher | None = None

    def finals(self, events: Iterable[SegmenterEvent]) -> Iterator[Segment]:
        """Segments of the utterances that ended and are not final yet."""
        for event in events:
            if not isinstance(event, UtteranceEnded):
                continue
            if _own_end(event.utterance) <= self._known.until_sample:
                self._skip(event.utterance)
                continue
            utterance = self._numbered(event.utterance)
            if self._chain:
                self._begin_chain(utterance)
            self._begun.append((utterance, self._begin(utterance)))
            while len(self._begun) > self._ahead:
                yield from self._take(*self._begun.popleft())

    def finish(self) -> Iterator[Segment]:
        """What is still open."""
        while self._begun:
            yield from self._take(*self._begun.popleft())
        if self._stitcher is not None:
            yield from self._new(self._stitcher.finish())

    def _skip(self, utterance: Utterance) -> None:
        if utterance.overlap_after_samples:
            self._chain.append(utterance)
        else:
            self._chain.clear()

    def _numbered(self, found: Utterance) -> Utterance:
        """With the meeting's number."""
        if self._stitcher is None and not self._begun:
            least = max(self._known.last_id, len(self._chain)) + 1
            self._shift = max(0, least - found.id)
        return replace(found, id=found.id + self._shift)

    def _begin_chain(self, first: Utterance) -> None:
        """Decode what the first new utterance is joined with, so that a crew hears everything in order."""
        until, chain = self._known.until_sample, list(self._chain)
        if first.start_sample < until:
            # The last one alone, for the part that is not final yet; the rest of the chain is all final.
            chain = [each for each in chain[-1:] if each.end_sample > until]
        for number, heard in enumerate(chain, first.id - len(chain)):
            again = replace(heard, id=number)
            self._joined.append((again, self._begin(again)))
        self._chain.clear()

    def _take(self, utterance: Utterance, decoded: Callable[[], Hypothesis]) -> Iterator[Segment]:
        joined = [(each, heard()) for each, heard in self._joined]
        self._joined.clear()
        hypothesis = decoded()
        if utterance.start_sample < self._known.until_sample:
            utterance, hypothesis = self._rest(utterance, hypothesis, joined)
            joined.clear()
        if self._stitcher is None:
            self._stitcher = self._opened(utterance.id, joined)
        yield from self._new(self._stitcher.push(utterance, hypothesis))

    def _rest(
        self, utterance: Utterance, hypothesis: Hypothesis, joined: Iterable[tuple[Utterance, Hypothesis]]
    ) -> tuple[Utterance, Hypothesis]:
        """The part of an utterance that is not final yet; it was decoded whole: a model needs what surrounds it.

        It is joined with the utterance before here: the stitcher would keep what that one heard of the final sound.
        """
        until = self._known.until_sample
        tokens = hypothesis.tokens
        for before, heard in joined:
            tokens = join(heard.tokens, tokens, Span(utterance.start_sample, before.end_sample))
        final = max(until, self._known.heard_until)
        rest = tuple(token for token in tokens if middle(token) >= final)
        return replace(utterance, start_sample=until), replace(hypothesis, start_sample=until, tokens=rest)

    def _opened(self, number: int, joined: Sequence[tuple[Utterance, Hypothesis]]) -> Stitcher:
        """A stitcher that has heard what the utterance with this number is joined with."""
        stitcher = Stitcher(
            self._clock.at,
            self._settings.captions,
            self._recognition.finisher,
            before=self._known.text_before(number - len(joined)),
        )
        for utterance, hypothesis in joined:
            stitcher.push(utterance, hypothesis)
        return stitcher

    def _new(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        return (one for one in segments if one.is_final and one.id > self._known.last_id)


def _at_once(recognizer: Recognizer) -> Callable[[Utterance], Callable[[], Hypothesis]]:
    """As :meth:`Crew.begin`, in the caller's own thread."""

    def begin(utterance: Utterance) -> Callable[[], Hypothesis]:
        hypothesis = recognizer.recognize(utterance)
        return lambda: hypothesis

    return begin


def _own_end(utterance: Utterance) -> int:
    """Where its segment ends: before the sound that it shares with the next utterance."""
    return utterance.end_sample - utterance.overlap_after_samples
