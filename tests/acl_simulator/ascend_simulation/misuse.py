"""What a program must never do to a device."""

from __future__ import annotations


class Misuse(AssertionError):  # noqa: N818 (it reads as what happened)
    """A call whose outcome on hardware is undefined: a crash, wrong numbers, a hang."""
