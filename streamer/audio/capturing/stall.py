"""Sound that stood still for a while. Pure, and light: the capture process imports it."""

from __future__ import annotations

from collections.abc import Sequence

from streamer.audio.capturing.capture_wire import Sound

STALL_SECONDS = 1.0
"""Sound that is so late has waited on its way, and comes at once now, or is missing: something was stopped."""
LEAST_MISSING_SECONDS = 0.5
"""So little is not missing: devices that give their sound in steps of seconds may be late by as much."""
WINDOW_SECONDS = 0.5
"""Over which it is looked at how fast sound comes."""
CATCHING_UP = 1.25
"""Times as fast as it sounds, sound comes that has waited."""


class Stall:
    """Tells sound that is late from sound that is missing, and where.

    Whoever keeps what sounds meanwhile, as a sound server that is not read, gives that first, and has dropped what was
    more. So sound is held until it is known whether it follows the hole: half a second, where nothing had waited.
    """

    def __init__(self, behind: float = 0.0) -> None:
        """``behind``: seconds of sound that had not come before."""
        self.behind = behind
        """Seconds of sound that have not come so far."""
        self.missing = 0.0
        """Seconds that will never come, once it is over: before what is not held any more then."""
        self.is_over = False
        """Whether sound comes as it sounds again."""
        # Bounded by what comes in a window as it sounds.
        self._held: list[tuple[Sound, float]] = []
        self._began: float | None = None
        """When the window did …"""
        self._came = 0.0
        """… the seconds of sound that have come since …"""
        self._least = 0.0
        """… and the least that it has been behind."""

    def take(self, sound: Sound, lasts: float, late: float, now: float) -> Sequence[tuple[Sound, float]]:
        """What need not be held any more, each with its seconds.

        Args:
            sound: what has come.
            lasts: its seconds.
            late: how much longer it was waited for than it lasts, seconds.
            now: seconds of any one clock.
        """
        self._held.append((sound, lasts))
        self.behind += late
        if self._began is None:
            self._begin(now)
            return ()
        self._came += lasts
        self._least = min(self._least, self.behind)
        lasted = now - self._began
        if self.behind < LEAST_MISSING_SECONDS:
            self.is_over = True
        elif self._came < CATCHING_UP * max(lasted, WINDOW_SECONDS):
            if lasted < WINDOW_SECONDS:
                return ()
            self.is_over, self.missing = True, self._least
        elif lasted >= WINDOW_SECONDS:
            self._begin(now)
        held, self._held = self._held, []
        return held

    def _begin(self, now: float) -> None:
        """A window begins, after the sound that has come now."""
        self._began, self._came, self._least = now, 0.0, self.behind
