"""What is wrong with sound and store, told when it begins and when it is over."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable

from streamer.errors import NOTICED, RecordingError, StoreError, StoreHungError
from streamer.pipeline.levels import LevelWatch, Trouble
from streamer.settings.pipeline import PipelineSettings
from streamer.sinks.disk_reasons import told_disk
from streamer.sinks.messages import Messages
from streamer.types import SOUND_UNRECORDED, STORE_FAILED, MeetingEvent, Notice, Severity

logger = logging.getLogger(__name__)

_GOOD_NEWS_SECONDS = 60.0
"""How long it is shown that a trouble is over: whoever reads captions does not look at the notices all the time."""


class Warnings:
    """Posts a notice for each trouble, and an empty one when it is over. Used in the event loop."""

    def __init__(
        self,
        settings: PipelineSettings,
        messages: Messages,
        post: Callable[[MeetingEvent], None],
        *,
        is_microphone: bool,
    ) -> None:
        """Begin without a trouble.

        Args:
            settings: when a level is one.
            messages: what is said.
            post: sends an event to everybody.
            is_microphone: whether a person can do something about the level; else nothing is said of it.
        """
        self._settings = settings
        self._messages = messages
        self._post = post
        self._is_microphone = is_microphone
        self._levels = LevelWatch(settings)
        self._shown: frozenset[Trouble] = frozenset()
        self._store_key, self._store_notice = STORE_FAILED, ""
        self._stored_again_at: float | None = None
        """By the event loop's clock; None while nothing is said of it."""

    def hear(self, pcm: bytes, *, is_speech: bool) -> None:
        """Take signed 16-bit little-endian samples, whole frames; nothing is told yet."""
        self._levels.hear(pcm, is_speech=is_speech)

    def take_peak(self) -> float:
        """The highest level since this was asked last, dBFS."""
        return self._levels.take_peak()

    def lose_sound(self) -> None:
        """The device is away: what was wrong with its level is over, or not known any more."""
        self._levels = LevelWatch(self._settings)
        self._tell_levels()

    def tell(self, store_failure: StoreError | None, *, is_paused: bool = False) -> None:
        """Tell what has changed.

        Args:
            store_failure: why the store refuses now; None while it works.
            is_paused: nobody is listened to, so nothing is wrong with the level; whoever pauses may well mute it.
        """
        if self._is_microphone and not is_paused:
            self._tell_levels()
        elif self._shown:
            self.lose_sound()
        self._tell_store(store_failure)

    def warn(self, key: str, severity: Severity, text: str) -> None:
        """Log and post a notice; an empty text takes the one with this key away."""
        if text:
            level = logging.ERROR if severity is Severity.ERROR else logging.INFO
            logger.log(level, "%s: %s", key, text, extra=NOTICED)
        self._post(Notice(key, severity, text))

    def _tell_levels(self) -> None:
        messages, found = self._messages, self._levels.troubles()
        texts = {
            Trouble.MUTED: messages.muted,
            Trouble.CLIPPING: messages.clipping,
            Trouble.QUIET: messages.quiet.format(level=round(self._levels.speech_dbfs)),
        }
        for trouble in Trouble:
            if (trouble in found) != (trouble in self._shown):
                self.warn(trouble, Severity.WARNING, texts[trouble] if trouble in found else "")
        self._shown = found

    def _tell_store(self, failure: StoreError | None) -> None:
        messages, now, key = self._messages, asyncio.get_running_loop().time(), self._store_key
        reason = told_disk(str(failure), messages)
        if isinstance(failure, RecordingError):
            key, text, self._stored_again_at = SOUND_UNRECORDED, messages.sound_failed.format(error=reason), None
        elif isinstance(failure, StoreHungError):
            key, text, self._stored_again_at = STORE_FAILED, messages.store_hung, None
        elif failure is not None:
            key, text, self._stored_again_at = STORE_FAILED, messages.store_failed.format(error=reason), None
        elif self._store_notice and self._stored_again_at is None:
            has_hung = self._store_notice == messages.store_hung
            text, self._stored_again_at = messages.answers_again if has_hung else messages.stored_again, now
        elif self._stored_again_at is not None and now - self._stored_again_at >= _GOOD_NEWS_SECONDS:
            text, self._stored_again_at = "", None
        else:
            return
        if text != self._store_notice:
            if self._store_notice and key != self._store_key:
                self.warn(self._store_key, Severity.INFO, "")
            self._store_key, self._store_notice = key, text
            self.warn(key, Severity.ERROR if failure is not None else Severity.INFO, text)
