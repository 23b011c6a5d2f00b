"""What keys do to the meetings of all rooms."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable
from typing import cast

import pytest

from streamer.controls import Everyone, controls
from streamer.pipeline import Meeting
from streamer.pipeline.load import MeetingLoad


class Room:
    """A meeting, as far as a pause and its end go."""

    def __init__(self, *, is_paused: bool = False, has_ended: bool = False) -> None:
        self.is_paused = is_paused
        self.has_ended = has_ended
        self.stops = 0
        self.left = 0

    def load(self) -> MeetingLoad:
        return MeetingLoad(has_ended=self.has_ended)

    def stop(self) -> None:
        self.stops += 1

    def wait_no_longer(self) -> None:
        self.left += 1

    def pause(self) -> None:
        self.is_paused = True

    def resume(self) -> None:
        self.is_paused = False


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ((False,), (True,)),
        ((True,), (False,)),
        ((False, False), (True, True)),
        ((True, True), (False, False)),
        ((True, False), (False, False)),
    ],
)
def test_one_key_pauses_all_and_resumes_all_where_one_is_paused_by_whomever(
    before: tuple[bool, ...], after: tuple[bool, ...]
) -> None:
    rooms = [Room(is_paused=one) for one in before]

    Everyone(cast("list[Meeting]", rooms)).toggle_pause()

    assert tuple(room.is_paused for room in rooms) == after


def is_left_at_once(rooms: list[Room], *asked: Callable[[Everyone], None]) -> bool:
    """Whether the meetings are aborted once they are asked so; else they end by themselves."""

    async def main() -> bool:
        everyone = Everyone(cast("list[Meeting]", rooms))
        with controls(everyone, None):
            try:
                for ask in asked:
                    ask(everyone)
                    await asyncio.sleep(0.01)  # a signal is handled when the loop turns
            except asyncio.CancelledError:
                return True
        return False

    return asyncio.run(main())


def ctrl_c(_: Everyone) -> None:
    signal.raise_signal(signal.SIGINT)


def terminated(_: Everyone) -> None:
    signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize(
    ("asked", "at_once"),
    [
        ((ctrl_c,), False),
        ((ctrl_c, ctrl_c), True),
        ((Everyone.stop,), False),
        ((Everyone.stop, Everyone.stop), False),
        ((Everyone.stop, ctrl_c), True),
        ((terminated,), False),
        ((terminated, ctrl_c), True),
        ((ctrl_c, terminated), False),
    ],
)
def test_ctrl_c_leaves_at_once_where_the_end_was_asked_for_before(
    asked: tuple[Callable[[Everyone], None], ...], at_once: bool
) -> None:
    room = Room()

    assert is_left_at_once([room], *asked) == at_once
    assert room.stops == len(asked) - at_once


def test_ctrl_c_does_not_wait_for_what_meetings_still_send_that_have_ended_by_themselves() -> None:
    ended, going = [Room(has_ended=True), Room(has_ended=True)], [Room(has_ended=True), Room()]

    assert not is_left_at_once(ended, ctrl_c)
    assert not is_left_at_once(going, ctrl_c)
    assert [room.left for room in (*ended, *going)] == [1, 1, 0, 0]
    assert [room.stops for room in (*ended, *going)] == [0, 0, 1, 1]


def test_ctrl_c_leaves_at_once_where_what_meetings_still_send_does_not_end_when_it_is_left() -> None:
    assert is_left_at_once([Room(has_ended=True)], ctrl_c, ctrl_c)


def test_what_hangs_after_the_end_is_not_waited_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("streamer.controls._ABORT_SECONDS", 0.0)
    monkeypatch.setattr("streamer.controls.os._exit", lambda _: None)  # which comes after another such time

    assert is_left_at_once([Room(has_ended=True)], ctrl_c, lambda _: None)
