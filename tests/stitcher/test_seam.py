from __future__ import annotations

from dataclasses import replace

import pytest

from streamer.stitcher.alignment import Span
from streamer.stitcher.seam import join, resume_after
from streamer.types import Token
from tests.stitcher.readings import SHARED, read


def joined(left: list[Token], right: list[Token], *, fixed: int = 0) -> str:
    return "".join(token.text for token in join(left, right, SHARED, fixed=fixed))


def test_one_syllable_that_both_readings_heard_counts_more_than_strangers_in_a_row() -> None:
    # From a bare pack, without scores. Shared are 1000 to 2200 ms: each reading missed two syllables at its edge.
    heard = {
        "left": (("甲", 300, 460), ("乙", 460, 895), ("丙", 895, 1143), ("丁", 1143, 1385), ("戊", 1385, 1681)),
        "right": (("戊", 1375, 1671), ("己", 1671, 1991), ("庚", 1991, 2151), ("辛", 2151, 2311)),
    }
    left, right = ([Token(text, text, 16 * a, 16 * b, None) for text, a, b in row] for row in heard.values())

    joined = join(left, right, Span(16_000, 35_200))

    assert "".join(token.text for token in joined) == "甲乙丙丁戊己庚辛"


def test_misread_syllables_at_an_edge_are_none_beside_the_right_ones_though_their_times_are_late() -> None:
    # From a bare pack, as above; the right reading took the first two for others, a tenth of a second later.
    heard = {
        "left": (("甲", 1778, 1938), ("乙", 1928, 2088), ("丙", 2098, 2258), ("丁", 2258, 2418)),
        "right": (("吗", 1879, 2039), ("吗", 2037, 2197), ("丙", 2197, 2357), ("丁", 2357, 2517)),
    }
    left, right = ([Token(text, text, 16 * a, 16 * b, None) for text, a, b in row] for row in heard.values())

    joined = join(left, right, Span(16 * 1726, 16 * 2926))

    assert "".join(token.text for token in joined) == "甲乙丙丁"


def test_a_word_that_two_readings_write_differently_is_taken_whole_from_one() -> None:
    left = read("项 xiang4 1060", "目 mu4 1300", "简 jian4 1660", "历 li4 1900")
    right = read("项 xiang4 1060", "目 mu4 1300", "建 jian4 1660", "立 li4 1900", "了 le5 2140")

    assert "".join(token.text for token in join(left, right, SHARED)) == "项目建立了"


def test_a_stretch_across_the_middle_in_which_readings_differ_is_not_divided() -> None:
    left = read("项 xiang4 1060", "目 mu4 1200", "简 jian4 1450", "历 li4 1650", "好 hao3 1850")
    right = read("项 xiang4 1060", "目 mu4 1200", "建 jian4 1450", "立 li4 1650", "好 hao3 1850")

    assert joined(left, right) == "项目简历好"


def test_what_follows_the_only_syllable_on_which_two_readings_agree_comes_from_one_of_them() -> None:
    left = read("八 ba1 1300", "甲 jia3 1450", "乙 yi3 1750")
    right = read("八 ba1 1300", "丙 bing3 1450", "丁 ding1 1750")

    assert joined(left, right) == "八丙丁"


def test_one_syllable_that_both_heard_is_there_once() -> None:
    assert joined(read("八 ba1 1560"), read("八 ba1 1560")) == "八"


@pytest.mark.parametrize("counts", ["left", "right"])
def test_a_syllable_too_fast_to_be_spoken_that_only_one_reading_has_is_left_out(counts: str) -> None:
    at = {"left": ("1380", "1460", "1700"), "right": ("1500", "1740", "1820")}[counts]
    sure = read(f"九 jiu3 {at[0]}", f"八 ba1 {at[2]}")
    hurried = read(f"九 jiu3 {at[0]}", f"五 wu3 {at[1]}", f"八 ba1 {at[2]}")

    for left, right in ((hurried, sure), (sure, hurried)):
        assert [token.text for token in join(left, right, SHARED)] == ["九", "八"]


def test_a_neutral_syllable_that_only_one_reading_has_may_be_short() -> None:
    short = read("我 wo3 1460", "的 de5 1540", "书 shu1 1700")
    without = read("我 wo3 1460", "书 shu1 1700")

    for left, right in ((short, without), (without, short)):
        assert [token.text for token in join(left, right, SHARED)] == ["我", "的", "书"]


def test_two_fast_syllables_in_a_row_that_only_one_reading_has_are_kept() -> None:
    fast = read("月 yue4 1340", "二 er4 1420", "十 shi2 1580", "八 ba1 1660")
    without = read("月 yue4 1340", "八 ba1 1660")

    for left, right in ((fast, without), (without, fast)):
        assert [token.text for token in join(left, right, SHARED)] == ["月", "二", "十", "八"]


def test_tokens_without_times_of_their_own_are_never_too_fast() -> None:
    left, right = (
        [replace(token, score=None) for token in row]
        for row in (read("九 jiu3 1380", "五 wu3 1460", "八 ba1 1700"), read("九 jiu3 1380", "八 ba1 1700"))
    )

    assert [token.text for token in join(left, right, SHARED)] == ["九", "五", "八"]


def test_where_two_readings_agree_on_nothing_the_left_one_counts_up_to_the_middle() -> None:
    left = read("甲 jia3 1300", "乙 yi3 1500", "丙 bing3 1900")
    right = read("月 yue4 1320", "二 er4 1520", "五 wu3 1920")

    assert joined(left, right) == "甲乙五"


def test_where_the_left_reading_heard_nothing_of_the_shared_sound_all_of_the_right_one_counts() -> None:
    assert joined(read("九 jiu3 700"), read("八 ba1 1050", "五 wu3 1300")) == "九八五"


@pytest.mark.parametrize(("at", "expected"), [(1919, "八五"), (1920, "八")])
def test_a_syllable_that_only_the_left_reading_has_is_left_out_at_its_end(at: int, expected: str) -> None:
    assert joined(read("八 ba1 1560", f"五 wu3 {at}"), read("八 ba1 1560")) == expected


@pytest.mark.parametrize(("at", "expected"), [(1201, "五八"), (1200, "八")])
def test_a_syllable_that_only_the_right_reading_has_is_left_out_at_its_beginning(at: int, expected: str) -> None:
    assert joined(read("八 ba1 1560"), read(f"五 wu3 {at}", "八 ba1 1560")) == expected


def test_a_fixed_syllable_is_taken_however_fast_the_next_one_follows() -> None:
    assert joined(read("九 jiu3 900"), read("五 wu3 1030"), fixed=1) == "九五"


def test_what_only_the_right_reading_has_is_never_put_among_fixed_syllables() -> None:
    """Whoever gives them counts them off."""
    left, right = read("九 jiu3 900", "八 ba1 1560"), read("五 wu3 1300", "八 ba1 1560")

    assert [joined(left, right, fixed=fixed) for fixed in (0, 2)] == ["九五八", "九八"]


def test_fixed_syllables_are_taken_however_fast_they_follow_each_other() -> None:
    left = read("九 jiu3 1380", "五 wu3 1460", "八 ba1 1800")
    right = read("九 jiu3 1380", "八 ba1 1800")

    assert [joined(left, right, fixed=fixed) for fixed in (1, 2)] == ["九八", "九五八"]


def test_no_syllable_is_fixed_unless_that_is_said() -> None:
    left, right = read("五 wu3 1380", "九 jiu3 1460"), read("九 jiu3 1460")

    assert "".join(token.text for token in join(left, right, SHARED)) == "九"
    assert joined(left, right, fixed=1) == "五九"


def test_a_syllable_too_fast_to_be_spoken_is_left_out_near_the_edge_of_the_reading_that_has_it_too() -> None:
    assert joined(read("九 jiu3 1340"), read("五 wu3 1230", "九 jiu3 1340")) == "九"


@pytest.mark.parametrize(
    ("at", "next_at", "expected"),
    [
        (1300, 1400, "五九"),  # the right reading may have missed it, for it begins there
        (1301, 1401, "九"),
        (1819, 1919, "九"),
        (1820, 1920, "五九"),
        (1500, 1649, "九"),
        (1500, 1650, "五九"),  # not too fast
    ],
)
def test_a_fast_syllable_of_one_reading_is_left_out_where_the_other_should_have_heard_it(
    at: int, next_at: int, expected: str
) -> None:
    assert joined(read(f"五 wu3 {at}", f"九 jiu3 {next_at}"), read(f"九 jiu3 {next_at}")) == expected


def test_a_neutral_syllable_that_only_one_reading_has_is_left_out_where_it_is_an_echo() -> None:
    echoed = read("地 di4 1460", "的 di5 1540", "书 shu1 1640")
    without = read("地 di4 1460", "书 shu1 1640")

    assert [joined(*rows) for rows in ((echoed, without), (without, echoed))] == ["地书", "地书"]


def test_where_the_left_reading_heard_nothing_at_all_the_right_one_counts_from_its_first_syllable_on() -> None:
    assert joined([], read("八 ba1 1050")) == "八"


def test_after_nothing_that_is_shown_all_of_a_newer_reading_comes() -> None:
    heard = read("八 ba1 1560", "五 wu3 1900")

    assert resume_after((), heard) == tuple(heard)


@pytest.mark.parametrize(
    ("heard", "after"),
    [
        ((), ""),
        (("八 ba1 1560", "五 wu3 1900"), ""),
        (("八 ba1 1560", "五 wu3 1900", "九 jiu3 2150", "月 yue4 2400"), "九月"),
        (("把 ba3 1560", "无 wu2 1900", "九 jiu3 2150"), "九"),
        (("八 ba1 1560", "十 shi2 1740", "五 wu3 1900", "九 jiu3 2150"), "九"),
        (("八 ba1 1560", "九 jiu3 2350"), "九"),
    ],
)
def test_of_a_newer_reading_what_follows_the_last_shown_syllable_comes_after_it(
    heard: tuple[str, ...], after: str
) -> None:
    shown = read("八 ba1 1560", "五 wu3 1900")

    assert "".join(token.text for token in resume_after(shown, read(*heard))) == after
