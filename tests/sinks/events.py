"""Events of a small meeting, for the tests of sinks."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from streamer.types import (
    SAMPLE_RATE,
    CaptionsMissed,
    DeviceAwaited,
    EndReason,
    Gap,
    GapFound,
    HotwordsChanged,
    MarkAdded,
    MeetingCalledOff,
    MeetingEnded,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    Severity,
    StatusUpdated,
    TitleChanged,
    Token,
)
from tests.virtual_time import EPOCH

STARTED = MeetingStarted("20261120T143000Z-3f9a", "周会", "room-1", "USB 麦克风", "zh 0.1", EPOCH)


def samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def segment(number: int, start: float, text: str, *, spoken: str | None = None, stable: int = 0) -> Segment:
    said = text if spoken is None else spoken
    tokens = tuple(
        Token(char, "x1", samples(start) + 1600 * at, samples(start) + 1600 * (at + 1), -0.5, 0.75)
        for at, char in enumerate(said)
    )
    return Segment(
        id=number,
        revision=0,
        start_sample=samples(start),
        end_sample=samples(start + 2),
        started_at=EPOCH + timedelta(seconds=start),
        text=text,
        spoken=said,
        stable_length=stable,
        tokens=tokens,
    )


def updated(number: int, start: float, text: str, *, spoken: str | None = None, stable: int = 0) -> SegmentUpdated:
    return SegmentUpdated(segment(number, start, text, spoken=spoken, stable=stable), number, 0.25)


def finalized(number: int, start: float, text: str) -> SegmentFinalized:
    return SegmentFinalized(replace(segment(number, start, text), is_final=True, end_reason=EndReason.SILENCE))


def doubted(number: int, start: float, text: str, doubtful: str) -> SegmentFinalized:
    """A final that was heard well but for some characters."""
    final = finalized(number, start, text).segment
    at = final.start_sample
    tokens = (Token(char, "ma1", at, at, confidence=0.4 if char in doubtful else 0.9) for char in final.spoken)
    return SegmentFinalized(replace(final, tokens=tuple(tokens)))


def revised(number: int, start: float, text: str) -> SegmentRevised:
    return SegmentRevised(replace(finalized(number, start, text).segment, revision=1))


def status(
    seconds: float, level: float = -30.0, lag: float = 0.0, *, speech: bool = True, until: float = 0
) -> StatusUpdated:
    return StatusUpdated(samples(seconds), level, lag, is_speech=speech, until=samples(until))


def mark(seconds: float, note: str = "") -> MarkAdded:
    return MarkAdded(samples(seconds), EPOCH + timedelta(seconds=seconds), note)


def gap(seconds: float, missing: float, reason: str = "device lost") -> GapFound:
    return GapFound(Gap(samples(seconds), EPOCH + timedelta(seconds=seconds), missing, reason))


def awaited(minutes: float, device: str = "USB") -> DeviceAwaited:
    """Waited for since so many minutes before the meeting."""
    return DeviceAwaited(device, EPOCH - timedelta(minutes=minutes), f"no input is named {device!r}")


def called_off(minutes: float) -> MeetingCalledOff:
    return MeetingCalledOff(EPOCH - timedelta(minutes=minutes))


def missed(seconds: float, count: int) -> CaptionsMissed:
    return CaptionsMissed(samples(seconds), EPOCH + timedelta(seconds=seconds), count)


def paused(seconds: float) -> MeetingPaused:
    return MeetingPaused(samples(seconds), EPOCH + timedelta(seconds=seconds))


def resumed(seconds: float, at: float) -> MeetingResumed:
    return MeetingResumed(samples(seconds), EPOCH + timedelta(seconds=at))


def warning(key: str, text: str, severity: Severity = Severity.WARNING) -> Notice:
    return Notice(key, severity, text)


def ended(seconds: float) -> MeetingEnded:
    return MeetingEnded(samples(seconds), EPOCH + timedelta(seconds=seconds))


EVERY_KIND = (
    awaited(9),
    called_off(8),
    STARTED,
    updated(1, 1, "大家", stable=1),
    finalized(1, 1, "大家好。"),
    revised(1, 1, "大家好，"),
    mark(3, "决定"),
    gap(4, 2.5),
    missed(4.5, 3),
    paused(5),
    resumed(5, 65),
    TitleChanged("项目周会"),
    HotwordsChanged(32_000, ("张伟 2.5",)),
    warning("microphone.quiet", "too soft"),
    status(6, -28.04, 0.3),
    ended(7),
)
"""One event of every kind."""
