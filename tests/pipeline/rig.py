"""A whole meeting out of fakes, on virtual time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from streamer.interfaces import AudioSource, Recognizer, Sink
from streamer.pipeline import InferenceTurns, Meeting, MeetingPlan, MeetingReport, Recognition, Services
from streamer.settings import Settings, load_settings
from streamer.sinks.messages import ENGLISH
from streamer.text.hindsight import Hindsight
from tests.fake_sinks import RecordingSink
from tests.fakes import (
    InlineCalls,
    MemoryJournal,
    Script,
    ScriptedDetector,
    ScriptedRecognizer,
    ScriptedSource,
    silence,
    speech,
)
from tests.virtual_time import VirtualClock, run_virtual

TWO_UTTERANCES: Script = [silence(1), speech(2), silence(2), speech(1), silence(1)]


def _settings() -> Settings:
    return load_settings(overrides={"segmenter": {"end_silence_ms": 500}})


@dataclass
class Rig:
    """Everything a test may look at; build it inside the running loop."""

    script: Script = ()
    settings: Settings = field(default_factory=_settings)
    recognizer: Recognizer = field(default_factory=ScriptedRecognizer)
    journal: MemoryJournal = field(default_factory=MemoryJournal)
    inference: InlineCalls = field(default_factory=lambda: InlineCalls(lambda: 0.02))
    storage: InlineCalls = field(default_factory=InlineCalls)
    sink: RecordingSink = field(default_factory=RecordingSink)
    clock: VirtualClock = field(default_factory=VirtualClock)
    is_microphone: bool = True
    is_fast: bool = False
    seconds_before: Callable[[], float] = float
    seconds_in_all: Callable[[], float] = float
    room: str = "room"
    tidy_up: Callable[[], None] | None = None
    turns: InferenceTurns | None = None
    source: AudioSource | None = None
    new_hindsight: Callable[[], Hindsight] | None = None

    def __post_init__(self) -> None:
        services = Services(
            turns=self.turns or InferenceTurns(self.inference),
            storage=self.storage,
            clock=self.clock,
            messages=ENGLISH,
            settings=self.settings,
        )
        self.source = self.source or ScriptedSource(self.script)
        self.meeting = Meeting(
            MeetingPlan(
                room=self.room,
                title="周会",
                pack="scripted 1",
                source=self.source,
                is_microphone=self.is_microphone,
                is_fast=self.is_fast,
                seconds_before=self.seconds_before,
                seconds_in_all=self.seconds_in_all,
                new_detector=ScriptedDetector,
                new_recognition=lambda: Recognition(
                    self.recognizer, new_hindsight=self.new_hindsight, tidy_up=self.tidy_up
                ),
                open_journal=lambda started: self.journal,
            ),
            services,
        )
        self.meeting.attach("recording", self.sink)

    async def run(self) -> MeetingReport:
        return await self.meeting.run()

    async def run_with(self, act: Callable[[Meeting], Awaitable[None]]) -> MeetingReport:
        """Run the meeting while somebody acts on it."""
        async with asyncio.TaskGroup() as group:
            task = group.create_task(self.run())
            group.create_task(act(self.meeting))
        return task.result()

    def attach(self, name: str, sink: Sink) -> None:
        self.meeting.attach(name, sink)


def run(**options: object) -> Rig:
    """Hold a meeting to its end; options are the rig's."""

    async def main() -> Rig:
        rig = Rig(**options)
        await rig.run()
        return rig

    return run_virtual(main())


def text(start: float, end: float) -> str:
    """What the scripted recogniser hears between two times."""
    return "".join(chr(ord("一") + step) for step in range(round(start * 5), round(end * 5)))
