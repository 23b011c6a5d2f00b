"""The terminal that is written to, in a thread of its own: it may be stopped (Ctrl-S), and then writing blocks."""

from __future__ import annotations

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace

from streamer.sinks.layout import Line
from streamer.sinks.painter import Painter, Picture
from streamer.sinks.passages import Passage
from streamer.sinks.writing import write_all

logger = logging.getLogger(__name__)

_WAITING_PASSAGES = 1000
_LEAVE_SECONDS = 2.0
_STEP_SECONDS = 0.5


class Screen:
    """Shows pictures, the newest that there is whenever the terminal takes something."""

    def __init__(self, descriptor: int, painter: Painter, unseen: str) -> None:
        """``unseen``: said, with ``{count}``, in place of lines that a stopped terminal has missed."""
        self._descriptor = descriptor
        self._painter = painter
        self._unseen = unseen
        self._condition = threading.Condition()
        # Policy: one picture; a newer one takes its place and inherits its finished passages, the newest thousand.
        self._waiting: Picture | None = None
        self._missed = 0
        self._last: tuple[Line, ...] | None = None
        self._is_stepping_aside = False
        self._thread = threading.Thread(target=self._write, name="streamer-terminal", daemon=True)

    def open(self) -> None:
        """Start writing."""
        self._thread.start()

    def show(self, picture: Picture) -> None:
        """Show a picture soon; never waits."""
        with self._condition:
            if self._waiting is not None:
                finished = self._waiting.finished + picture.finished
                self._missed += max(0, len(finished) - _WAITING_PASSAGES)
                is_anew = self._waiting.is_anew or picture.is_anew
                picture = replace(picture, finished=finished[-_WAITING_PASSAGES:], is_anew=is_anew)
            self._waiting = picture
            self._condition.notify()

    def step_aside(self) -> None:
        """Take the region away after what was finished, until the next picture; a stopped terminal keeps it."""
        with self._condition:
            self._is_stepping_aside = self._thread.is_alive()
            self._condition.notify()
            self._condition.wait_for(lambda: not self._is_stepping_aside, _STEP_SECONDS)
            self._is_stepping_aside = False

    def close(self, last: Sequence[Line] = ()) -> None:
        """Take the region away after what was finished; gives up on a terminal that takes nothing."""
        with self._condition:
            self._last = tuple(last)
            self._condition.notify()
        if self._thread.is_alive():
            self._thread.join(_LEAVE_SECONDS)

    def _write(self) -> None:
        try:
            while True:
                with self._condition:
                    self._condition.wait_for(self._has_work)
                    picture, self._waiting = self._waiting, None
                    missed, self._missed = self._missed, 0
                    last = self._last
                if picture is not None:
                    self._put(self._painter.paint(self._with_missed(picture, missed)))
                elif self._is_stepping_aside:
                    self._put(self._painter.leave())
                    with self._condition:
                        self._is_stepping_aside = False
                        self._condition.notify_all()
                elif last is not None:
                    self._put(self._painter.leave(last))
                    return
        except OSError as error:
            logger.info("the terminal is gone: %s", error)

    def _has_work(self) -> bool:
        return self._waiting is not None or self._last is not None or self._is_stepping_aside

    def _with_missed(self, picture: Picture, missed: int) -> Picture:
        if not missed:
            return picture
        unseen = Passage(picture.finished[0].at, self._unseen.format(count=missed))
        return replace(picture, finished=(unseen, *picture.finished))

    def _put(self, text: str) -> None:
        write_all(self._descriptor, text)
