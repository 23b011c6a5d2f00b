"""A recording decoded again: what a crash left undone, or all of it with other models."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace

from streamer.interfaces import SpeechDetector
from streamer.meeting.clock import MeetingClock
from streamer.meeting.stretches import Stretch
from streamer.pipeline import Recognition
from streamer.pipeline.finishing import UnfailingFinisher
from streamer.settings import Settings
from streamer.stitcher import Stitcher
from streamer.stitcher.alignment import middle
from streamer.types import Frame, Hypothesis, Segment, Utterance
from streamer.vad.events import SegmenterEvent, UtteranceEnded
from streamer.vad.segmenter import Segmenter

_LONGEST_CHAIN = 30


@dataclass(frozen=True, slots=True)
class Finalised:
    """What of a meeting is final already."""

    until_sample: int = 0
    """Position after the last final."""
    last_id: int = 0
    """Id of the last final; new ones follow."""
    ids_by_start: dict[int, int] = field(default_factory=dict)
    """Id of each final by the position where it starts: tells the number of an utterance found again."""
    text_before: Callable[[int], str] = lambda _id: ""
    """Written text of the last segment with text before that id."""


class Redecoder:
    """Repeats what the live pipeline does with sound, without its clock: segmenter, recogniser, stitcher.

    Finals are a function of sound, settings and reset points only, so those that it gives are those that the live
    meeting would have given: exactly so where the sound since the last reset point is there. Where it is not (the
    meeting kept no sound), the detector begins with another past, which cannot be saved: until the first utterance
    that is known by its start, utterances may begin and end elsewhere. Even then no syllable is doubled or lost.
    """

    def __init__(
        self, recognition: Recognition, new_detector: Callable[[], SpeechDetector], settings: Settings
    ) -> None:
        """``settings``: those of segmenter and captions are used."""
        finisher = recognition.finisher
        self._recognition = Recognition(
            recognition.recognizer, None if finisher is None else UnfailingFinisher(finisher)
        )
        self._new_detector = new_detector
        self._settings = settings

    def segments(
        self,
        read: Callable[[int, int], Iterable[Frame]],
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
        run = _Run(self._recognition, clock, self._settings, known)
        segmenter = Segmenter(self._new_detector(), self._settings.segmenter)
        for start, end in parts:
            if end <= known.until_sample:
                continue
            segmenter.restart(self._new_detector())
            for frame in read(start, end):
                yield from run.finals(segmenter.push(frame))
            yield from run.finals(segmenter.flush())
        yield from run.finish()


class _Run:
    """The decoding half: skips the utterances that are final, and gives the first new one what it must know."""

    def __init__(self, recognition: Recognition, clock: MeetingClock, settings: Settings, known: Finalised) -> None:
        self._recognition = recognition
        self._clock = clock
        self._settings = settings
        self._known = known
        self._shift: int | None = None if known.last_id else 0
        self._crossing = 0
        """Id of the utterance that lies across the end of what is final; 0 where there is none."""
        # Final utterances, each sharing sound with the next; the first new one is joined with the last of them. Of more
        # the oldest is forgotten: what it shared has long been joined.
        self._chain: deque[Utterance] = deque(maxlen=_LONGEST_CHAIN)
        self._stitcher: Stitcher | None = None

    def finals(self, events: Iterable[SegmenterEvent]) -> Iterator[Segment]:
        """Segments of the utterances that ended and are not final yet."""
        for event in events:
            if isinstance(event, UtteranceEnded):
                yield from self._take(self._numbered(event.utterance))

    def finish(self) -> Iterator[Segment]:
        """What is still open."""
        if self._stitcher is not None:
            yield from self._new(self._stitcher.finish())

    def _numbered(self, utterance: Utterance) -> Utterance:
        """The utterance with its number in the meeting, of which the segmenter has heard only the end."""
        if self._shift is None:
            if utterance.start_sample in self._known.ids_by_start:
                self._shift = self._known.ids_by_start[utterance.start_sample] - utterance.id
            elif utterance.end_sample - utterance.overlap_after_samples > self._known.until_sample:
                self._shift = self._known.last_id + 1 - utterance.id
                self._crossing = self._known.last_id + 1
            else:
                return replace(utterance, id=0)
        return replace(utterance, id=utterance.id + self._shift)

    def _take(self, utterance: Utterance) -> Iterator[Segment]:
        if utterance.id > self._known.last_id:
            stitcher = self._opened(utterance)
            hypothesis = self._recognition.recognizer.recognize(utterance)
            if utterance.id == self._crossing:
                utterance, hypothesis = _after(self._known.until_sample, utterance, hypothesis)
            yield from self._new(stitcher.push(utterance, hypothesis))
        elif utterance.overlap_after_samples:
            self._chain.append(utterance)
        else:
            self._chain.clear()

    def _opened(self, utterance: Utterance) -> Stitcher:
        if self._stitcher is None:
            first = utterance.id - len(self._chain)
            self._stitcher = Stitcher(
                self._clock.at,
                self._settings.captions,
                self._recognition.finisher,
                before=self._known.text_before(first),
            )
            for number, heard in enumerate(self._chain, first):
                again = replace(heard, id=number)
                self._stitcher.push(again, self._recognition.recognizer.recognize(again))
            self._chain.clear()
        return self._stitcher

    def _new(self, segments: Iterable[Segment]) -> Iterator[Segment]:
        return (one for one in segments if one.is_final and one.id > self._known.last_id)


def _after(sample: int, utterance: Utterance, hypothesis: Hypothesis) -> tuple[Utterance, Hypothesis]:
    """The part of an utterance that is not final yet; it was decoded whole, because a model needs what surrounds it."""
    if utterance.start_sample >= sample:
        return utterance, hypothesis
    rest = tuple(token for token in hypothesis.tokens if middle(token) >= sample)
    return replace(utterance, start_sample=sample), replace(hypothesis, start_sample=sample, tokens=rest)
