from __future__ import annotations

from queue import SimpleQueue
from types import SimpleNamespace

import pytest

from streamer.audio.capturing import ring as ring_module
from streamer.audio.capturing.capture_wire import Lost, Message, Sound
from streamer.audio.capturing.ring import Ring

FINE = SimpleNamespace(input_overflow=False)
OVERFLOW = SimpleNamespace(input_overflow=True)
BLOCK = bytes(640)
OVERFLOWN = "sound came faster than it could be taken"
STOOD_STILL = "the sound server, or this program, stood still"


class Clock:
    """Replaces the module's clocks."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 100.0
        self.slept = 0.0
        monkeypatch.setattr(ring_module.time, "monotonic", lambda: self.now)
        monkeypatch.setattr(ring_module, "slept_seconds", lambda: self.slept)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


def taken(outgoing: SimpleQueue[Message | None]) -> list[Message | None]:
    return [outgoing.get() for _ in range(outgoing.qsize())]


def test_sound_is_copied(clock: Clock) -> None:
    outgoing: SimpleQueue[Message | None] = SimpleQueue()
    pcm = bytearray(b"\1" * 640)
    Ring(outgoing, 16_000).on_sound(pcm, 320, None, FINE)
    pcm[:] = BLOCK

    assert taken(outgoing) == [Sound(b"\1" * 640)]


class Scene:
    """A ring at 16 kHz that gets sounds; the clocks are those of the test."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.outgoing: SimpleQueue[Message | None] = SimpleQueue()
        self.ring = Ring(self.outgoing, 16_000)

    def hear(self, after: float = 0.0, samples: int = 320, *, times: int = 1, status: SimpleNamespace = FINE) -> None:
        """So many sounds, each so many seconds after the one before."""
        for _ in range(times):
            self.clock.now += after
            self.ring.on_sound(bytes(2 * samples), samples, None, status)

    def told(self) -> list[Lost | float]:
        """What was passed on since: what is missing, and between that the seconds of sound."""
        found: list[Lost | float] = []
        for message in taken(self.outgoing):
            if isinstance(message, Lost):
                found.append(message)
            elif isinstance(message, Sound):
                seconds = len(message.pcm) / 32_000
                if found and isinstance(found[-1], float):
                    found[-1] += seconds
                else:
                    found.append(seconds)
        return [one if isinstance(one, Lost) else round(one, 2) for one in found]


@pytest.fixture
def scene(clock: Clock) -> Scene:
    return Scene(clock)


def lost(seconds: float, goes_on_at: float, reason: str = STOOD_STILL) -> Lost:
    return Lost(pytest.approx(seconds), reason, pytest.approx(goes_on_at))


def test_an_overflow_is_reported_before_the_sound_after_it(scene: Scene) -> None:
    scene.hear()
    scene.hear(0.52, status=OVERFLOW)
    scene.hear()

    assert scene.told() == [0.02, lost(0.5, 100.5, OVERFLOWN), 0.04]


def test_small_overflows_are_added_up(scene: Scene) -> None:
    scene.hear()
    scene.hear(0.07, times=3, status=OVERFLOW)

    assert scene.told() == [0.06, lost(0.15, 100.19, OVERFLOWN), 0.02]


def test_what_a_full_ring_loses_is_counted(scene: Scene) -> None:
    scene.hear(times=3_100)
    assert scene.told() == [60.0]
    scene.hear()

    assert scene.told() == [lost(2.0, 99.98, OVERFLOWN), 0.02]


@pytest.mark.parametrize(
    ("waited", "missing"), [(1.72, [lost(1.7, 111.7, "the device gave its first sound late")]), (0.5, [])]
)
def test_sound_that_is_missing_before_the_first_is_a_gap(scene: Scene, waited: float, missing: list[Lost]) -> None:
    scene.clock.now += 10.0  # a headset takes its time to open
    scene.ring.note_open()
    scene.hear(waited)
    scene.hear(0.9)

    assert scene.told() == [*missing, 0.04]


@pytest.mark.parametrize("shift", [-0.01, 0.0])
def test_a_loss_is_reported_from_a_tenth_of_a_second_on(scene: Scene, shift: float) -> None:
    scene.clock.now = 0.0
    scene.hear()
    scene.hear(0.125 + shift, 400, status=OVERFLOW)

    assert [one.seconds for one in scene.told() if isinstance(one, Lost)] == [0.1][: shift == 0]


def test_an_overflow_before_the_first_sound_is_none(scene: Scene) -> None:
    scene.hear(10.0, status=OVERFLOW)
    scene.hear()

    assert scene.told() == [0.04]


def test_what_is_missing_after_a_standstill_is_told_before_the_first_sound_once_that_comes_as_it_sounds(
    scene: Scene,
) -> None:
    """A sound server that was stopped with all that listens to it may say nothing of what it has not heard."""
    scene.hear()
    scene.hear(600.03, 480)
    scene.hear(0.03, 480, times=16)
    assert scene.told() == [0.02]
    scene.hear(0.03, 480, times=2)

    assert scene.told() == [lost(600.0, 700.0), 0.57]


def test_what_comes_together_at_first_belongs_to_what_comes_as_it_sounds(scene: Scene) -> None:
    scene.hear()
    scene.hear(600.03, 480)
    scene.hear(0.0, 480, times=3)
    scene.hear(0.03, 480, times=17)

    assert scene.told() == [0.02, lost(599.91, 699.91), 0.63]


def test_what_waited_while_nobody_took_it_comes_before_what_is_missing(scene: Scene) -> None:
    """A sound server that goes on while what listens to it is stopped keeps what sounds first, and drops the rest."""
    scene.hear()
    scene.hear(600.02)
    scene.hear(0.0, times=499)
    scene.hear(0.03, 480, times=34)

    assert scene.told() == [10.53, lost(590.02, 700.53), 0.51]


def test_what_only_waited_is_passed_on(scene: Scene) -> None:
    scene.hear()
    scene.hear(1.32, status=OVERFLOW)
    scene.hear(0.0, times=66)
    scene.hear(0.02)

    assert scene.told() == [1.38]


def test_a_standstill_of_less_than_a_second_is_none(scene: Scene) -> None:
    scene.hear()
    scene.hear(1.01)
    scene.hear(0.02)

    assert scene.told() == [0.06]


def test_sound_that_comes_in_steps_of_seconds_is_not_missing(scene: Scene) -> None:
    """As that of an idle PulseAudio sink's monitor, once a step is late, and the next one in time."""
    for after in (2.0, 2.3, 1.7, 2.0):
        scene.hear(after)
        scene.hear(0.0, times=99)

    assert scene.told() == [8.0]


def test_what_is_missing_of_sound_that_comes_in_steps_is_told_after_the_first(scene: Scene) -> None:
    scene.hear()
    for after in (602.0, 2.0, 2.0):
        scene.hear(after)
        scene.hear(0.0, times=99)

    assert scene.told() == [2.02, lost(600.0, 702.0), 4.0]


def test_what_is_lost_of_sound_that_waited_is_dated_when_it_sounded(scene: Scene) -> None:
    """More comes at once than the ring holds."""
    scene.hear()
    scene.hear(120.02)
    scene.hear(0.0, times=3249)
    assert scene.told() == [60.0]
    scene.hear(0.0, times=250)

    assert scene.told() == [lost(5.02, 165.0, OVERFLOWN), 5.0]


def test_what_is_lost_of_sound_that_waited_and_what_is_missing_behind_it_are_one_loss(scene: Scene) -> None:
    scene.hear()
    scene.hear(600.02)
    scene.hear(0.0, times=3249)
    scene.hear(0.03, 480, times=17)
    assert scene.told() == [60.0]
    scene.hear(0.03, 480, times=17)

    assert scene.told() == [lost(5.02 + 0.51 + 535.02, 700.53), 0.51]


def test_a_computer_that_slept_leaves_a_gap(scene: Scene) -> None:
    scene.hear()
    scene.clock.slept = 3_600.0
    scene.hear(0.03, 480, times=18)

    assert scene.told() == [0.02, lost(3_600.0, 3_700.0, "the computer slept"), 0.54]


def test_a_standstill_after_a_sleep_is_told_as_such(scene: Scene) -> None:
    scene.hear()
    scene.clock.slept = 60.0
    scene.hear(0.03, 480, times=18)
    scene.hear(60.03, 480)
    scene.hear(0.03, 480, times=17)

    assert [one.reason for one in scene.told() if isinstance(one, Lost)] == ["the computer slept", STOOD_STILL]


def test_a_computer_that_sleeps_twice_leaves_two_gaps(scene: Scene) -> None:
    scene.hear()
    for slept in (60.0, 90.0):
        scene.clock.slept = slept
        scene.hear(0.03, 480, times=18)

    gaps = [one for one in scene.told() if isinstance(one, Lost)]
    assert gaps == [lost(60.0, 160.0, "the computer slept"), lost(30.0, 190.54, "the computer slept")]


def test_a_computer_that_wakes_for_a_moment_only_leaves_two_gaps(scene: Scene) -> None:
    """As one that wakes to hibernate: it sleeps again before it is known what the sound between follows."""
    scene.hear()
    scene.clock.slept = 3_600.0
    scene.hear(0.02, times=10)
    scene.clock.slept = 10_800.0
    scene.hear(0.02, times=28)

    first, second = lost(3_600.0, 3_700.0, "the computer slept"), lost(7_200.0, 10_900.22, "the computer slept")
    assert scene.told() == [0.02, first, 0.22, second, 0.54]


def test_what_stood_still_as_the_computer_woke_from_sleep_is_told_as_such(scene: Scene) -> None:
    scene.hear()
    scene.clock.slept = 3_600.0
    scene.hear(0.02, times=10)
    scene.hear(1.52)
    scene.hear(0.02, times=27)

    first, second = lost(3_600.0, 3_700.0, "the computer slept"), lost(1.5, 3_701.72)
    assert scene.told() == [0.02, first, 0.22, second, 0.54]
