"""The figures that are counted as they happen, by room."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

_DELAYS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1.0, 1.5, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Bounds of the delays' buckets, seconds."""
_ROOM = ("room",)


class Instruments:
    """Counters, histograms and troubles; each has the label ``room``."""

    def __init__(self, registry: CollectorRegistry) -> None:
        def counter(name: str, text: str, labels: tuple[str, ...] = _ROOM) -> Counter:
            return Counter(f"streamer_{name}", text, labels, registry=registry)

        def delay(name: str, text: str) -> Histogram:
            return Histogram(f"streamer_{name}_seconds", text, _ROOM, buckets=_DELAYS, registry=registry)

        self.first_text = delay("first_text", "From the first syllable of a segment to its first text")
        self.final = delay("final", "From the last voiced frame before a pause to the final")
        self.display = delay("partial_lag", "How far provisional text is behind the newest sound when it is shown")
        self.partials = counter("partials", "Provisional texts shown")
        self.segments = counter("segments", "Final segments with text")
        self.characters = counter("characters", "Characters of final text")
        self.changed = counter("changed_characters", "Characters that were shown and changed later: flicker")
        self.stable_changed = counter("changed_stable_characters", "Characters called stable that the final changed")
        self.gaps = counter("gaps", "Interruptions of the sound")
        self.gap_seconds = counter("gap_seconds", "Seconds of sound that never arrived")
        self.trouble = Gauge(
            "streamer_trouble",
            "1 while a warning is up: of a microphone, the disk, an output; key: which",
            ("room", "key"),
            registry=registry,
        )
        self.awaited = Gauge(
            "streamer_microphone_awaited_since_seconds",
            "Unix time since when no meeting has begun because the microphone (device) is absent; 0: not any more",
            ("room", "device"),
            registry=registry,
        )
        self.decoding = counter("decoding_seconds", "Seconds spent in decoding", ("room", "kind"))
        self.decoded = counter("decoded_seconds", "Seconds of sound decoded", ("room", "kind"))
