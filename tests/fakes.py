"""Small stand-ins for the program's parts: scripted, exact, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self, TypeVar

from streamer.errors import AudioError, RecognizerError, StoreError
from streamer.interfaces import one_frame
from streamer.text.punctuation import Punctuator
from streamer.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Frame,
    FrameRun,
    Gap,
    Hypothesis,
    MeetingEvent,
    MeetingStarted,
    Token,
    Utterance,
)

T = TypeVar("T")

FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE
LOUD = (3000).to_bytes(2, "little", signed=True) + (-3000).to_bytes(2, "little", signed=True)
SPEECH = LOUD * (FRAME_SAMPLES // 2)
"""A frame that :class:`ScriptedDetector` hears as speech."""
SOFT = (3).to_bytes(2, "little", signed=True) + (-3).to_bytes(2, "little", signed=True)
SILENCE = SOFT * (FRAME_SAMPLES // 2)
"""A frame without speech, with a noise floor."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A stretch of sound in a script."""

    seconds: float
    pcm: bytes = SPEECH
    """One frame, repeated."""


Script = Sequence[Sound | Gap | AudioError]


def speech(seconds: float) -> Sound:
    return Sound(seconds, SPEECH)


def silence(seconds: float) -> Sound:
    return Sound(seconds, SILENCE)


class ScriptedSource:
    """Plays a script in real time on the running loop, or as fast as it is taken.

    Frames come one by one, from a patient source as many together as are wanted; ``wakeups`` counts how often.
    """

    def __init__(self, script: Script, *, fast: bool = False, patient: bool = False, name: str = "script") -> None:
        self._script = script
        self._fast = fast
        self._patient = patient
        self.wakeups = 0
        self._closed = asyncio.Event()
        self.name = name
        self.is_open = False

    async def __aenter__(self) -> Self:
        self.is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.is_open = False

    async def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[Frame | Gap]:
        position, due = 0, asyncio.get_running_loop().time()
        for item in self._script:
            if isinstance(item, AudioError):
                raise item
            if isinstance(item, Gap):
                due += item.seconds
                await self._until(due)
                yield item
                continue
            left = round(item.seconds / FRAME_SECONDS)
            while left:
                count = min(left, at_once()) if self._patient else 1
                left -= count
                due += count * FRAME_SECONDS
                await self._until(due)
                self.wakeups += 1
                if self._closed.is_set():
                    return
                for _ in range(count):
                    yield Frame(item.pcm, position)
                    position += FRAME_SAMPLES

    def close(self) -> None:
        self._closed.set()

    async def _until(self, due: float) -> None:
        wait = 0.0 if self._fast else due - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(max(0.0, wait)):
                await self._closed.wait()
        except TimeoutError:
            pass


async def singly(items: AsyncIterator[Frame | FrameRun | Gap]) -> AsyncIterator[Frame | Gap]:
    """What a source gives, frame by frame."""
    async for item in items:
        if isinstance(item, Gap):
            yield item
            continue
        for frame in item.frames:
            yield frame


class ScriptedDetector:
    """Hears loud frames as speech."""

    def is_speech(self, frame: bytes) -> bool:
        return frame == SPEECH


class InlineCalls:
    """A thread's calls on the loop itself: they take turns, and each takes virtual time."""

    def __init__(self, seconds: Callable[[], float] = lambda: 0.0) -> None:
        self._seconds = seconds
        self._free_at = 0.0
        self.hung: asyncio.Event | None = None
        """Where set, calls wait for it: a thread that hangs."""

    def run(self, call: Callable[[], T]) -> asyncio.Future[T]:
        loop = asyncio.get_running_loop()
        self._free_at = max(loop.time(), self._free_at) + self._seconds()
        return asyncio.ensure_future(self._call(call, self._free_at))

    def post(self, call: Callable[[], None]) -> None:
        self.run(call)

    def post_steps(self, steps: Iterator[None]) -> None:
        self.post([*steps].clear)

    async def _call(self, call: Callable[[], T], due: float) -> T:
        if self.hung is not None:
            await self.hung.wait()
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        return call()


class ScriptedRecognizer:
    """Hears one syllable for every 200 ms of loud sound; every call is noted.

    A syllable's character depends on its place in the recording, so that the text is a function of the sound.
    """

    def __init__(self, failures: Callable[[Utterance], bool] = lambda utterance: False) -> None:
        self.heard: list[Utterance] = []
        self._failures = failures

    def recognize(self, utterance: Utterance) -> Hypothesis:
        self.heard.append(utterance)
        if utterance.pcm is None:
            raise AssertionError(f"utterance {utterance.id} came without its sound")
        if self._failures(utterance):
            raise RecognizerError(f"scripted failure of utterance {utterance.id}")
        tokens = []
        step = SAMPLE_RATE // 5
        for start in range(utterance.start_sample - utterance.start_sample % -step, utterance.end_sample, step):
            at = 2 * (start - utterance.start_sample)
            if utterance.pcm[at : at + 2 * FRAME_SAMPLES] == SPEECH:
                char = chr(ord("一") + start // step)
                tokens.append(Token(char, f"s{start // step}", start, start + step, -0.1))
        return Hypothesis(
            utterance_id=utterance.id,
            revision=utterance.revision,
            start_sample=utterance.start_sample,
            end_sample=utterance.end_sample,
            tokens=tuple(tokens),
            is_final=utterance.end_reason is not None,
            pack="scripted",
        )


class AskedPunctuator(Punctuator):
    """For hindsight: a comma before 但, else a full stop after a second of silence and after the last character."""

    def __init__(self) -> None:
        self.asked: list[tuple[list[tuple[str, float]], int, int]] = []

    def marks_between(self, shown: Sequence[tuple[str, float]], first: int, stop: int) -> list[str]:
        self.asked.append((list(shown), first, stop))
        following = [character for character, _ in shown[1:]] + [""]
        return [
            "，" if following[at] == "但" else "。" if shown[at][1] >= 1 or at == len(shown) - 1 else ""
            for at in range(first, stop)
        ]


class MemoryJournal:
    """Implements :class:`streamer.interfaces.Journal` in memory; ``refuses`` makes it a full disk."""

    def __init__(self) -> None:
        self.pcm = bytearray()
        self.events: list[MeetingEvent] = []
        self.sound_at: list[int] = []
        """Length of the recording, in samples, when each event was recorded."""
        self.reads: list[tuple[int, int]] = []
        self.refuses = False
        self.is_closed = False
        self.changed: list[MeetingEvent] = []
        """What another program changes, until it is asked for."""

    def append(self, sound: Frame | FrameRun) -> None:
        self._check()
        assert sound.start_sample == len(self.pcm) // 2
        self.pcm += sound.pcm

    def read(self, start_sample: int, end_sample: int) -> bytes:
        self._check()
        self.reads.append((start_sample, end_sample))
        return bytes(self.pcm[2 * start_sample : 2 * end_sample])

    def record(self, event: MeetingEvent) -> None:
        self._check()
        if not isinstance(event, MeetingStarted):
            self.events.append(event)
            self.sound_at.append(len(self.pcm) // 2)

    def changes(self) -> tuple[MeetingEvent, ...]:
        self._check()
        changed, self.changed = tuple(self.changed), []
        return changed

    def close(self) -> None:
        self.is_closed = True

    def _check(self) -> None:
        if self.refuses:
            raise StoreError("scripted: no space left on device")
