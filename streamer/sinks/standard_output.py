"""Standard output, written in a thread of its own: whoever reads it may be slow."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Protocol

from streamer.sinks.messages import CHINESE, Messages
from streamer.sinks.writing import encoded, writing

logger = logging.getLogger(__name__)


class Calls(Protocol):
    """Runs blocking calls in order, in the terminal's thread."""

    def run(self, call: Callable[[], None]) -> Awaitable[None]:
        """Have a call run after all calls before it."""


class StandardOutput:
    """Writes text; goes quiet when nobody reads any more, for a meeting goes on without its readers."""

    def __init__(self, calls: Calls, descriptor: int = 1, *, when_unread: Callable[[], None]) -> None:
        """Prepare.

        Args:
            calls: the terminal's thread.
            descriptor: what is written to.
            when_unread: called once nobody reads any more.
        """
        self._calls = calls
        self._descriptor = descriptor
        self._when_unread = when_unread
        self._is_read = True
        self._cut_off = ""
        """The text of which a part was written last."""
        self._rest = b""
        """What is left of it: a line is not begun within another."""

    async def write(self, text: str) -> None:
        """Write text; returns when it is written. One that was cut off is completed first, not repeated.

        Raises:
            OSError: it is not taken, or not all of it.
        """
        if not self._is_read:
            return
        try:
            await self._calls.run(lambda: self._put(text))
        except BrokenPipeError:
            if self._is_read:  # else another room's line was first
                self._is_read = False
                self._when_unread()

    def _put(self, text: str) -> None:
        if self._rest:
            self._go_on(self._rest)
            if text == self._cut_off:
                return
        self._cut_off = text
        self._go_on(encoded(self._descriptor, text))

    def _go_on(self, encoded_text: bytes) -> None:
        for rest in writing(self._descriptor, encoded_text):
            self._rest = rest


def say_unread(messages: Messages) -> None:
    """The log says that the meeting goes on although nobody reads what is written."""
    told = "nobody reads standard output any more; the meeting goes on"
    logger.warning("%s", "标准输出不再有人读；会议继续" if messages is CHINESE else told)
