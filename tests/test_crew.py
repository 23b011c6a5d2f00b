from __future__ import annotations

from collections.abc import Sequence

import pytest

from streamer.crew import RecognizerCrew
from streamer.types import EndReason, Hypothesis, Utterance


class Noting:
    """A recogniser that notes how many utterances it is given at once."""

    def __init__(self, sizes: list[int]) -> None:
        self._sizes = sizes

    def recognize(self, utterance: Utterance) -> Hypothesis:
        return Hypothesis(utterance.id, 0, 0, 320, (), None, is_final=True, pack="none")

    def recognize_all(self, utterances: Sequence[Utterance]) -> list[Hypothesis]:
        self._sizes.append(len(utterances))
        return [self.recognize(each) for each in utterances]


@pytest.mark.parametrize(("count", "sizes"), [(1, [16, 16, 16]), (2, [8, 8, 16, 16])])
def test_the_first_groups_of_several_recognisers_are_small(count: int, sizes: list[int]) -> None:
    found: list[int] = []
    crew = RecognizerCrew([Noting(found) for _ in range(count)])

    begun = [crew.begin(Utterance(number, 0, 0, 320, bytes(640), EndReason.SILENCE)) for number in range(48)]

    assert [take().utterance_id for take in begun] == list(range(48))
    assert sorted(found) == sizes
    crew.close()
