"""Names with numerals: what of a text stays as it is."""

from __future__ import annotations

import pytest

from streamer.text.itn import normalise
from streamer.text.names import names_pattern, normalise_between


@pytest.mark.parametrize(
    ("spoken", "written"),
    [
        ("从十八里店到大望路一共二十五公里", "从十八里店到大望路一共25公里"),
        ("他住在十八里店十八里店", "他住在十八里店十八里店"),
        ("再走二十八里店就到了", "再走28里店就到了"),
        ("北京二十一世纪公司有二十一个人", "北京二十一世纪公司有21个人"),
        ("三百六十个人用三百六", "360个人用三百六"),
        ("K十二的二十所学校", "K十二的20所学校"),
    ],
)
def test_a_listed_name_keeps_its_numerals_and_numbers_beside_it_are_written(spoken: str, written: str) -> None:
    names = names_pattern(["十八里店", "北京二十一世纪", "三百六", "K十二", "大望路"])

    assert normalise_between(spoken, names) == written


def test_of_two_names_at_one_place_the_longer_one_stays() -> None:
    assert normalise_between("五四大街五十号", names_pattern(["五四", "五四大街五十号"])) == "五四大街五十号"


def test_without_names_that_hold_numerals_all_numbers_are_written() -> None:
    names = names_pattern(["张伟", "5G基站"])

    assert names is None
    assert normalise_between("张伟有二十五个", names) == normalise("张伟有二十五个") == "张伟有25个"
