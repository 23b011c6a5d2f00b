"""Payloads of captions back as segments. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from streamer.sinks.mqtt.payloads import (
    FinalPayload,
    LastCaption,
    MeetingPayload,
    PartialPayload,
    RevisedPayload,
    TokenPayload,
)
from streamer.types import SAMPLE_RATE, EndReason, Segment, Token


def partial_segment(payload: PartialPayload) -> Segment:
    """The open segment, as far as it is known."""
    return _segment(payload, payload.stable)


def final_segment(payload: FinalPayload) -> Segment:
    """A final with its tokens."""
    return replace(
        _segment(payload, len(payload.spoken)),
        tokens=tuple(map(_token, payload.tokens)),
        is_final=True,
        end_reason=EndReason.FORCED if payload.continues else EndReason.SILENCE,
    )


def revised_segment(payload: RevisedPayload) -> Segment:
    """A final in hindsight; it has no tokens."""
    return replace(_segment(payload, len(payload.spoken)), is_final=True)


def last_segment(meeting: MeetingPayload, last: LastCaption) -> Segment:
    """The final that a meeting's state names last: of it only the text and the time are known."""
    start = max(0, samples((last.started_at - meeting.started_at) / timedelta(seconds=1)))
    return Segment(
        last.segment,
        last.revision,
        start,
        start,
        last.started_at,
        last.text,
        last.text,
        len(last.text),
        is_final=True,
    )


def samples(seconds: float) -> int:
    """Seconds of the recording as samples."""
    return round(seconds * SAMPLE_RATE)


def _segment(payload: PartialPayload | FinalPayload | RevisedPayload, stable_length: int) -> Segment:
    """What all three say of a line."""
    return Segment(
        id=payload.segment,
        revision=payload.revision,
        start_sample=samples(payload.start),
        end_sample=samples(payload.end),
        started_at=payload.started_at,
        text=payload.text,
        spoken=payload.spoken,
        stable_length=stable_length,
    )


def _token(payload: TokenPayload) -> Token:
    return Token(
        payload.text, payload.pinyin, samples(payload.start), samples(payload.end), confidence=payload.confidence
    )
