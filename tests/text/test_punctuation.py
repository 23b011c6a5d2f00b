"""Marks: what the end of an utterance, a forced cut and a growing utterance do to them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from streamer.errors import PackError
from streamer.interfaces import TensorSpec
from streamer.text.punctuation import HORIZON, MARKS, Punctuator, choose_marks, punctuate


class ScriptedRunner:
    """Gives a comma after every character with the id 5, a full stop after 6, a 、 after 8, nothing elsewhere."""

    inputs = (
        TensorSpec("characters", np.dtype(np.int32), (1, None)),
        TensorSpec("pauses", np.dtype(np.float32), (1, None)),
    )
    outputs = (TensorSpec("log_probs", np.dtype(np.float32), (1, None, 6)),)

    def __init__(self) -> None:
        self.fed: list[list[int]] = []
        self.pauses: list[list[float]] = []

    def run(self, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
        ids = feeds["characters"][0]
        assert feeds["pauses"].shape == feeds["characters"].shape
        self.fed.append(ids.tolist())
        self.pauses.append(feeds["pauses"][0].tolist())
        return {"log_probs": scores_of([{5: "，", 6: "。", 8: "、"}.get(int(index), "") for index in ids])[None]}

    def close(self) -> None:
        """Nothing to release."""


def scores_of(marks: list[str], runner_up: str = "？") -> npt.NDArray[np.float32]:
    scores = np.full((len(marks), len(MARKS)), -9.0, np.float32)
    scores[:, MARKS.index(runner_up)] = -2.0
    for row, mark in enumerate(marks):
        scores[row, MARKS.index(mark)] = -0.5
    return scores


@pytest.mark.parametrize("last", ["", "，", "。", "？", "！"])
def test_silence_ends_with_whatever_is_likeliest_there(last: str) -> None:
    assert choose_marks(scores_of(["", "，", last]), "silence") == ["", "，", last]


def test_no_list_goes_on_after_silence() -> None:
    assert choose_marks(scores_of(["", "、"]), "silence") == ["", "？"]


def test_the_model_is_told_of_the_silence_that_ends_an_utterance() -> None:
    runner = ScriptedRunner()
    punctuator = Punctuator(runner, {})
    for ending in ("silence", "forced"):
        punctuator.marks("我们", ending, context="好", pauses=[0.25, 0.0])
    punctuator.marks("他们", "silence")

    assert runner.pauses == [[0.0, 0.25, 0.5], [0.0, 0.25, 0.0], [0.0, 0.5]]


def test_no_mark_follows_a_forced_cut() -> None:
    assert choose_marks(scores_of(["", "，", "。"]), "forced") == ["", "，", ""]


def test_a_growing_utterance_shows_only_settled_marks() -> None:
    scores = scores_of(["，"] * 7)

    assert choose_marks(scores, "open") == ["，"] * (7 - HORIZON) + [""] * HORIZON
    assert choose_marks(scores[:2], "open") == ["", ""]


def test_the_context_is_shown_but_gets_no_marks() -> None:
    runner = ScriptedRunner()
    marks = Punctuator(runner, {"甲": 5, "乙": 6, "丙": 7}).marks("丙甲丙", "forced", context="乙")

    assert runner.fed == [[6, 7, 5, 7]]
    assert marks == ["", "，", ""]


@pytest.mark.parametrize(("said", "before", "shown"), [(3, 30, 33), (3, 41, 43), (250, 30, 216 + 6)])
def test_as_much_context_is_shown_as_there_is_room_for(said: int, before: int, shown: int) -> None:
    runner = ScriptedRunner()
    Punctuator(runner, {}).marks("好" * said, "forced", context="甲" * before)

    assert len(runner.fed[0]) == shown


def test_characters_outside_the_table_are_unknown() -> None:
    runner = ScriptedRunner()
    Punctuator(runner, {}).marks("谁", "silence")

    assert runner.fed == [[0]]


def test_long_text_is_judged_in_parts_with_context() -> None:
    runner = ScriptedRunner()
    marks = Punctuator(runner, {"甲": 5, "丙": 7}).marks("丙" * 299 + "甲" * 2, "forced", pauses=[0.1] * 301)

    assert [len(ids) for ids in runner.fed] == [216, 40 + 85]
    assert marks == [""] * 299 + ["，", ""]


def test_no_mark_of_a_short_growing_utterance_is_settled_so_the_model_is_not_asked() -> None:
    runner = ScriptedRunner()
    punctuator = Punctuator(runner, {"甲": 5})

    assert punctuator.marks("甲" * HORIZON, "open") == [""] * HORIZON
    assert runner.fed == []
    assert punctuator.marks("甲" * (HORIZON + 1), "open") == ["，"] + [""] * HORIZON


def test_what_was_judged_last_is_not_judged_again() -> None:
    runner = ScriptedRunner()
    punctuator = Punctuator(runner, {"甲": 5, "丙": 7})
    shown = punctuator.marks("丙丙甲丙丙丙丙", "open", context="丙", pauses=[0.0] * 6 + [0.3])
    final = punctuator.marks("丙丙甲丙丙丙丙", "forced", context="丙", pauses=[0.0] * 6 + [0.3])

    assert len(runner.fed) == 1
    assert shown == final == ["", "", "，", "", "", "", ""]
    assert punctuator.marks("丙丙甲丙丙丙丙", "forced", context="丙", pauses=[0.3] * 7) == final
    assert punctuator.marks("丙丙甲丙丙丙丙", "forced", context="甲", pauses=[0.3] * 7) == final
    assert len(runner.fed) == 3


def test_nothing_said_gets_no_marks() -> None:
    assert Punctuator(ScriptedRunner(), {}).marks("", "silence") == []


def test_a_model_with_other_inputs_is_refused() -> None:
    runner = ScriptedRunner()
    runner.inputs = runner.inputs[:1]  # type: ignore[assignment]

    with pytest.raises(PackError, match="expected characters, pauses and log_probs"):
        Punctuator(runner, {})


def test_marks_are_put_after_their_characters() -> None:
    assert punctuate("你好吗", ["", "，", "？"]) == "你好，吗？"


def test_characters_between_others_get_what_the_model_says_also_at_their_end() -> None:
    runner = ScriptedRunner()
    ids = {"甲": 5, "乙": 6}

    marks = Punctuator(runner, ids).marks_between([("好", 0.0), ("甲", 0.25), ("乙", 1.5), ("好", 0.0)], 1, 3)

    assert marks == ["，", "。"]
    assert (runner.fed, runner.pauses) == ([[0, 5, 6, 0]], [[0.0, 0.25, 1.5, 0.0]])


def test_the_last_character_ends_as_an_utterance_does() -> None:
    runner = ScriptedRunner()

    assert Punctuator(runner, {"甲": 5}).marks_between([("好", 0.0), ("甲", 0.0)], 0, 2) == ["", "，"]
    assert runner.pauses == [[0.0, 0.5]]
    # No list goes on after it.
    assert Punctuator(runner, {"丁": 8}).marks_between([("丁", 0.0), ("丁", 0.0)], 0, 2) == ["、", "？"]


def test_only_the_last_character_of_all_ends_as_an_utterance_does() -> None:
    runner = ScriptedRunner()

    # Something is known to follow the last that is asked for.
    assert Punctuator(runner, {"丁": 8}).marks_between([("丁", 0.0)] * 3, 0, 2) == ["、", "、"]
    # A window of 176 ends before it.
    marks = Punctuator(runner, {"丁": 8}).marks_between([("丁", 0.25)] * 200, 0, 200)
    assert marks == ["、"] * 199 + ["？"]
    assert runner.pauses[-1] == [0.25] * 63 + [0.5]


def test_many_characters_are_judged_in_windows_with_context_on_both_sides() -> None:
    runner = ScriptedRunner()
    shown = [("甲" if at % 200 == 175 else "好", 0.0) for at in range(400)]

    marks = Punctuator(runner, {"甲": 5}).marks_between(shown, 0, 390)

    assert [at for at, mark in enumerate(marks) if mark] == [175, 375]
    assert [len(fed) for fed in runner.fed] == [216, 256, 88]


def test_nothing_is_asked_where_no_character_is() -> None:
    runner = ScriptedRunner()

    assert Punctuator(runner, {}).marks_between([("好", 0.0)], 1, 1) == []
    assert runner.fed == []
