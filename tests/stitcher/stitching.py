"""Utterances and hypotheses for a stitcher."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from streamer.settings.captions import CaptionSettings
from streamer.stitcher import Stitcher
from streamer.types import SAMPLE_RATE, Hypothesis, Segment, Token, Utterance

STEP = SAMPLE_RATE // 4
"""Samples of a syllable in these tests: four a second."""


STARTED = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def spoken(text: str, start: int = 0) -> tuple[Token, ...]:
    """One token a character, 250 ms each; the character is its own syllable."""
    return tuple(Token(char, char, start + at * STEP, start + (at + 1) * STEP, -0.1) for at, char in enumerate(text))


def utterance(number: int = 1, start: int = 0, syllables: int = 20, **more: object) -> Utterance:
    return Utterance(number, 0, start, start + syllables * STEP, None, **more)  # type: ignore[arg-type]


def partial(heard: Utterance, tokens: tuple[Token, ...], revision: int = 0) -> Hypothesis:
    return Hypothesis(heard.id, revision, heard.start_sample, heard.end_sample, tokens)


def final(heard: Utterance, tokens: tuple[Token, ...], revision: int = 99) -> Hypothesis:
    return Hypothesis(heard.id, revision, heard.start_sample, heard.end_sample, tokens, is_final=True)


def stitcher(stable_tail_ms: int = 0) -> Stitcher:
    return Stitcher(
        lambda position: STARTED + timedelta(seconds=position / SAMPLE_RATE),
        CaptionSettings(stable_tail_ms=stable_tail_ms),
    )


def feed(stitch: Stitcher, heard: Utterance, *texts: str) -> list[Segment]:
    return [
        segment
        for revision, text in enumerate(texts)
        for segment in stitch.push(heard, partial(heard, spoken(text, heard.start_sample), revision))
    ]
