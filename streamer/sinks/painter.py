"""What is written to a terminal so that it shows finished lines above a region that changes.

Finished lines scroll up into the terminal's own history, where they stay when the program has ended. The region is the
last rows written; the cursor rests at its end.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from streamer.sinks.keys import PASTES_TOLD, PASTES_UNTOLD
from streamer.sinks.layout import Line, Size, Span, Style, columns_of, drawn, is_counted_alike
from streamer.sinks.passages import Passage
from streamer.sinks.standing import Standing, Wrap

_TAKE = f"\x1b[?25l{PASTES_TOLD}"
"""No cursor is seen, and what is pasted, which a middle click does, presses no keys."""
_GIVE_BACK = f"\x1b[?25h{PASTES_UNTOLD}"
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

    finished: tuple[Passage, ...]
    """Passages that are written once and stay."""
    region: tuple[Line, ...]
    """Rows below them, instead of those of the picture before."""
    size: Size
    """For which it is made."""
    is_anew: bool = False
    """Whether the whole screen is drawn: something else wrote on it."""


class Painter:
    """Turns pictures into what has to be written; it remembers the region that it wrote last."""

    def __init__(self, wrap: Wrap, *, styled: bool = True, breaks_rows: bool = True) -> None:
        """Prepare.

        Args:
            wrap: gives the rows of passages.
            styled: False where colours are unwanted (``NO_COLOR``); weight, inversion and underlines stay.
            breaks_rows: whether the terminal breaks rows that are too wide for it when it is made narrower.
        """
        self._standing = Standing(wrap, breaks_rows=breaks_rows)
        self._is_drawn = False
        self._styled = styled
        self._region: tuple[Line, ...] = ()
        self._size = Size(0, 0)

    def paint(self, picture: Picture) -> str:
        """Escape sequences that bring the terminal from the last picture to this one; empty where nothing changed."""
        start = "" if self._is_drawn else _TAKE
        if not self._is_drawn:
            self._standing.begin(picture.size)
            body = self._added(picture)
        elif picture.size != self._size and not self._standing.has_spilled(picture.size):
            body = self._resized(picture)
        elif picture.is_anew or picture.size != self._size:
            body = self._anew(picture)
        elif picture.finished or len(picture.region) != len(self._region):
            body = self._added(picture)
        elif picture.region != self._region:
            body = self._changed(picture.region)
        else:
            return ""
        self._region, self._size, self._is_drawn = picture.region, picture.size, True
        return f"{_BEGIN}{start}{_NO_WRAP}{body}{_WRAP}{_END}"

    def leave(self, finished: Sequence[Line] = ()) -> str:
        """Take the region away, write last lines, and give the cursor back."""
        if not self._is_drawn and not finished:
            return ""
        # Erased first: a last line that is wider than the terminal goes on below, over what stood there.
        body = self._up() + _ERASE_BELOW + "".join(f"{self._row(line)}\r\n" for line in finished)
        self._region, self._is_drawn = (), False
        return body + _GIVE_BACK

    def _added(self, picture: Picture) -> str:
        """What is finished, and the region below it instead of the one before."""
        rows = self._standing.add(picture.finished, picture.size)
        self._standing.moved(len(rows) + _height(picture.region) - _height(self._region))
        return self._up() + self._rows(rows, picture.region) + _ERASE_BELOW

    def _resized(self, picture: Picture) -> str:
        """The region, and what is in sight for sure where the terminal has cut it off."""
        above, passages = self._standing.take_resized(self._region or ((),), self._size, picture.size)
        rows = self._standing.add((*passages, *picture.finished), picture.size)
        self._standing.moved(len(rows) + _height(picture.region) - above)
        # Row by row: erasing a whole screen makes some terminals push it into their history.
        erased = "\r\x1b[2K" + "\x1b[A\x1b[2K" * (above - 1)
        return erased + self._rows(rows, picture.region) + _ERASE_BELOW + _TAKE

    def _anew(self, picture: Picture) -> str:
        """The whole screen; what is finished comes first, to push what it covers into the terminal's history."""
        rows = self._standing.add(picture.finished, picture.size)
        before = self._up() + self._rows(rows, ()) if rows else ""
        passages = self._standing.take_all(picture.region or ((),), picture.size)
        drawn = self._standing.add(passages, picture.size)
        self._standing.stand_at(max(0, picture.size.rows - len(drawn) - _height(picture.region)))
        return before + self._clear(picture.size.rows) + self._rows(drawn, picture.region)

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
        return "".join(f"\x1b[{row};1H\x1b[2K" for row in range(rows, 0, -1)) + _TAKE

    def _row(self, line: Line) -> str:
        # Erased first: after a row that fills its last column, erasing to the right would take that column away.
        return _ERASE_TO_RIGHT + "".join(self._spans(line))

    def _spans(self, line: Line) -> Iterator[str]:
        column = 1
        for at, span in enumerate(line):
            yield self._styled_text(span)
            column += columns_of(span.text)
            if at + 1 < len(line) and not is_counted_alike(span.text):
                # Where a terminal counts a character otherwise than we do, the row still ends where we say: that
                # tells how many rows are made of it when the window becomes narrower.
                yield f"\x1b[{column}G"

    def _styled_text(self, span: Span) -> str:
        text, style = drawn(span.text), span.style
        if style is Style.PLAIN or (not self._styled and style not in _WITHOUT_COLOUR):
            return text
        return f"\x1b[{style}m{text}{_RESET}"


def _height(region: Sequence[Line]) -> int:
    """Rows that a region takes; an empty one has the row of the cursor."""
    return max(1, len(region))


_WITHOUT_COLOUR = frozenset({Style.DIM, Style.BOLD, Style.BAR, Style.DOUBT})
