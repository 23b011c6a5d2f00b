"""Text from outside (titles, notes, captions) as it may stand in a file: one line, nothing that acts."""

from __future__ import annotations

from streamer.sinks.printable import is_blank, printable

_NONCHARACTERS = dict.fromkeys([0xFFFE, 0xFFFF])


def visible(text: str) -> str:
    """The text without controls, direction marks and what XML forbids; line breaks become spaces."""
    return printable(text).translate(_NONCHARACTERS)


def plain(text: str) -> str:
    """The visible text with single spaces, and none at its ends."""
    return " ".join(visible(text).split())


def plain_title(text: str) -> str:
    """The same of a title; empty where nothing of it would be seen."""
    title = plain(text)
    return "" if is_blank(title) else title
