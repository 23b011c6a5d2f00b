from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Sequence

import pytest

from streamer.asr.runners.turns import given_up
from streamer.offline.crew import RecognizerCrew
from streamer.types import EndReason, Hypothesis, Utterance


class Noting:
    """A recogniser that notes how many utterances it is given at once."""

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes

    def recognize(self, utterance: Utterance) -> Hypothesis:
        return Hypothesis(utterance.id, 0, 0, 320, (), is_final=True, pack="none")

    def recognize_all(self, utterances: Sequence[Utterance]) -> list[Hypothesis]:
        self._sizes.append(len(utterances))
        return [self.recognize(each) for each in utterances]


@pytest.mark.parametrize(
    ("count", "utterances", "sizes"),
    [
        (1, 112, [16, 32, 32, 32]),
        (2, 112, [8, 8, 16, 16, 32, 32]),
        (2, 250, [8, 8, 10, 16, 16, *[32] * 6]),
        (2, 20, [4, 8, 8]),
    ],
)
def test_the_groups_of_several_recognisers_grow_anew_with_each_sound(
    count: int, utterances: int, sizes: list[int]
) -> None:
    found: list[int] = []
    crew = RecognizerCrew([Noting(found) for _ in range(count)])
    for _ in range(2):
        begun: deque[Callable[[], Hypothesis]] = deque()
        numbers: list[int] = []
        for number in range(utterances):
            begun.append(crew.begin(Utterance(number, 0, 0, 320, bytes(640), EndReason.SILENCE)))
            if len(begun) > crew.ahead:
                numbers.append(begun.popleft()().utterance_id)
        numbers += [take().utterance_id for take in begun]

        assert numbers == list(range(utterances))
        assert sorted(found) == sizes
        found.clear()
    crew.close()


class Meeting(Noting):
    """A recogniser that lets another one in only while its model runs, where the two meet."""

    def __init__(self, meeting: threading.Barrier, alone: threading.Lock) -> None:
        super().__init__([])
        self._meeting, self._alone = meeting, alone

    def recognize(self, utterance: Utterance) -> Hypothesis:
        for _ in range(20):
            assert self._alone.acquire(blocking=False), "two at a time outside the model"
            hashlib.sha256(bytes(1_000_000)).digest()  # gives Python's lock away, as numpy does
            self._alone.release()
            with given_up():
                self._meeting.wait(timeout=30)
        return super().recognize(utterance)


def test_several_recognisers_take_turns_but_for_their_models() -> None:
    meeting, alone = threading.Barrier(2), threading.Lock()
    crew = RecognizerCrew([Meeting(meeting, alone) for _ in range(2)], together=1)

    begun = [crew.begin(Utterance(number, 0, 0, 320, bytes(640), EndReason.SILENCE)) for number in range(2)]

    assert [take().utterance_id for take in begun] == [0, 1]
    crew.close()
