"""Patience: how many frames may be judged together, because only the last of them can bring an event about.

It costs less than judging each by itself, and makes no difference to what comes about.
"""

from __future__ import annotations

from streamer.settings.segmenter import SegmenterSettings
from streamer.vad.cut import FRAME_MS
from streamer.vad.heard import LOUD, SILENT, SOFT, Heard, OpenUtterance
from streamer.vad.unheard import Unheard


def frames_to_event(heard: Heard, utterance: OpenUtterance | None, settings: SegmenterSettings) -> int:
    """Frames, 1 or more, until something can happen at the earliest, whatever they hold.

    Args:
        heard: those before them.
        utterance: the open one; None between utterances.
        settings: of the segmenter.
    """
    if utterance is None:
        newest = heard.kinds.count(LOUD, -settings.start_window_frames)
        return max(1, settings.start_voiced_frames - newest)
    silent = utterance.silent_frames_to_event(len(heard), settings)
    if utterance.paused:
        return max(1, min(_frames_to_go_on(heard, settings), silent))
    to_cut = settings.max_utterance_ms // FRAME_MS + 1 - len(heard)
    return max(1, min(silent, to_cut))


def plain_kinds(
    waiting: Unheard, heard: Heard, utterance: OpenUtterance | None, tail_below: float, settings: SegmenterSettings
) -> bytes:
    """The kinds of the next frames, as far as they are plain and only the last of them can bring an event about.

    The speech among them is taken into the open utterance's level.

    Args:
        waiting: the next frames.
        heard: those before them.
        utterance: the open one; None between utterances.
        tail_below: only frames softer than this, dBFS, may be a tail of the speech before.
        settings: of the segmenter.

    Returns:
        A kind for each; empty where the next one has to be heard by itself.
    """
    if utterance is None:
        return bytes([SILENT]) * waiting.before_speech()
    to_event = utterance.silent_frames_to_event(len(heard), settings)
    silent = waiting.silent(to_event, utterance.softest(settings))
    if silent:
        return bytes([SILENT]) * silent
    if not (utterance.active_end == utterance.measured == len(heard) and _goes_on_with_one(heard, settings)):
        return b""
    levels = waiting.speech(settings.max_utterance_ms // FRAME_MS + 1 - len(heard))
    if not levels or not utterance.voiced_count or levels[0] < tail_below:
        return b""
    # How loud they are matters only where an utterance begins.
    return bytes([SOFT]) * utterance.take_in(levels, settings.tail_drop_db)


def _goes_on_with_one(heard: Heard, settings: SegmenterSettings) -> bool:
    """Whether the utterance keeps going with one more voiced frame, whatever the speech so far is."""
    others = settings.keep_voiced_frames - 1
    return others <= len(heard) and all(kind >= SOFT for kind in heard.kinds[len(heard) - others :])


def _frames_to_go_on(heard: Heard, settings: SegmenterSettings) -> int:
    """Frames before which a paused one does not keep going, whatever they and the speech so far are."""
    first = max(0, len(heard) + 1 - settings.keep_window_frames)
    may_count = [
        kind >= SOFT or level >= max(settings.keep_level_dbfs, floor + settings.floor_rise_db)
        for kind, level, floor in zip(heard.kinds[first:], heard.levels[first:], heard.floors[first:], strict=True)
    ]
    return settings.keep_voiced_frames - sum(may_count)
