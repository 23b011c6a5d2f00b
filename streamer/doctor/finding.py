"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How a check ended."""

    GOOD = "good"
    """Nothing to do."""
    DOUBTFUL = "doubtful"
    """It works, or is not needed for everything."""
    BAD = "bad"
    """Something will not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check and its outcome."""

    name: str
    """What was looked at."""
    state: State
    found: str
    """What is there."""
    advice: str = ""
    """What to do; empty where nothing is to be done."""


def good(name: str, found: str) -> Finding:
    """A check that passed."""
    return Finding(name, State.GOOD, found)


def doubtful(name: str, found: str, advice: str) -> Finding:
    """A check that passed half."""
    return Finding(name, State.DOUBTFUL, found, advice)


def bad(name: str, found: str, advice: str) -> Finding:
    """A check that failed."""
    return Finding(name, State.BAD, found, advice)
