"""Meeting events as payloads: pure; the way back is ``decoding``."""

from __future__ import annotations

from datetime import datetime

from streamer.clock import to_the_millisecond
from streamer.sinks.mqtt.payloads import (
    FinalPayload,
    GapPayload,
    MarkPayload,
    MetricsPayload,
    PartialPayload,
    RevisedPayload,
    TokenPayload,
    WaitingPayload,
)
from streamer.types import SAMPLE_RATE, DeviceAwaited, Gap, MarkAdded, Segment, SegmentUpdated, StatusUpdated, Token


def partial_payload(room: str, meeting: str, event: SegmentUpdated) -> PartialPayload:
    """Provisional text of the open segment."""
    return PartialPayload(
        *_said(room, meeting, event.segment),
        utterance=event.utterance_id,
        stable=event.segment.stable_length,
        lag=round(event.lag_seconds, 3),
    )


def final_payload(room: str, meeting: str, segment: Segment, sequence: int) -> FinalPayload:
    """A final segment with its tokens, the meeting's ``sequence``-th."""
    return FinalPayload(
        *_said(room, meeting, segment),
        continues=segment.end_reason == "forced",
        confidence=_rounded(segment.confidence),
        tokens=tuple(map(_token_payload, segment.tokens)),
        sequence=sequence,
    )


def revised_payload(room: str, meeting: str, segment: Segment) -> RevisedPayload:
    """A final in hindsight."""
    return RevisedPayload(*_said(room, meeting, segment))


def mark_payload(room: str, meeting: str, event: MarkAdded) -> MarkPayload:
    """A marked moment."""
    return MarkPayload(room, meeting, seconds(event.at_sample), to_the_millisecond(event.marked_at), event.note)


def gap_payload(room: str, meeting: str, gap: Gap) -> GapPayload:
    """Sound that is missing."""
    at = to_the_millisecond(gap.started_at)
    return GapPayload(room, meeting, seconds(gap.at_sample), at, round(gap.seconds, 3), gap.reason)


def waiting_payload(event: DeviceAwaited) -> WaitingPayload:
    """A microphone that is waited for."""
    return WaitingPayload(event.device, to_the_millisecond(event.since), event.reason)


def metrics_payload(room: str, meeting: str, status: StatusUpdated, outbox: int) -> MetricsPayload:
    """Lag and counters, from the newest status."""
    return MetricsPayload(
        room=room,
        meeting=meeting,
        position=seconds(status.position),
        level_dbfs=round(status.level_dbfs, 1),
        lag=round(status.lag_seconds, 3),
        speech=status.is_speech,
        partials_shed=status.partials_shed,
        outbox=outbox,
    )


def _said(room: str, meeting: str, one: Segment) -> tuple[str, str, int, int, str, str, float, float, datetime]:
    """The fields of a :class:`~streamer.sinks.mqtt.payloads.SaidPayload`, in their order."""
    start, end, at = seconds(one.start_sample), seconds(one.end_sample), to_the_millisecond(one.started_at)
    return room, meeting, one.id, one.revision, one.text, one.spoken, start, end, at


def _token_payload(token: Token) -> TokenPayload:
    return TokenPayload(
        text=token.text,
        pinyin=token.syllable,
        start=seconds(token.start_sample),
        end=seconds(token.end_sample),
        confidence=_rounded(token.confidence),
    )


def seconds(samples: int) -> float:
    """Samples as seconds of the recording, to the millisecond."""
    return round(samples / SAMPLE_RATE, 3)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
