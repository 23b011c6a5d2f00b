"""A live meeting on a clock that jumps: the whole chain but the terminal and the disk, as fast as it computes.

Decoding takes the time of a model of it, not the time that it takes here, so that the same settings give the same
figures on every machine. Good for comparing settings; what a person sees is measured in real time.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from benchmarks.caption_timing import Timed
from benchmarks.played import PlayedSource
from streamer.interfaces import Recognizer
from streamer.pipeline import InferenceTurns, Meeting, MeetingPlan, MeetingReport, Recognition, Services
from streamer.settings import Settings
from streamer.sinks.messages import CHINESE
from streamer.types import SAMPLE_RATE, Frame, FrameRun, Hypothesis, MeetingEvent, Utterance
from streamer.vad.webrtc import WebrtcDetector
from tests.virtual_time import VirtualClock, run_virtual

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class DecodingTime:
    """How long decoding is taken to last; by default as on one core of a small board."""

    seconds: float = 0.02
    """Of every call of the recogniser."""
    per_second: float = 0.012
    """More for every second of sound."""


class SimulatedCalls:
    """The inference thread on the virtual clock: calls take turns, and each lasts as long as it says afterwards."""

    def __init__(self) -> None:
        self._free_at = 0.0
        self.lasted = 0.0
        """Seconds that the call that just ran would have taken; whoever runs sets it."""

    def run(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Have a call run after all calls before it."""
        self.lasted = 0.0
        value = call()
        self._free_at = max(asyncio.get_running_loop().time(), self._free_at) + self.lasted
        return asyncio.ensure_future(self._after(value, self._free_at))

    def post(self, call: Callable[[], None]) -> None:
        """As :meth:`run`, for nobody who waits."""
        self.run(call)

    def post_steps(self, steps: Iterator[None]) -> None:
        """As :meth:`post`, all of them at once."""
        self.post(lambda: deque(steps, 0).clear())

    async def _after(self, value: T, due: float) -> T:
        await asyncio.sleep(due - asyncio.get_running_loop().time())
        return value


class TimedRecognizer:
    """A :class:`~streamer.interfaces.Recognizer` that tells the calls how long it takes."""

    def __init__(self, recognizer: Recognizer, calls: SimulatedCalls, time: DecodingTime) -> None:
        self._recognizer = recognizer
        self._calls = calls
        self._time = time

    def recognize(self, utterance: Utterance) -> Hypothesis:
        """Decode one snapshot."""
        self._calls.lasted = self._time.seconds + self._time.per_second * utterance.samples / SAMPLE_RATE
        return self._recognizer.recognize(utterance)


@dataclass(slots=True)
class _Memory:
    """A :class:`~streamer.interfaces.Journal` that keeps the sound until the end."""

    pcm: bytearray = field(default_factory=bytearray)

    def append(self, sound: Frame | FrameRun) -> None:
        self.pcm += sound.pcm

    def read(self, start_sample: int, end_sample: int) -> bytes:
        return bytes(self.pcm[2 * start_sample : 2 * end_sample])

    def record(self, event: MeetingEvent) -> None:
        """Events are seen by the sink."""

    def changes(self) -> tuple[MeetingEvent, ...]:
        """Nobody else has it."""
        return ()

    def close(self) -> None:
        """Nothing is held."""


@dataclass(slots=True)
class _Seen:
    """A :class:`~streamer.interfaces.Sink` that notes what came when."""

    events: list[Timed] = field(default_factory=list)

    async def handle(self, event: MeetingEvent) -> None:
        self.events.append((asyncio.get_running_loop().time(), event))


def simulate(
    source: PlayedSource, settings: Settings, recognition: Recognition, time: DecodingTime | None = None
) -> tuple[list[Timed], MeetingReport]:
    """Hold one meeting to its end on the virtual clock: what was shown when, and how it went."""

    async def hold() -> tuple[list[Timed], MeetingReport]:
        inference, seen = SimulatedCalls(), _Seen()
        recognizer = TimedRecognizer(recognition.recognizer, inference, time or DecodingTime())
        plan = MeetingPlan(
            room="benchmark",
            title="playlist",
            pack=settings.recognizer.pack,
            source=source,
            new_detector=partial(WebrtcDetector, settings.segmenter.vad_mode),
            new_recognition=lambda: replace(recognition, recognizer=recognizer),
            open_journal=lambda _: _Memory(),
        )
        services = Services(InferenceTurns(inference), SimulatedCalls(), VirtualClock(), CHINESE, settings)
        meeting = Meeting(plan, services)
        meeting.attach("seen", seen)
        return seen.events, await meeting.run()

    return run_virtual(hold())
