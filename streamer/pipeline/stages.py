"""The stages of a meeting between its source and those who publish: listener, desk, decoder."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from streamer.meeting.clock import MeetingClock
from streamer.pipeline.decoding import Decoder, DecoderParts
from streamer.pipeline.desk import Desk
from streamer.pipeline.listener_parts import ListenerParts
from streamer.pipeline.listening import Listener
from streamer.pipeline.load import MeetingLoad
from streamer.pipeline.partials import PartialCadence
from streamer.pipeline.plan import MeetingPlan, Services
from streamer.pipeline.publishing import SinkLane
from streamer.pipeline.storage import Storage
from streamer.stitcher import Stitcher
from streamer.types import SAMPLE_RATE, MeetingEvent
from streamer.vad.segmenter import Segmenter

_WAITING_FINALS_OF_A_FAST_SOURCE = 4
"""A file that is read faster than it is decoded waits, instead of piling up finals."""


@dataclass(frozen=True, slots=True)
class Stages:
    """Those of one meeting, each with what it gives to the next."""

    storage: Storage
    listener: Listener
    desk: Desk
    decoder: Decoder

    @classmethod
    def of(
        cls,
        plan: MeetingPlan,
        services: Services,
        storage: Storage,
        meeting_clock: MeetingClock,
        post: Callable[[MeetingEvent], None],
    ) -> Stages:
        """Make them.

        Args:
            plan: what the meeting is made of.
            services: what it shares with others.
            storage: where sound and events are kept.
            meeting_clock: where positions lie on the wall clock.
            post: publishes an event.
        """
        settings = services.settings
        segmenter = Segmenter(plan.new_detector(), settings.segmenter)
        waiting = _WAITING_FINALS_OF_A_FAST_SOURCE if plan.is_fast else settings.pipeline.waiting_finals
        cadence = PartialCadence(settings.captions)
        desk = Desk(segmenter.snapshot, cadence, capacity=waiting, is_fading=segmenter.is_fading)
        listener = Listener(
            ListenerParts(
                source=plan.source,
                storage=storage,
                segmenter=segmenter,
                new_detector=plan.new_detector,
                desk=desk,
                meeting_clock=meeting_clock,
                clock=services.clock,
                post=post,
                messages=services.messages,
                is_microphone=plan.is_microphone,
                length=round(plan.seconds_in_all() * SAMPLE_RATE),
                waits=plan.is_fast,
            ),
            settings.pipeline,
        )
        decoder = Decoder(
            DecoderParts(
                desk=desk,
                storage=storage,
                turns=services.turns,
                new_recognition=plan.new_recognition,
                new_stitcher=partial(Stitcher, meeting_clock.at, settings.captions),
                meeting_clock=meeting_clock,
                position=lambda: listener.sounded,
                post=post,
                messages=services.messages,
            ),
            attempts=settings.pipeline.final_attempts,
        )
        return cls(storage, listener, desk, decoder)

    def load(self, lanes: tuple[SinkLane, ...]) -> MeetingLoad:
        """How the meeting is doing, its sinks with it."""
        return MeetingLoad(
            is_running=True,
            has_ended=bool(lanes) and all(lane.is_ending for lane in lanes),
            position=self.listener.position,
            lag_samples=self.desk.lag_samples(self.listener.position),
            waiting_frames=self.storage.waiting_frames,
            waiting_finals=self.desk.waiting_finals,
            utterances=self.decoder.decoded,
            lost_utterances=self.decoder.lost,
            partials_shed=self.desk.shed,
            sinks={lane.name: lane.load for lane in lanes},
        )
