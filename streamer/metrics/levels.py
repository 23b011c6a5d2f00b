"""The figures that are read when somebody asks: what waits, what failed, how the NPU does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from streamer.asr.packset import NpuStatistics
from streamer.pipeline import MeetingLoad
from streamer.types import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Watched:
    """What is asked of one room; called in the server's threads."""

    load: Callable[[], MeetingLoad]
    decoding_seconds: Callable[[], float]
    """Time that decoding took so far."""


class Levels(Collector):
    """Reads the rooms and the NPU at every scrape."""

    def __init__(
        self,
        rooms: Mapping[str, Watched],
        npu: Callable[[], NpuStatistics | None],
        outbox: Callable[[], Mapping[str, int]],
    ) -> None:
        """As :class:`~streamer.metrics.metrics.Metrics`."""
        self._rooms = rooms
        self._npu = npu
        self._outbox = outbox

    def describe(self) -> list[Metric]:
        """Nothing: the registry need not ask the rooms when this is registered."""
        return []

    def collect(self) -> Iterator[Metric]:
        """All figures, now."""
        # A copy: the first scrapes may come while rooms are still being put together.
        loads = {room: watched.load() for room, watched in dict(self._rooms).items()}
        yield from _of_rooms(loads)
        rtf = GaugeMetricFamily("streamer_rtf", "Decoding time over sound since the start", labels=["room"])
        for room, load in loads.items():
            rtf.add_metric([room], self._rooms[room].decoding_seconds() * SAMPLE_RATE / max(1, load.position))
        yield rtf
        yield from _of_sinks(loads)
        waiting = GaugeMetricFamily("streamer_outbox_messages", "Captions that wait for the broker", labels=["room"])
        for room, count in self._outbox().items():
            waiting.add_metric([room], count)
        yield waiting
        npu = self._npu()
        if npu is not None:
            yield from _of_npu(npu)


def _of_rooms(loads: Mapping[str, MeetingLoad]) -> Iterator[Metric]:
    def gauge(name: str, text: str, value: Callable[[MeetingLoad], float]) -> Metric:
        family = GaugeMetricFamily(f"streamer_{name}", text, labels=["room"])
        for room, load in loads.items():
            family.add_metric([room], value(load))
        return family

    def counter(name: str, text: str, value: Callable[[MeetingLoad], float]) -> Metric:
        family = CounterMetricFamily(f"streamer_{name}", text, labels=["room"])
        for room, load in loads.items():
            family.add_metric([room], value(load))
        return family

    yield counter("sound_seconds", "Seconds of sound heard", lambda load: load.position / SAMPLE_RATE)
    yield counter("utterances", "Utterances decoded to their final", lambda load: load.utterances)
    yield counter("lost_utterances", "Utterances left without text", lambda load: load.lost_utterances)
    yield counter("partials_shed", "Partials left out because captions lagged", lambda load: load.partials_shed)
    yield gauge("lag_seconds", "Speech that waits to be decoded", lambda load: load.lag_samples / SAMPLE_RATE)
    yield gauge("waiting_finals", "Utterances that wait to be decoded", lambda load: load.waiting_finals)
    yield gauge("waiting_frames", "Frames of 20 ms that wait for the disk", lambda load: load.waiting_frames)
    yield gauge("running", "1 while the meeting runs", lambda load: float(load.is_running))


def _of_sinks(loads: Mapping[str, MeetingLoad]) -> Iterator[Metric]:
    waiting = GaugeMetricFamily("streamer_sink_waiting_events", "Events that wait for a sink", labels=["room", "sink"])
    failures = CounterMetricFamily("streamer_sink_failures", "Failed attempts of a sink", labels=["room", "sink"])
    for room, load in loads.items():
        for name, sink in load.sinks.items():
            waiting.add_metric([room, name], sink.waiting)
            failures.add_metric([room, name], sink.failures)
    yield waiting
    yield failures


def _of_npu(npu: NpuStatistics) -> Iterator[Metric]:
    yield CounterMetricFamily("streamer_npu_runs", "Model runs on the NPU", npu.runs)
    yield CounterMetricFamily("streamer_npu_failures", "Runs, starts and loads that failed", npu.failures)
    yield CounterMetricFamily("streamer_npu_replacements", "Worker processes replaced", npu.replacements)
    yield CounterMetricFamily("streamer_npu_outages", "How often the fallback pack took over", npu.outages)
    yield CounterMetricFamily("streamer_npu_bridged", "Finals from the fallback pack", npu.bridged)
    yield GaugeMetricFamily("streamer_npu_away", "1 while the fallback pack decodes", float(npu.is_away))
