"""The level of the sound as a bar. Pure."""

from __future__ import annotations

from streamer.sinks.layout import Span, Style

METER_COLUMNS = 12
_METER_DB = 60 / METER_COLUMNS


def meter_spans(level_dbfs: float, *, styled: bool) -> tuple[Span, ...]:
    """A bar for the topmost 60 decibels, in :data:`METER_COLUMNS`; of letters where there are no colours."""
    filled = max(0, min(METER_COLUMNS, round((level_dbfs + 60) / _METER_DB)))
    if not styled:
        return (Span("#" * filled + "-" * (METER_COLUMNS - filled)),)
    style = Style.LOUD if filled == METER_COLUMNS else Style.FILLED
    return (Span(" " * filled, style), Span(" " * (METER_COLUMNS - filled), Style.EMPTY))
