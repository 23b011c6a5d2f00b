"""What is counted in a room."""

from __future__ import annotations

from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry

from streamer.errors import RecognizerError
from streamer.metrics.instruments import Instruments
from streamer.metrics.room import RoomMetrics
from streamer.types import SAMPLE_RATE, EndReason, MeetingEnded, MeetingEvent, Notice, Severity, Utterance
from tests.fakes import SPEECH, ScriptedRecognizer
from tests.sinks.events import EPOCH, STARTED, awaited, called_off, finalized, gap, updated


async def counted(*events: MeetingEvent, position: float = 0.0) -> CollectorRegistry:
    registry = CollectorRegistry()
    room = RoomMetrics("hall", Instruments(registry), lambda: round(position * SAMPLE_RATE), pause_ms=200)
    for event in events:
        await room.handle(event)
    return registry


def value(registry: CollectorRegistry, name: str, **labels: str) -> float | None:
    return registry.get_sample_value(f"streamer_{name}", {"room": "hall", **labels})


async def test_figures_begin_at_zero() -> None:
    registry = await counted()

    assert value(registry, "partials_total") == 0
    assert value(registry, "gaps_total") == 0
    assert [value(registry, f"{name}_seconds_count") for name in ("first_text", "final", "partial_lag")] == [0, 0, 0]
    assert [value(registry, "decoding_seconds_total", kind=kind) for kind in ("partial", "final")] == [0, 0]
    assert [value(registry, "decoded_seconds_total", kind=kind) for kind in ("partial", "final")] == [0, 0]


async def test_text_and_what_changed_of_it() -> None:
    registry = await counted(
        updated(1, 0, "大家豪", stable=2), updated(1, 0, "大家好我们", stable=3), finalized(1, 0, "大加好我们")
    )

    assert value(registry, "partials_total") == 2
    assert value(registry, "segments_total") == 1
    assert value(registry, "characters_total") == 5
    assert value(registry, "changed_characters_total") == 2
    assert value(registry, "changed_stable_characters_total") == 1


async def test_first_text_counts_from_the_first_syllable_and_only_once() -> None:
    registry = await counted(updated(1, 10.0, "大"), updated(1, 10.0, "大家"), finalized(1, 10, "大家"), position=10.45)

    assert value(registry, "first_text_seconds_count") == 1
    assert value(registry, "first_text_seconds_sum") == pytest.approx(0.45)


async def test_a_final_counts_from_the_last_voiced_frame() -> None:
    # The segment ends at 12.0 s, 0.2 s after its last voiced frame.
    registry = await counted(finalized(1, 10.0, "大家好"), position=12.3)

    assert value(registry, "final_seconds_count") == 1
    assert value(registry, "final_seconds_sum") == pytest.approx(0.5)


async def test_an_empty_final_is_no_segment() -> None:
    registry = await counted(finalized(1, 10.0, ""))

    assert value(registry, "segments_total") == 0
    assert value(registry, "final_seconds_count") == 0


async def test_gaps() -> None:
    registry = await counted(gap(4, 2.5))

    assert value(registry, "gaps_total") == 1
    assert value(registry, "gap_seconds_total") == 2.5


async def test_troubles_last_while_their_warnings_are_up() -> None:
    lost = Notice("microphone.lost", Severity.WARNING, "no sound arrives")
    full = Notice("store.sound", Severity.ERROR, "the disk is full")
    registry = await counted(lost, full, Notice("store.sound", Severity.INFO, ""))

    assert [value(registry, "trouble", key=key) for key in ("microphone.lost", "store.sound", "store")] == [1, 0, 0]


async def test_what_never_was_a_trouble_is_not_counted_as_one() -> None:
    registry = await counted(Notice("recognizer.loading", Severity.INFO, "loading"))

    assert value(registry, "trouble", key="recognizer.loading") is None


async def test_good_news_is_no_trouble() -> None:
    away = Notice("mqtt.link", Severity.WARNING, "no link")
    registry = await counted(away, Notice("mqtt.link", Severity.INFO, "the link is back"))

    assert value(registry, "trouble", key="mqtt.link") == 0


async def test_a_meeting_that_has_ended_has_no_troubles() -> None:
    away = Notice("mqtt.link", Severity.WARNING, "no link")
    registry = await counted(away, MeetingEnded(0, EPOCH))

    assert value(registry, "trouble", key="mqtt.link") == 0


def test_decoding_is_counted_apart_for_finals_and_partials_even_where_it_fails() -> None:
    registry = CollectorRegistry()
    room = RoomMetrics("hall", Instruments(registry), lambda: 0, pause_ms=200)
    recognizer = room.timed(ScriptedRecognizer(failures=lambda utterance: utterance.id == 2))
    recognizer.recognize(Utterance(1, 0, 0, 32_000, SPEECH * 100))
    recognizer.recognize(Utterance(1, 1, 0, 48_000, SPEECH * 150, EndReason.SILENCE))
    with pytest.raises(RecognizerError):
        recognizer.recognize(Utterance(2, 0, 48_000, 64_000, SPEECH * 50))

    assert value(registry, "decoded_seconds_total", kind="partial") == 3.0
    assert value(registry, "decoded_seconds_total", kind="final") == 3.0
    assert room.decoding_seconds > 0


async def test_a_microphone_that_is_waited_for_is_a_trouble_with_its_time() -> None:
    waiting = await counted(awaited(9))
    begun = await counted(awaited(9), STARTED)
    called = await counted(awaited(9), called_off(8))
    since = (EPOCH - timedelta(minutes=9)).timestamp()

    assert value(waiting, "microphone_awaited_since_seconds", device="USB") == since
    assert [value(begun, "microphone_awaited_since_seconds", device="USB")] == [0]
    assert [value(each, "trouble", key="microphone.awaited") for each in (waiting, begun, called)] == [1, 0, 0]
