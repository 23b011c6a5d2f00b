"""The rows at the bottom of every view: what a person should know, and which key does what."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from enum import Enum
from functools import lru_cache

from streamer.sinks.layout import Line, Span, Style, columns_of, cut_line, width, wrap
from streamer.sinks.messages import Messages
from streamer.sinks.printable import printable
from streamer.types import Notice, Severity


class Keys(Enum):
    """What a person may do with keys."""

    CONTROL = "control"
    """Pause, mark and end a meeting of this process."""
    AWAIT = "await"
    """Have a meeting that waits for its microphone begin with a pause, or never."""
    WATCH = "watch"
    """Stop watching meetings that others hold."""
    LEAVE = "leave"
    """Wait no longer for what is left of a meeting of this process that has ended."""


@lru_cache(maxsize=16)
def keys_row(messages: Messages, columns: int, keys: Keys, *, is_paused: bool) -> Line:
    """Which key does what; where not all fit, the one that ends is the last to go."""
    if keys is Keys.LEAVE:
        return cut_line(_told([("Ctrl-C", messages.leave_key)]), columns)
    shown = [("q", messages.end_key)]
    if keys is Keys.CONTROL:
        shown = [("m", messages.mark_key), *shown]
    if keys in {Keys.CONTROL, Keys.AWAIT}:
        shown = [(messages.space, messages.resume_key if is_paused else messages.pause_key), *shown]
    while len(shown) > 1 and width(_told(shown)) > columns:
        del shown[-2]
    return cut_line(_told(shown), columns)


def _told(keys: Sequence[tuple[str, str]]) -> list[Span]:
    """Keys and what they do, in one row."""
    spans: list[Span] = []
    for key, meaning in keys:
        spans += [Span("   " if spans else " "), Span(key, Style.BOLD), Span(f" {meaning}", Style.DIM)]
    return spans


def notice_rows(notices: Sequence[Notice], columns: int, rows: int) -> list[Line]:
    """Notices in the colours of their gravity, as many as there are rows; where there are more, they share these."""
    shown = notices[: max(0, rows)]
    told: list[Line] = []
    for at, notice in enumerate(shown):
        told += _notice(notice, columns, math.ceil((rows - len(told)) / (len(shown) - at)))
    return told


def _notice(notice: Notice, columns: int, rows: int) -> list[Line]:
    """More rows where one would leave out the end, in which the reason stands."""
    styles = {Severity.INFO: Style.PLAIN, Severity.WARNING: Style.WARNING, Severity.ERROR: Style.ERROR}
    rest, style = f" ! {printable(notice.text)}", styles[notice.severity]
    told: list[Line] = []
    while len(told) < rows - 1 and columns_of(rest) > columns:
        told.append(wrap([Span(rest, style)], columns)[0])
        rest = f"   {rest[sum(len(span.text) for span in told[-1]) :].lstrip()}"
    return [*told, cut_line([Span(rest, style)], columns)]


def gravest_first(notices: Iterable[Notice]) -> list[Notice]:
    """Errors, then warnings, then the rest, each in the order in which they came."""
    order = list(Severity)
    return sorted(notices, key=lambda notice: -order.index(notice.severity))
