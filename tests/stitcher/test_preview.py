from __future__ import annotations

from dataclasses import replace

import pytest

from streamer.settings.captions import CaptionSettings
from streamer.stitcher.preview import Preview, advance, agreed, reveal
from streamer.types import SAMPLE_RATE, Token

STEP = SAMPLE_RATE // 4
"""Samples of a syllable in these tests."""
PATIENT = CaptionSettings(show_confidence=1.0, show_tail_ms=0, stable_tail_ms=0)
"""Shows what two hypotheses agree on only."""


def spoken(text: str, confidence: float | None = None) -> tuple[Token, ...]:
    return tuple(
        Token(char, char, at * STEP, (at + 1) * STEP, -0.1, confidence=confidence) for at, char in enumerate(text)
    )


def shown(*texts: str, settings: CaptionSettings = PATIENT) -> list[str]:
    """What is shown after each hypothesis; the first is shown as it is."""
    preview, seen = Preview(), []
    for text in texts:
        preview = advance(preview, spoken(text), 20 * STEP, settings)
        seen.append("".join(token.text for token in preview.shown))
    return seen


def test_the_first_text_is_shown_at_once() -> None:
    assert shown("今天") == ["今天"]


def test_later_text_waits_for_a_second_hypothesis() -> None:
    assert shown("今", "今天", "今天开") == ["今", "今", "今天"]


@pytest.mark.parametrize("slip", ["金天", "今田", "今"])
def test_a_slip_of_one_hypothesis_is_not_shown(slip: str) -> None:
    assert shown("今天", slip, "今天") == ["今天", "今天", "今天"]


def test_text_is_replaced_by_what_two_hypotheses_agree_on() -> None:
    assert shown("金天", "今天", "今天") == ["金天", "金天", "今天"]


def test_what_replaces_the_text_is_shown_as_far_as_two_hypotheses_agree() -> None:
    assert shown("金", "今天开", "今天") == ["金", "金", "今天"]


@pytest.mark.parametrize(
    ("second", "third", "expected"), [("今天开会", "今天开了", "今天开"), ("今天会", "今天了", "今天了")]
)
def test_nothing_disappears_while_its_beginning_is_replaced(second: str, third: str, expected: str) -> None:
    assert shown("金天开", second, third)[-1] == expected


def test_text_that_one_hypothesis_is_sure_of_is_shown_at_once() -> None:
    settings = CaptionSettings(show_confidence=0.7, show_tail_ms=0)
    preview = advance(Preview(), spoken("今"), 20 * STEP, settings)
    doubtful = advance(preview, (*spoken("今"), replace(spoken("今天")[1], confidence=0.69)), 20 * STEP, settings)
    sure = advance(preview, (*spoken("今"), replace(spoken("今天")[1], confidence=0.7)), 20 * STEP, settings)

    assert (len(doubtful.shown), len(sure.shown)) == (1, 2)


@pytest.mark.parametrize(("tail_ms", "count"), [(250, 4), (251, 3)])
def test_the_first_text_leaves_out_what_may_be_half_spoken(tail_ms: int, count: int) -> None:
    preview = advance(Preview(), spoken("今天开会"), 5 * STEP, CaptionSettings(show_tail_ms=tail_ms))

    assert len(preview.shown) == count


def test_text_is_stable_when_enough_sound_has_followed() -> None:
    settings = CaptionSettings(stable_tail_ms=500)
    first = advance(Preview(), spoken("今天开会"), 4 * STEP, settings)
    second = advance(first, spoken("今天开会"), 5 * STEP, settings)

    assert (first.stable, second.stable) == (0, 3)


def test_stable_text_stays_whatever_later_hypotheses_say() -> None:
    preview = Preview(spoken("今天"), stable=2, heard=spoken("今天"))
    for _ in range(3):
        preview = advance(preview, spoken("金田开"), 20 * STEP, PATIENT)

    assert "".join(token.text for token in preview.shown) == "今天开"


def test_stable_text_stays_stable_where_a_later_hypothesis_has_it_end_later() -> None:
    settings = CaptionSettings(stable_tail_ms=500)
    preview = Preview(spoken("今天"), stable=2, heard=spoken("今天"))
    late = tuple(replace(token, end_sample=token.end_sample + 2 * STEP) for token in spoken("今天"))

    assert advance(preview, late, 4 * STEP, settings).stable == 2


def test_text_held_over_from_before_is_no_hypothesis_of_its_own() -> None:
    preview = advance(Preview(shown=spoken("今天")), spoken("今天"), 20 * STEP, PATIENT)

    assert preview.stable == 0


def test_what_will_probably_be_final_is_shown_whole() -> None:
    preview = reveal(advance(Preview(), spoken("今天"), 20 * STEP, PATIENT), spoken("今天开会"), 20 * STEP, PATIENT)

    assert ("".join(token.text for token in preview.shown), preview.stable) == ("今天开会", 2)


def test_readings_agree_up_to_the_first_difference() -> None:
    assert [agreed(spoken("今天"), spoken(text)) for text in ("", "今", "今田", "金天", "今天好")] == [0, 1, 1, 0, 2]
