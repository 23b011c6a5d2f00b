"""The protocols between streamer's parts, each written from its caller's side."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

from streamer.types import Frame, FrameRun, Gap, Hypothesis, MeetingEvent, Token, Utterance


def one_frame() -> int:
    """For whoever wants every frame as soon as it is there."""
    return 1


class AudioSource(Protocol):
    """A sound in frames of 20 ms. The pipeline opens it, iterates over it once, and closes it.

    It is an async context manager: a device is held between enter and exit.
    """

    async def __aenter__(self) -> Self:
        """Open the device or file.

        Raises:
            AudioError: it cannot be opened.
        """

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release it."""

    @property
    def name(self) -> str:
        """What is listened to, for a person to read."""

    def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[Frame | FrameRun | Gap]:
        """Frames in order, their positions without holes; a :class:`~streamer.types.Gap` where sound was lost.

        Ends when the sound ends or after :meth:`close`.

        Args:
            at_once: asked before each wait: how many frames, 1 or more, may come together, because no other than the
                last of them brings anything about. Waking up costs more than hearing a frame.
        """

    def close(self) -> None:
        """Ask for the end of the sound: frames already captured still come out. Safe to call twice."""


class SpeechDetector(Protocol):
    """Tells speech from other sound, frame by frame. The segmenter calls it once for every frame, in order."""

    def is_speech(self, frame: bytes) -> bool:
        """Whether 20 ms of sound (640 bytes) hold speech."""


@dataclass(frozen=True, slots=True)
class TensorSpec:
    """What a model expects or gives under one name."""

    name: str
    dtype: np.dtype[Any]
    shape: tuple[int | None, ...]
    """None where any length is accepted."""


class ModelRunner(Protocol):
    """Executes one model file. The recogniser calls it from the inference thread only."""

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` expects."""

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """What :meth:`run` gives; asking for an output that is not here is how a capability is found absent."""

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        """Execute the model; every output by name.

        Raises:
            RecognizerError: the model or its device failed.
        """

    def close(self) -> None:
        """Release the model. Safe to call twice."""


class Recognizer(Protocol):
    """Turns snapshots of utterances into hypotheses. One per room; the models behind it may be shared.

    It may keep what it computed of an utterance that grows, until it has seen its final.
    """

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot (``pcm`` must be present). Blocking: called in the inference thread.

        Raises:
            RecognizerError: the snapshot cannot be decoded.
        """


@runtime_checkable
class GroupRecognizer(Recognizer, Protocol):
    """A recogniser to which several utterances at once are less work."""

    def recognize_all(self, utterances: Sequence[Utterance]) -> list[Hypothesis]:
        """Decode utterances that have ended; the hypotheses are those of :meth:`recognize`.

        Raises:
            RecognizerError: one of them cannot be decoded.
        """


def recognize_all(recognizer: Recognizer, utterances: Sequence[Utterance]) -> list[Hypothesis]:
    """Decode utterances that have ended, at once where the recogniser can.

    Raises:
        RecognizerError: one of them cannot be decoded.
    """
    if isinstance(recognizer, GroupRecognizer):
        return recognizer.recognize_all(utterances)
    return [recognizer.recognize(each) for each in utterances]


class TextFinisher(Protocol):
    """Gives a row of characters its written form. The meeting log calls it; pure and fast."""

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        """Written form of text that may still change. ``before``: the written text of the segment before."""

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        """Written form of final text; no sentence mark at the end where the cut was forced."""


class Sink(Protocol):
    """Receives everything that happens in a meeting. The pipeline calls it in order, one event at a time."""

    async def handle(self, event: MeetingEvent) -> None:
        """Take one event. A failure is the sink's own: it is logged and shown, and never stops the meeting."""


class Journal(Protocol):
    """Makes a meeting durable. The pipeline calls it from the storage thread only; every method blocks.

    Order is what it guarantees: sound is on disk before a final that was made of it, and a final is on disk before any
    sink sees it.
    """

    def append(self, sound: Frame | FrameRun) -> None:
        """Add frames to the recording; they may still be in memory on return. No event waits any more then.

        Raises:
            StoreError: the disk is full or unwritable, for these frames or for events before them. Captions go on; what
                was written stays readable.
        """

    def read(self, start_sample: int, end_sample: int) -> bytes:
        """Sound of the recording, as in :class:`~streamer.types.Frame`; includes frames just appended.

        Raises:
            StoreError: that part is not recorded.
        """

    def record(self, event: MeetingEvent) -> None:
        """Make an event durable, and before it all sound up to its position. Partials and status are not recorded.

        Raises:
            StoreError: the store is full, locked or unwritable.
        """

    def changes(self) -> Sequence[MeetingEvent]:
        """What other programs have changed in the meeting since this was asked last. It is recorded already.

        Raises:
            StoreError: the store cannot be read.
        """

    def close(self) -> None:
        """Make everything durable and release the files. Safe to call twice."""


class MeetingControl(Protocol):
    """What a person or a program may ask of a running meeting. Keys and MQTT commands call it from the event loop.

    Each request is stamped with the position at which it takes effect.
    """

    def pause(self) -> None:
        """Stop recording and recognising until :meth:`resume`; the open utterance is finalised."""

    def resume(self) -> None:
        """Record and recognise again."""

    def mark(self, note: str = "") -> None:
        """Mark this moment."""

    def set_title(self, title: str) -> None:
        """Rename the meeting."""

    def stop(self) -> None:
        """End the meeting: what was said is finalised and everything drained."""
