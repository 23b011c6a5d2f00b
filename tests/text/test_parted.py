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
@pytest.mark.parametrize("is_known", [True, False])
def test_both_parts_of_a_number_stay_as_they_were_said(
    left: str, right: str, expected: tuple[str, str], is_known: bool
) -> None:
    before = normalise_parted(left, "", right if is_known else None)

    assert (before, normalise_parted(right, before, "")) == expected


@pytest.mark.parametrize("after", [None, "一三八零零零"])
def test_digits_in_a_row_are_written_in_parts(after: str | None) -> None:
    assert normalise_parted("电话是幺三八零零", "", after) == "电话是13800"
    assert normalise_parted("一三八零零零", "电话是13800", "") == "138000"


@pytest.mark.parametrize(("after", "expected"), [(None, "改到上午十点"), ("半", "改到上午10点"), ("", "改到上午10点")])
def test_a_number_at_a_cut_is_written_where_it_is_known_not_to_go_on(after: str | None, expected: str) -> None:
    assert normalise_parted("改到上午十点", "", after) == expected


@pytest.mark.parametrize("before", ["", "一百块，", "我们有", "一共120"])
def test_what_follows_no_numeral_is_written(before: str) -> None:
    assert normalise_parted("二十个人", before, "") == "20个人"


def test_what_begins_with_no_numeral_goes_on_with_no_number() -> None:
    assert normalise_parted("人来了三十个", "一共一百二十", "") == "人来了30个"


def test_digits_beside_a_digit_are_written_and_beside_a_place_not() -> None:
    assert normalise_parted("三八零零", "他说第五", "") == "3800"
    assert normalise_parted("有三八零零", "", "万") == "有三八零零"


@pytest.mark.parametrize("text", ["一百二十，", "一百二十人"])
def test_what_does_not_end_in_a_numeral_is_written(text: str) -> None:
    assert normalise_parted(text, "", None) == normalise(text) != text
