"""Finals with what the recogniser doubts in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from streamer.sinks.doubts import Doubts
from streamer.sinks.layout import Span, Style
from streamer.sinks.messages import CHINESE
from streamer.sinks.passages import Passage
from streamer.types import Segment, Token
from tests.sinks.events import EPOCH, segment

AT = EPOCH + timedelta(seconds=1)
LEGEND = Passage(AT, "（下划线：机器没有把握的文字）", Style.DIM, is_timed=False)


def said(text: str, *confidences: float | None) -> Segment:
    """Each character that is no mark was heard with one of the confidences."""
    heard = [char for char in text if char.isalnum()]
    tokens = [Token(char, "ma1", 0, 1, confidence=one) for char, one in zip(heard, confidences, strict=True)]
    return replace(segment(1, 1, text), tokens=tuple(tokens))


def test_doubtful_characters_are_underlined() -> None:
    final = said("今天，开会。", 0.9, 0.4, 0.4, 0.9)

    assert Doubts(CHINESE, 0.5).passages(final)[-1] == Passage(
        AT, "今天，开会。", spans=(Span("今"), Span("天，开", Style.DOUBT), Span("会。"))
    )


def test_above_the_first_doubt_stands_what_it_means() -> None:
    doubts = Doubts(CHINESE, 0.5)

    assert doubts.passages(said("好", 0.9)) == [Passage(AT, "好", spans=(Span("好"),))]
    assert doubts.passages(said("好", 0.4)) == [LEGEND, Passage(AT, "好", spans=(Span("好", Style.DOUBT),))]
    assert doubts.passages(said("好", 0.4)) == [Passage(AT, "好", spans=(Span("好", Style.DOUBT),))]


@pytest.mark.parametrize(("confidence", "below"), [(0.5, 0.5), (0.0, 0.0), (None, 1.0)])
def test_what_is_as_likely_as_asked_or_unknown_is_not_doubted(confidence: float | None, below: float) -> None:
    assert Doubts(CHINESE, below).passages(said("好", confidence)) == [Passage(AT, "好", spans=(Span("好"),))]


def test_a_final_without_text_is_nothing_to_read() -> None:
    assert Doubts(CHINESE, 0.5).passages(said("")) == []


def test_nothing_that_a_terminal_obeys_is_left() -> None:
    (final,) = Doubts(CHINESE, 0.5).passages(said("今\x1b天", 0.9, 0.9))

    assert (final.text, final.spans) == ("今天", (Span("今天"),))


def test_a_doubtful_passage_is_made_safe_by_itself() -> None:
    (_, final) = Doubts(CHINESE, 0.5).passages(said("今\x1b天好", 0.4, 0.4, 0.9))

    assert final.spans == (Span("今天", Style.DOUBT), Span("好"))
