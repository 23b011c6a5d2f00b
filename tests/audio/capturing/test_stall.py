"""Sound that stood still: what waited, what is missing, and where."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.audio.capturing.capture_wire import Sound
from streamer.audio.capturing.stall import LEAST_MISSING_SECONDS, WINDOW_SECONDS, Stall

BLOCK = 0.02


@dataclass
class Stream:
    """A stall, and a device that gives blocks of 20 ms, each of them numbered."""

    stall: Stall = field(default_factory=Stall)
    now: float = 100.0
    count: int = 0
    given: list[int] = field(default_factory=list)
    """Numbers of the blocks that the stall has let go."""
    before_hole: list[int] = field(default_factory=list)
    """Those of them that it let go before it told of anything missing."""

    def give(self, after: float) -> None:
        """A block comes so many seconds after the one before."""
        self.now += after
        sound = Sound(self.count.to_bytes(4, "little"))
        self.count += 1
        taken = self.stall.take(sound, BLOCK, after - BLOCK, self.now)
        let_go = [int.from_bytes(one.pcm, "little") for one, _ in taken]
        if not self.stall.missing:
            self.before_hole += let_go
        self.given += let_go

    def give_until_over(self, after: float) -> None:
        """Blocks come like that until the stall is over."""
        while not self.stall.is_over:
            self.give(after)


def test_sound_is_held_until_it_is_known_whether_it_follows_a_hole() -> None:
    """Half a second: it might come faster than it sounds, and have waited."""
    stream = Stream()
    stream.give(40.0)
    for _ in range(24):
        stream.give(BLOCK)
    assert stream.given == []
    stream.give_until_over(BLOCK)
    assert stream.given == list(range(stream.count))
    assert stream.stall.missing == pytest.approx(40.0 - BLOCK)


def test_what_waited_is_let_go_at_once_where_nothing_is_missing() -> None:
    """A second that waited comes within a moment."""
    stream = Stream()
    stream.give(1.0 + BLOCK)
    for _ in range(26):
        stream.give(0.0)
    assert (stream.given, stream.stall.is_over, stream.stall.missing) == (list(range(27)), True, 0.0)
    assert stream.stall.behind == pytest.approx(0.48)  # so little is not missing: no device is that exact


def test_of_sound_that_comes_in_steps_the_least_that_it_is_behind_is_missing() -> None:
    """A device that gives a third of a second at once is ahead of itself right after each step."""
    stream = Stream()
    stream.give(5.0)
    steps = itertools.cycle([0.3, *[0.0] * 14])
    while not stream.stall.is_over:
        stream.give(next(steps))
    assert stream.given == list(range(stream.count))
    assert stream.stall.missing == pytest.approx(5.0 - BLOCK)


@given(
    stood=st.floats(1.1, 300.0),
    kept=st.integers(0, 3000),
    speed=st.sampled_from([2.0, 10.0, 1000.0]),
)
def test_nothing_is_lost_or_put_elsewhere_and_what_a_server_dropped_is_missing_behind_what_it_kept(
    stood: float, kept: int, speed: float
) -> None:
    """A server that is not read keeps what sounds first, drops the rest, and gives what it kept as fast as it can."""
    kept = min(kept, int(stood / BLOCK))
    stream = Stream()
    stream.give(stood + BLOCK)
    for _ in range(kept):
        if not stream.stall.is_over:
            stream.give(BLOCK / speed)
    stream.give_until_over(BLOCK)
    assert stream.given == list(range(stream.count))
    behind = stood - kept * (BLOCK - BLOCK / speed)
    if behind >= LEAST_MISSING_SECONDS + BLOCK:
        assert stream.stall.missing == pytest.approx(behind)
        # What sounded after the hole is put before it by no more than it takes to find that out.
        assert len(stream.before_hole) <= kept + 2 + WINDOW_SECONDS / BLOCK
    elif behind < LEAST_MISSING_SECONDS - BLOCK:
        assert stream.stall.missing == 0.0
