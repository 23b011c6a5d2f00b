"""What keys do to the meetings of all rooms."""

from __future__ import annotations

from typing import cast

import pytest

from streamer.controls import Everyone
from streamer.pipeline import Meeting


class Room:
    """A meeting, as far as a pause goes."""

    def __init__(self, *, is_paused: bool) -> None:
        self.is_paused = is_paused

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
