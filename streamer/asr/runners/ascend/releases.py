"""Giving back what was taken, newest first."""

from __future__ import annotations

from collections.abc import Callable

from streamer.errors import AscendError


class Releases:
    """Steps that undo acquisitions. One that fails does not keep the others from running."""

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []

    def add(self, step: Callable[[], None]) -> None:
        """Add the step that undoes what was just acquired."""
        self._steps.append(step)

    def run(self) -> list[AscendError]:
        """Run all steps, newest first, once; what failed."""
        failures = []
        while self._steps:
            try:
                self._steps.pop()()
            except AscendError as failure:
                failures.append(failure)
        return failures

    def undo(self, cause: BaseException) -> None:
        """Run all steps because of a failure, which keeps notes of further ones."""
        for failure in self.run():
            cause.add_note(f"while releasing: {failure}")
