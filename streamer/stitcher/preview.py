"""What is shown of an utterance that still grows."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from streamer.settings.captions import CaptionSettings
from streamer.stitcher.seam import resume_after
from streamer.types import SAMPLE_RATE, Token


@dataclass(frozen=True, slots=True)
class Preview:
    """Text that may still change, and what the newest hypothesis makes of the same sound."""

    shown: tuple[Token, ...] = ()
    stable: int = 0
    """How many of the shown tokens are never taken back before the final."""
    heard: tuple[Token, ...] = ()
    """The newest hypothesis after the stable tokens, those in front; empty before the first, whatever is shown: that
    was held over from the utterance before."""


def advance(preview: Preview, tokens: tuple[Token, ...], end_sample: int, settings: CaptionSettings) -> Preview:
    """Take in the next hypothesis of a growing utterance.

    Text is shown once two successive hypotheses agree on it, or one is sure enough of it; the first text, which a
    speaker waits for, at once. It is replaced only by what two agree on: most slips of one hypothesis are never seen.

    Args:
        preview: what came of the hypothesis before.
        tokens: the new hypothesis.
        end_sample: where its sound ends.
        settings: how sure is enough, and when text is stable.
    """
    heard = _resumed(preview, tokens)
    confirmed = agreed(preview.heard, heard)
    shown = _kept(preview.shown, heard, confirmed)
    shown += _sure(shown, heard, end_sample, settings)
    settled = end_sample - settings.stable_tail_ms * SAMPLE_RATE // 1000
    stable = confirmed
    while stable and heard[stable - 1].end_sample > settled:
        stable -= 1
    return Preview(shown, max(preview.stable, stable), heard)


def reveal(preview: Preview, tokens: tuple[Token, ...], end_sample: int, settings: CaptionSettings) -> Preview:
    """As :func:`advance`, of what will probably be the final: all of it is shown."""
    ahead = advance(preview, tokens, end_sample, settings)
    return Preview(ahead.heard, ahead.stable, ahead.heard)


def agreed(before: Sequence[Token], now: Sequence[Token]) -> int:
    """How many first tokens two readings share."""
    differing = (at for at, (old, new) in enumerate(zip(before, now, strict=False)) if old.text != new.text)
    return next(differing, min(len(before), len(now)))


def _resumed(preview: Preview, tokens: tuple[Token, ...]) -> tuple[Token, ...]:
    """The hypothesis with the stable text in front, whatever it makes of that."""
    stable = preview.shown[: preview.stable]
    if agreed(stable, tokens) == len(stable):
        return tokens
    return (*stable, *resume_after(stable, tokens))


def _kept(shown: tuple[Token, ...], heard: tuple[Token, ...], confirmed: int) -> tuple[Token, ...]:
    """What was shown, unless something else is confirmed; more where more is confirmed."""
    same = agreed(shown, heard)
    if same >= confirmed:
        return heard[:same] + shown[same:]
    return heard[: max(confirmed, len(shown))]


def _sure(
    shown: tuple[Token, ...], heard: tuple[Token, ...], end_sample: int, settings: CaptionSettings
) -> tuple[Token, ...]:
    """Tokens after the shown ones of which the newest hypothesis alone is sure enough."""
    if agreed(shown, heard) < len(shown):
        return ()
    settled = end_sample - settings.show_tail_ms * SAMPLE_RATE // 1000
    following = itertools.takewhile(
        lambda token: token.end_sample <= settled and (not shown or _confidence(token) >= settings.show_confidence),
        heard[len(shown) :],
    )
    return tuple(following)


def _confidence(token: Token) -> float:
    """Of a token; packs that know none are never sure."""
    return 0.0 if token.confidence is None else token.confidence
