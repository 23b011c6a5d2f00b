"""What is written to a terminal so that it shows finished lines above a region that changes.

Finished lines scroll up into the terminal's own history, where they stay when the program has ended. The region is the
last rows written; the cursor rests at its end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from streamer.sinks.layout import Line, Style

_HIDE_CURSOR = "\x1b[?25l"
_SHOW_CURSOR = "\x1b[?25h"
_NO_WRAP = "\x1b[?7l"
"""A row that a terminal counts wider than we do is cut instead of pushing all others down."""
_WRAP = "\x1b[?7h"
_BEGIN = "\x1b[?2026h"
"""Terminals that know it show the whole update at once; others ignore it."""
_END = "\x1b[?2026l"
_ERASE_TO_RIGHT = "\x1b[K"
_ERASE_BELOW = "\x1b[J"
_RESET = "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Picture:
    """What a terminal should show."""

    finished: tuple[Line, ...]
    """Lines that are written once and stay."""
    region: tuple[Line, ...]
    """Rows below them, instead of those of the picture before."""
    repaint: tuple[Line, ...] | None = None
    """The newest finished lines, where the screen must be drawn anew: after a resize, or when asked for."""
    rows: int = 0
    """Height of the screen, for a repaint."""


class Painter:
    """Turns pictures into what has to be written; it remembers the region that it wrote last."""

    def __init__(self, *, styled: bool = True) -> None:
        """``styled``: False where colours are unwanted (``NO_COLOR``); weight and inversion stay."""
        self._styled = styled
        self._region: tuple[Line, ...] = ()
        self._begun = False

    def paint(self, picture: Picture) -> str:
        """Escape sequences that bring the terminal from the last picture to this one; empty where nothing changed."""
        if picture.repaint is not None:
            before = self._up() + self._rows(picture.finished, ()) if picture.finished else ""
            body = before + self._clear(picture.rows) + self._rows(picture.repaint, picture.region)
        elif picture.finished or len(picture.region) != len(self._region):
            body = self._up() + self._rows(picture.finished, picture.region) + _ERASE_BELOW
        elif picture.region != self._region:
            body = self._changed(picture.region)
        else:
            return ""
        self._region = picture.region
        start = "" if self._begun else _HIDE_CURSOR
        self._begun = True
        return f"{_BEGIN}{start}{_NO_WRAP}{body}{_WRAP}{_END}"

    def leave(self, finished: Sequence[Line] = ()) -> str:
        """Take the region away, write last lines, and give the cursor back."""
        if not self._begun and not finished:
            return ""
        # Erased first: a last line that is wider than the terminal goes on below, over what stood there.
        body = self._up() + _ERASE_BELOW + "".join(f"{self._row(line)}\r\n" for line in finished)
        self._region, self._begun = (), False
        return body + _SHOW_CURSOR

    def _up(self) -> str:
        """To the beginning of the region."""
        above = len(self._region) - 1
        return f"\r\x1b[{above}A" if above > 0 else "\r"

    def _rows(self, finished: Sequence[Line], region: Sequence[Line]) -> str:
        # Finished lines are wrapped by us, so a terminal that joins wrapped rows on a resize leaves them alone.
        # An empty region still is a row: the cursor rests below the finished lines.
        return "\r\n".join(self._row(line) for line in (*finished, *(region or [()])))

    def _changed(self, region: Sequence[Line]) -> str:
        """Only the rows that differ."""
        moves = [self._up()]
        for at, (old, new) in enumerate(zip(self._region, region, strict=True)):
            moves.append("" if old == new else self._row(new))
            if at + 1 < len(region):
                moves.append("\r\n")
        return "".join(moves)

    def _clear(self, rows: int) -> str:
        # Row by row: erasing a whole screen makes some terminals push it into their history.
        return "".join(f"\x1b[{row};1H\x1b[2K" for row in range(rows, 0, -1)) + _HIDE_CURSOR

    def _row(self, line: Line) -> str:
        # Erased first: after a row that fills its last column, erasing to the right would take that column away.
        return _ERASE_TO_RIGHT + "".join(self._styled_text(span.text, span.style) for span in line)

    def _styled_text(self, text: str, style: Style) -> str:
        if style is Style.PLAIN or (not self._styled and style not in _WITHOUT_COLOUR):
            return text
        return f"\x1b[{style}m{text}{_RESET}"


_WITHOUT_COLOUR = frozenset({Style.DIM, Style.BOLD, Style.BAR})
