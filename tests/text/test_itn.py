from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.text import itn
from streamer.text.itn import normalise
from streamer.text.listed import listed_words

CASES = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("itn_cases.tsv").read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]
SPOKEN = st.text(
    alphabet="零一二两三四五六七八九十百千万亿幺点半刻分秒年月日号块元米度第比到负百分之个人，。A好会", max_size=30
)


@pytest.mark.parametrize(("spoken", "expected"), CASES)
def test_numbers_are_written_as_people_write_them(spoken: str, expected: str) -> None:
    assert normalise(spoken) == expected


def test_punctuation_separates_numbers() -> None:
    assert normalise("上午九点半，三零五会议室。") == "上午9:30，305会议室。"


@given(SPOKEN)
def test_written_text_is_not_changed_again(spoken: str) -> None:
    written = normalise(spoken)

    assert normalise(normalise(written)) == normalise(written)


@given(SPOKEN)
def test_what_is_no_numeral_survives_in_order(spoken: str) -> None:
    kept = [character for character in spoken if character in "，。好会人"]

    assert [character for character in normalise(spoken) if character in "，。好会人"] == kept


@given(st.text(alphabet=st.characters(exclude_characters="零〇一二两三四五六七八九十百千万亿幺"), max_size=40))
def test_text_without_numerals_is_unchanged(text: str) -> None:
    assert normalise(text) == text


@given(
    st.lists(st.one_of(SPOKEN, st.sampled_from(["会议室号是", "验证码号是", "飞流直下", "今天上午", "半夜"]))).map(
        "".join
    )
)
def test_no_rule_begins_further_from_its_numeral_than_is_looked(spoken: str) -> None:
    written, position = "", 0
    while position < len(spoken):
        found, position = itn._at(spoken, position)
        written += found

    assert normalise(spoken).replace(" ", "") == written  # it stands between two numbers


def test_no_listed_word_begins_further_from_its_numeral_than_is_looked() -> None:
    starts = [itn._FIRST_NUMERAL.search(word).start() for word in listed_words()]  # type: ignore[union-attr]

    assert max(starts) <= itn._LEAD
