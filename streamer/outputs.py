"""Standard output of the commands that show captions: who draws, who writes lines, in a thread of its own."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, partial
from pathlib import Path
from typing import Final

from streamer.interfaces import Sink
from streamer.pipeline import Worker
from streamer.settings import Settings
from streamer.sinks.footer import Keys
from streamer.sinks.messages import CHINESE, ENGLISH, Messages, messages_for
from streamer.sinks.printable import printable
from streamer.sinks.prose import prose
from streamer.sinks.rooms_view import RoomsView
from streamer.sinks.standard_error import standard_error_into
from streamer.sinks.terminal import RoomTerminalSink, TerminalScreen, TerminalSink

LOG_NAME: Final = "streamer.log"
"""File in the data folder for what must not be written on the captions."""

_STANDARD_OUTPUT: Final = 1
_TERMINAL_PATIENCE: Final = 0.5
"""Seconds for the last line, after the drain time of all sinks: whoever does not read must not keep us."""


class Output(StrEnum):
    """What is written to standard output."""

    TERMINAL = "terminal"
    """Captions for a person to read along."""
    PLAIN = "plain"
    """A line for every final."""
    JSON = "json"
    """A line of JSON for every event."""


def choose_messages(settings: Settings, environment: Mapping[str, str]) -> Messages:
    """The language of labels and warnings."""
    return {"zh": CHINESE, "en": ENGLISH}.get(settings.ui.language) or messages_for(environment)


def are_read_together() -> bool:
    """Whether standard output and standard error are one terminal, file or pipe."""
    try:
        return os.path.sameopenfile(1, 2)
    except OSError:  # one of them is closed
        return False


@dataclass(frozen=True, slots=True)
class Outputs:
    """Standard output, shared by the rooms."""

    sink: Callable[[str], Sink]
    """What takes the events of a room."""
    screen: TerminalScreen | None
    """What draws; None where lines are written."""
    say: Callable[[str], None]
    """Leaves a line behind for a person, who needs it after the meeting."""


@contextlib.contextmanager
def open_outputs(
    rooms: Sequence[str],
    output: Output,
    log: Path,
    messages: Messages,
    settings: Settings,
    *,
    leave: Callable[[], None] | None = None,
) -> Iterator[Outputs]:
    """What writes to standard output, in a thread of its own; unless there is only one room each line names its room.

    Args:
        rooms: their names; none: whichever come.
        output: what is written.
        log: takes what other code writes to standard error while captions are drawn.
        messages: the language of labels.
        settings: those of the terminal are used.
        leave: of whoever watches meetings that others hold; called once nobody reads what is written. None: they are
            meetings of this process, which keys control, and which go on without readers.
    """
    if output is not Output.TERMINAL:
        with _line_outputs(output, messages, leave, is_one_room=len(rooms) == 1) as outputs:
            yield outputs
        return
    keys = Keys.CONTROL if leave is None else Keys.WATCH
    frames, styled = settings.ui.frames_per_second, not os.environ.get("NO_COLOR")
    doubt = settings.ui.doubt_below
    screen: TerminalScreen
    if len(rooms) == 1:
        screen = single = TerminalSink(
            _STANDARD_OUTPUT, messages, frames_per_second=frames, styled=styled, keys=keys, doubt_below=doubt
        )
        outputs = Outputs(lambda _: single, screen, screen.say)
    else:
        view = RoomsView(rooms, messages, keys=keys, doubt_below=doubt)
        screen = TerminalScreen(_STANDARD_OUTPUT, messages, view, frames_per_second=frames, styled=styled)
        outputs = Outputs(partial(RoomTerminalSink, screen, view), screen, screen.say)
    with standard_error_into(log), screen:
        yield outputs


@contextlib.contextmanager
def _line_outputs(
    output: Output, messages: Messages, when_unread: Callable[[], None] | None, *, is_one_room: bool
) -> Iterator[Outputs]:
    """What writes lines: each names its room, unless there is only one."""
    from streamer.sinks.jsonlines import JsonLinesSink  # noqa: PLC0415
    from streamer.sinks.plain import PlainSink  # noqa: PLC0415
    from streamer.sinks.standard_output import StandardOutput, say_unread  # noqa: PLC0415

    with Worker("streamer-terminal", patience=_TERMINAL_PATIENCE) as worker:
        write = StandardOutput(worker, when_unread=when_unread or partial(say_unread, messages)).write

        @cache  # a sink remembers what it warned of
        def make(room: str) -> Sink:
            return JsonLinesSink(write, room=room) if output is Output.JSON else PlainSink(write, messages, room=room)

        def say(text: str) -> None:
            if output is Output.PLAIN or os.isatty(_STANDARD_OUTPUT) or not are_read_together():  # else events, no more
                worker.post(partial(_write_beside, text))

        yield Outputs((lambda _: make("")) if is_one_room else make, None, say)


def _write_beside(text: str) -> None:
    """On standard error: what is piped on are the captions, and a reader of them may have gone."""
    with contextlib.suppress(OSError):  # nobody reads that either, which is no failure of the meeting
        if sys.stderr is not None:  # closed by whoever started us
            sys.stderr.write(f"{prose(printable(text), sys.stderr)}\n")
