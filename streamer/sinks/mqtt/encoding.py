"""Meeting events as payloads: pure; the way back is ``decoding``."""

from __future__ import annotations

from streamer.clock import to_the_millisecond
from streamer.sinks.mqtt.payloads import (
    FinalPayload,
    GapPayload,
    MarkPayload,
    MetricsPayload,
    PartialPayload,
    RevisedPayload,
    TokenPayload,
)
from streamer.types import SAMPLE_RATE, Gap, MarkAdded, Segment, SegmentUpdated, StatusUpdated, Token


def partial_payload(room: str, meeting: str, event: SegmentUpdated) -> PartialPayload:
    """Provisional text of the open segment."""
    segment = event.segment
    return PartialPayload(
        room=room,
        meeting=meeting,
        utterance=event.utterance_id,
        segment=segment.id,
        revision=segment.revision,
        text=segment.text,
        stable=segment.stable_length,
        spoken=segment.spoken,
        start=seconds(segment.start_sample),
        end=seconds(segment.end_sample),
        started_at=to_the_millisecond(segment.started_at),
        lag=round(event.lag_seconds, 3),
    )


def final_payload(room: str, meeting: str, segment: Segment, sequence: int) -> FinalPayload:
    """A final segment with its tokens, the meeting's ``sequence``-th."""
    return FinalPayload(
        room=room,
        meeting=meeting,
        segment=segment.id,
        revision=segment.revision,
        text=segment.text,
        spoken=segment.spoken,
        start=seconds(segment.start_sample),
        end=seconds(segment.end_sample),
        started_at=to_the_millisecond(segment.started_at),
        continues=segment.end_reason == "forced",
        confidence=_rounded(segment.confidence),
        tokens=tuple(map(_token_payload, segment.tokens)),
        sequence=sequence,
    )


def revised_payload(room: str, meeting: str, segment: Segment) -> RevisedPayload:
    """A final in hindsight."""
    return RevisedPayload(
        room=room,
        meeting=meeting,
        segment=segment.id,
        revision=segment.revision,
        text=segment.text,
        spoken=segment.spoken,
        start=seconds(segment.start_sample),
        end=seconds(segment.end_sample),
        started_at=to_the_millisecond(segment.started_at),
    )


def mark_payload(room: str, meeting: str, event: MarkAdded) -> MarkPayload:
    """A marked moment."""
    return MarkPayload(room, meeting, seconds(event.at_sample), to_the_millisecond(event.marked_at), event.note)


def gap_payload(room: str, meeting: str, gap: Gap) -> GapPayload:
    """Sound that is missing."""
    at = to_the_millisecond(gap.started_at)
    return GapPayload(room, meeting, seconds(gap.at_sample), at, round(gap.seconds, 3), gap.reason)


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
