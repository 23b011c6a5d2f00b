"""Which tokens of an aligned path stay."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from streamer.asr.ctc import AlignedToken, CtcPath
from streamer.settings.recognizer import RecognizerSettings

_FASTEST_MS: Final = 100.0
"""The same syllable is not said again within so many milliseconds of its beginning."""


def supported(path: CtcPath, settings: RecognizerSettings) -> CtcPath:
    """The path without tokens that the sound does not support; empty where it supports too little."""
    kept = tuple(token for token in path.tokens if token.score >= settings.min_token_score)
    if kept and sum(token.score for token in kept) / len(kept) < settings.min_mean_score:
        kept = ()
    return path if len(kept) == len(path.tokens) else CtcPath(kept, path.score)


def without_echoes(path: CtcPath, syllable: Callable[[int], str], step_ms: float) -> CtcPath:
    """The path without syllables that follow themselves, whatever their tones, sooner than anybody speaks.

    Where a syllable's tone or end is unclear, the search may take it for two. The better heard one stays.

    Args:
        path: tokens in order.
        syllable: toned pinyin of an id.
        step_ms: milliseconds of a step.
    """
    kept: list[AlignedToken] = []
    for token in path.tokens:
        if kept and (token.first_step - kept[-1].first_step) * step_ms < _FASTEST_MS:
            before = kept[-1]
            if _base(syllable(token.id)) == _base(syllable(before.id)):
                kept[-1] = max(before, token, key=lambda one: one.score)
                continue
        kept.append(token)
    return path if len(kept) == len(path.tokens) else CtcPath(tuple(kept), path.score)


def _base(syllable: str) -> str:
    return syllable.rstrip("012345")
