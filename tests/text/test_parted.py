"""Numbers in two parts, each of which is written without the other."""

from __future__ import annotations

import pytest

from streamer.text.itn import normalise
from streamer.text.parted import normalise_parted


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("按第二", "十三条", ("按第二", "十三条")),
        ("一共一百二十", "五万块钱", ("一共一百二十", "五万块钱")),
        ("百分之三十", "五的人", ("百分之三十", "五的人")),
        ("有三", "十万人", ("有三", "十万人")),
        ("三点", "五公斤", ("三点", "五公斤")),
        ("十二个一百", "二十", ("12个一百", "二十")),
    ],
)
def test_both_parts_of_a_number_stay_as_they_were_said(left: str, right: str, expected: tuple[str, str]) -> None:
    before = normalise_parted(left, "", goes_on=True)

    assert (before, normalise_parted(right, before, goes_on=False)) == expected


def test_digits_in_a_row_are_written_in_parts() -> None:
    assert normalise_parted("电话是幺三八零零", "", goes_on=True) == "电话是13800"
    assert normalise_parted("一三八零零零", "电话是13800", goes_on=False) == "138000"


@pytest.mark.parametrize("before", ["", "一百块，", "我们有", "一共120"])
def test_what_follows_no_numeral_is_written(before: str) -> None:
    assert normalise_parted("二十个人", before, goes_on=False) == "20个人"


@pytest.mark.parametrize("text", ["一百二十，", "一百二十人", "二十"])
def test_what_does_not_end_in_a_numeral_or_at_a_cut_is_written(text: str) -> None:
    assert normalise_parted(text, "", goes_on=text != "二十") == normalise(text) != text
