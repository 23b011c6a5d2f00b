"""Hindsight: which characters the model sees, when, and what becomes of texts."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.errors import AudioError, RecognizerError
from streamer.settings.text import TextSettings
from streamer.text.hindsight import JUDGED, Hindsight, in_hindsight
from streamer.text.names import names_pattern
from streamer.text.punctuation import CONTEXT, Punctuator
from streamer.types import SAMPLE_RATE, EndReason, Segment, Token
from tests.fakes import AskedPunctuator

AT = datetime(2026, 11, 27, 9, 0, tzinfo=UTC)
SECOND = SAMPLE_RATE


class FailingPunctuator(Punctuator):
    def __init__(self) -> None:
        pass

    def marks_between(self, shown: Sequence[tuple[str, float]], first: int, stop: int) -> list[str]:
        raise RecognizerError("the card is gone")


def final(text: str, start_s: float = 0.0, *, at_s: float | None = None, written: str | None = None) -> Segment:
    """Characters of a quarter of a second, in a row; ``at_s``: by the wall clock."""
    start = round(start_s * SECOND)
    tokens = tuple(
        Token(character, "hao3", start + at * SECOND // 4, start + (at + 1) * SECOND // 4)
        for at, character in enumerate(text)
    )
    at = AT + timedelta(seconds=start_s if at_s is None else at_s)
    end = start + len(text) * SECOND // 4
    return Segment(1, 3, start, end, at, text if written is None else written, text, len(text), tokens, is_final=True)


def distinct_finals() -> list[Segment]:
    """Twice as many characters as are judged at once, all different, ten in each."""
    characters = [chr(0x4E00 + at) for at in range(2 * (JUDGED + CONTEXT))]
    return [final("".join(characters[at : at + 10]), at / 4) for at in range(0, len(characters), 10)]


def told(text: str, pauses: dict[int, float] | None = None) -> list[tuple[str, float]]:
    return [(character, (pauses or {}).get(at, 0.0)) for at, character in enumerate(text)]


def texts(finals: Sequence[Segment], settings: TextSettings | None = None) -> list[str]:
    judged = list(in_hindsight(finals, Hindsight(AskedPunctuator(), settings or TextSettings())))
    assert [one for one, _ in judged] == list(finals)
    return [segment.text for _, segment in judged]


def test_the_next_line_decides_how_the_one_before_ends() -> None:
    assert texts([final("我想去", written="我想去。"), final("但没空", 1)]) == ["我想去，", "但没空。"]


def test_only_another_text_makes_another_revision() -> None:
    same, other = final("好的", written="好的，"), final("但行", 0.5, written="但行？")

    pairs = list(in_hindsight([same, other], Hindsight(AskedPunctuator(), TextSettings())))

    assert pairs == [(same, same), (other, replace(other, text="但行。", revision=4))]
    assert pairs[0][1] is same


def test_a_number_that_a_forced_cut_parts_stays_as_it_was_said() -> None:
    cut = replace(final("一共一百二十"), end_reason=EndReason.FORCED)

    assert texts([cut, final("五万块", 1.5)]) == ["一共一百二十", "五万块。"]
    assert texts([cut, final("块", 1.5)]) == ["一共120", "块。"]
    assert texts([replace(cut, end_reason=EndReason.SILENCE), final("五万块", 3)]) == ["一共120。", "5万块。"]


def test_what_breaks_off_the_finals_is_raised_after_those_before_it() -> None:
    def broken() -> Iterator[Segment]:
        yield final("好的")
        raise AudioError("the file ends")

    taken: list[str] = []
    with pytest.raises(AudioError, match="the file ends"):
        taken += (now.text for _, now in in_hindsight(broken(), Hindsight(AskedPunctuator(), TextSettings())))
    assert taken == ["好的。"]


def test_silence_between_lines_is_as_long_as_it_was_by_the_clock() -> None:
    punctuator = AskedPunctuator()
    hindsight = Hindsight(punctuator, TextSettings())
    for one in (final("好的"), final("走", 1.25), final("吧", 2.0, at_s=62.0)):  # a minute's pause before the last
        hindsight.push(one)
    hindsight.finish()

    assert punctuator.asked == [(told("好的走吧", {1: 0.75, 2: 60.5}), 0, 4)]


def test_a_silence_that_is_usual_between_characters_is_none() -> None:
    assert texts([final("好的"), final("走", 0.6)]) == ["好的", "走。"]


def test_a_silence_between_lines_is_what_is_longer_than_usual_between_characters() -> None:
    tokens = tuple(
        Token(one, "hao3", at * SECOND // 4, at * SECOND // 4 + SECOND // 8) for at, one in enumerate("好的吧")
    )
    punctuator = AskedPunctuator()
    hindsight = Hindsight(punctuator, TextSettings())
    for one in (replace(final("好的吧"), tokens=tokens), final("走", 1.0), final("但", 1.3125)):
        hindsight.push(one)
    hindsight.finish()

    # 0.375 s without 0.125; and 0.0625, which is none.
    assert punctuator.asked == [(told("好的吧走但", {2: 0.25}), 0, 5)]


def test_a_number_that_no_cut_parts_is_written_without_a_mark_too() -> None:
    assert texts([final("一共一百二十"), final("五万块", 1.5)]) == ["一共120", "5万块。"]


def test_a_line_without_words_between_the_parts_of_a_number_is_none_of_them() -> None:
    cut = replace(final("一共一百二十"), end_reason=EndReason.FORCED)

    assert texts([cut, final("", 1.5, written=""), final("五万块", 1.5)]) == ["一共一百二十", "", "五万块。"]


def test_numbers_are_written_in_digits_as_in_captions() -> None:
    assert texts([final("一共二十五个")]) == ["一共25个。"]
    assert texts([final("一共二十五个")], TextSettings(numbers=False)) == ["一共二十五个。"]


def test_a_final_without_words_keeps_its_place_and_text() -> None:
    assert texts([final("好"), final("", 0.25, written=""), final("但", 0.25)]) == ["好，", "", "但。"]


def test_lines_are_judged_when_enough_follows_and_seen_between_their_neighbours() -> None:
    punctuator = AskedPunctuator()
    hindsight = Hindsight(punctuator, TextSettings())
    finals, size = distinct_finals(), 10
    spoken = "".join(one.text for one in finals)
    dues = [hindsight.push(one) for one in finals[: (JUDGED + CONTEXT) // size]]
    first = hindsight.judge()
    for one in finals[len(dues) :]:
        hindsight.push(one)
    hindsight.judge()

    assert dues == [False] * (len(dues) - 1) + [True]
    assert [one for one, _ in first] == finals[: JUDGED // size]
    (shown, start, stop), (again, start_again, stop_again) = punctuator.asked
    assert ("".join(one for one, _ in shown), start, stop) == (spoken[: JUDGED + CONTEXT], 0, JUDGED)
    assert ("".join(one for one, _ in again), start_again) == (spoken[JUDGED - CONTEXT :], CONTEXT)
    assert stop_again == len(again) - CONTEXT


def test_finals_are_given_as_soon_as_enough_follows_and_no_more_are_read_ahead() -> None:
    finals, read = distinct_finals(), []

    def reading() -> Iterator[Segment]:
        for one in finals:
            read.append(one.text)
            yield one

    first, _ = next(in_hindsight(reading(), Hindsight(AskedPunctuator(), TextSettings())))

    assert first is finals[0]
    assert len("".join(read)) == JUDGED + CONTEXT


def test_a_model_that_fails_leaves_texts_as_they_were(caplog: pytest.LogCaptureFixture) -> None:
    hindsight = Hindsight(FailingPunctuator(), TextSettings())
    one = final("好的", written="好的？")
    hindsight.push(one)
    with caplog.at_level(logging.WARNING):
        assert hindsight.finish() == [(one, one)]
    assert "lines whose marks stay as they were: 1 (the card is gone)" in caplog.text


@given(st.lists(st.integers(0, 60), max_size=30))
def test_every_final_comes_out_once_and_keeps_its_characters(lengths: list[int]) -> None:
    finals = [final("但" * length, 10.0 * number) for number, length in enumerate(lengths)]

    found = texts(finals)

    assert [text.replace("，", "").replace("。", "") for text in found] == [one.text for one in finals]


def test_names_that_are_listed_where_a_final_begins_keep_their_numerals() -> None:
    names = names_pattern(["十八里店"])
    hindsight = Hindsight(AskedPunctuator(), TextSettings(), lambda start: names if start == 2 * SECOND else None)
    pairs = list(in_hindsight([final("十八里店", 0.0), final("十八里店", 2.0)], hindsight))

    assert ["".join(filter(str.isalnum, now.text)) for _, now in pairs] == ["18里店", "十八里店"]


def test_a_number_behind_lines_that_keep_their_marks_is_written_by_what_they_say() -> None:
    class FailingOnce(AskedPunctuator):
        def marks_between(self, shown: Sequence[tuple[str, float]], first: int, stop: int) -> list[str]:
            if shown[first][0] == "五":
                raise RecognizerError("the card is gone")
            return super().marks_between(shown, first, stop)

    hindsight = Hindsight(FailingOnce(), TextSettings())
    hindsight.push(replace(final("一百二十"), end_reason=EndReason.FORCED))
    hindsight.push(final("五万" + "好" * CONTEXT, 1))
    written = [after.text for _, after in [*hindsight.judge(), *hindsight.finish()]]
    hindsight.push(final("三万块", 20))
    written += [after.text for _, after in hindsight.finish()]

    assert written == ["一百二十", "五万" + "好" * CONTEXT, "3万块。"]
