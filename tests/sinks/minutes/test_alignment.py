from __future__ import annotations

from dataclasses import replace

import pytest

from streamer.sinks.minutes.alignment import Span, character_times, doubtful_spans, tokens_by_character
from streamer.types import Token
from tests.sinks.minutes.material import line


def tokens(text: str, doubts: str = "") -> tuple[Token, ...]:
    return tuple(
        Token(one, "x1", place * 100, place * 100 + 100, None, 0.1 if one in doubts else 0.9)
        for place, one in enumerate(text)
    )


def test_punctuation_has_no_token():
    found = tokens_by_character("好，的。", tokens("好的"))
    assert [one.text if one else None for one in found] == ["好", None, "的", None]


def test_rewritten_digits_share_the_passage_they_came_from():
    found = tokens_by_character("有20人。", tokens("有二十人"))
    assert [one.text if one else None for one in found] == ["有", "二", "十", "人", None]


def test_more_written_than_spoken_characters_share_a_token():
    found = tokens_by_character("10000块", tokens("一万块"))
    assert [one.text for one in found if one] == ["一", "一", "一", "万", "万", "块"]


@pytest.mark.parametrize(
    ("text", "doubts", "spans"),
    [
        ("预算批了。", "批", (Span(2, 3),)),
        ("预算，批了。", "算批", (Span(1, 4),)),
        ("预算批了。", "预了", (Span(0, 1), Span(3, 4))),
        ("预算批了，好的。", "预了好", (Span(0, 1), Span(3, 6))),
        ("预算批了。", "", ()),
    ],
)
def test_doubtful_passages(text, doubts, spans):
    assert doubtful_spans(line(1, text, doubts=doubts), 0.5) == spans


def test_what_a_person_wrote_is_not_doubtful():
    assert doubtful_spans(replace(line(1, "预算", doubts="预"), edited=True), 0.5) == ()


def test_times_of_characters_come_from_their_tokens():
    spoken = replace(line(1, "好，的"), text="好，的", tokens=tokens("好的"), start_sample=0, end_sample=200)
    assert character_times(spoken) == [(0, 100), (100, 100), (100, 200)]


def test_times_of_characters_never_run_backwards():
    first, second = tokens("好的")
    spoken = replace(line(1, "好的"), tokens=(first, replace(second, start_sample=50)), start_sample=0, end_sample=200)
    assert character_times(spoken) == [(0, 100), (100, 200)]


@pytest.mark.parametrize(
    ("text", "times"),
    [("好，的啊", [(700, 800), (800, 900), (900, 1000), (1000, 1100)]), ("好", [(700, 1100)]), ("", [])],
)
def test_without_tokens_times_are_spread_evenly(text, times):
    bare = replace(line(1, text), tokens=(), start_sample=700, end_sample=1100)
    assert character_times(bare) == times
