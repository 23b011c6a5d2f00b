"""How a text is cut into utterances, and what is written at their finals."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest

from benchmarks.live_marks import Cut, live_marks, marks_in_hindsight, utterances
from benchmarks.marks import live_scores, minutes_scores
from streamer.settings.segmenter import SegmenterSettings
from streamer.text.punctuation import MARKS, Ending, Punctuator
from streamer.training.text_corpus import Passage

SETTINGS = SegmenterSettings(
    end_silence_ms=500, end_silence_min_ms=300, shorten_from_ms=2000, shorten_until_ms=4000, max_utterance_ms=5000,
    cut_search_ms=2000, overlap_ms=1000,
)  # fmt: skip


def silence(count: int, pauses: dict[int, float]) -> npt.NDArray[np.float32]:
    found = np.zeros(count, np.float32)
    for place, seconds in pauses.items():
        found[place] = seconds
    return found


@pytest.mark.parametrize(
    ("pauses", "first"),
    [
        ({4: 0.5}, Cut(0, 5, "silence")),
        ({4: 0.4}, Cut(0, 20, "silence")),
        # The seventeenth character ends after 3.74 s: 0.33 s of silence are enough.
        ({16: 0.4}, Cut(0, 17, "silence")),
    ],
)
def test_silence_ends_an_utterance_a_long_one_sooner(pauses: dict[int, float], first: Cut) -> None:
    assert utterances(silence(20, pauses), SETTINGS)[0] == first


def test_long_speech_is_cut_at_its_longest_late_pause() -> None:
    # The 23rd character would end after 5 s; the pause after the sixth lies too far back.
    cuts = utterances(silence(30, {5: 0.2, 17: 0.1, 19: 0.15}), SETTINGS)

    assert cuts == [Cut(0, 20, "forced"), Cut(20, 30, "silence")]


def test_unbroken_speech_is_cut_in_the_overlap() -> None:
    assert utterances(silence(26, {}), SETTINGS) == [Cut(0, 19, "forced"), Cut(19, 26, "silence")]


class Noting(Punctuator):
    """A comma after every first character; notes what it was told."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Ending, str, list[float]]] = []

    def marks(
        self,
        characters: Sequence[str],
        ending: Ending,
        *,
        context: Sequence[str] = (),
        pauses: Sequence[float] | None = None,
    ) -> list[str]:
        self.told.append(("".join(characters), ending, "".join(context), list(pauses or ())))
        return ["，"] + [""] * (len(characters) - 1)

    def marks_between(self, shown: Sequence[tuple[str, float]], first: int, stop: int) -> list[str]:
        pauses = [round(pause, 3) for _, pause in shown]
        self.told.append(("".join(character for character, _ in shown[first:stop]), "open", "", pauses))
        return ["？" if shown[at][1] >= 0.5 else "" for at in range(first, stop)]


def test_each_utterance_is_punctuated_with_what_was_said_before_it() -> None:
    punctuator = Noting()
    cuts = [Cut(0, 2, "silence"), Cut(2, 4, "forced")]
    marks = live_marks(punctuator, list("你好大家"), np.array([0.5, 1, 0.25, 2], np.float32), cuts)

    assert punctuator.told == [("你好", "silence", "", [0.5, 0]), ("大家", "forced", "你好", [0.25, 0])]
    assert [MARKS[mark] for mark in marks] == ["，", "", "，", ""]


def test_minutes_marks_know_what_follows_and_how_long_the_silence_was() -> None:
    punctuator = Noting()
    cuts = [Cut(0, 2, "silence"), Cut(2, 4, "forced")]
    pauses = np.array([0.25, 1, 0.05, 2], np.float32)  # too short a pause is not seen, and none at the end
    marks = marks_in_hindsight(punctuator, list("你好大家"), pauses, cuts)

    # Of two characters the only gap is the usual one, and it is taken from the silence after the second.
    assert punctuator.told == [("你好大家", "open", "", [0.0, 0.75, 0.0, 0.0])]
    assert [MARKS[mark] for mark in marks] == ["", "？", "", ""]


def test_minutes_marks_are_scored_like_the_others() -> None:
    passages = [Passage("你好吗", ("ni3", "hao3", "ma5"), ("，", "", "？"))]

    assert {score.mark: score.said for score in minutes_scores(Noting(), passages)}["any"] == 2


def test_live_marks_are_scored_like_the_others() -> None:
    passages = [Passage("你好吗", ("ni3", "hao3", "ma5"), ("，", "", "？")), Passage("一二", ("yi1", "er4"), ("", ""))]
    scores = {score.mark: (score.said, score.recall) for score in live_scores(Noting(), passages)}

    # The first character gets a comma in any case; the last one is not judged.
    assert scores["，"] == (1, 1.0)
    assert scores["any"] == (2, 0.5)
