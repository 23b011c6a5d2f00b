from __future__ import annotations

import pytest

from streamer.asr.ctc import AlignedToken, CtcPath
from streamer.asr.gates import without_echoes

SYLLABLES = ("wei2", "wei4", "ma1", "A")
STEP_MS = 40.0


def path(*tokens: tuple[int, int, float]) -> CtcPath:
    """Ids, first steps and scores; every token lasts one step."""
    return CtcPath(tuple(AlignedToken(token, step, step, score) for token, step, score in tokens), -1.0)


def test_a_syllable_that_follows_itself_too_soon_is_one() -> None:
    heard = path((2, 0, -0.5), (0, 5, -0.3), (1, 7, -0.1), (3, 12, -0.2))

    assert without_echoes(heard, SYLLABLES.__getitem__, STEP_MS) == path((2, 0, -0.5), (1, 7, -0.1), (3, 12, -0.2))


def test_of_the_two_the_better_heard_one_stays() -> None:
    assert without_echoes(path((0, 5, -0.1), (1, 6, -0.3)), SYLLABLES.__getitem__, STEP_MS).ids == (0,)


@pytest.mark.parametrize(
    "heard",
    [path((2, 0, -0.1), (2, 3, -0.1)), path((0, 0, -0.1), (2, 1, -0.1)), path()],
    ids=["as fast as people speak", "another syllable", "nothing"],
)
def test_all_others_stay(heard: CtcPath) -> None:
    assert without_echoes(heard, SYLLABLES.__getitem__, STEP_MS) is heard
