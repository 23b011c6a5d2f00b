from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.metrics.flicker import lost_characters

TEXT = st.text("一二三", max_size=8)


def test_what_is_only_continued_loses_nothing() -> None:
    assert lost_characters("今天", "今天讨论") == 0


def test_a_replaced_character_is_lost() -> None:
    assert lost_characters("今天讨论支付", "今天讨伦支付接口") == 1


def test_a_text_taken_back_is_lost() -> None:
    assert lost_characters("今天", "") == 2


@pytest.mark.parametrize(
    ("before", "after", "lost"),
    [("", "", 0), ("abc", "abc", 0), ("abc", "", 3), ("abc", "xabc", 0), ("abc", "axc", 1), ("abcd", "bcd", 1)],
)
def test_lost_characters(before: str, after: str, lost: int) -> None:
    assert lost_characters(before, after) == lost


@given(TEXT, TEXT)
def test_the_same_as_counting_without_short_cuts(before: str, after: str) -> None:
    assert lost_characters(before, after) == _fewest(before, after)[1]


@cache
def _fewest(before: str, after: str) -> tuple[int, int]:
    """Edits, and characters lost."""
    if not before or not after:
        return len(before) + len(after), len(before)
    same, gone, new = _fewest(before[1:], after[1:]), _fewest(before[1:], after), _fewest(before, after[1:])
    changed = int(before[0] != after[0])
    return min((same[0] + changed, same[1] + changed), (gone[0] + 1, gone[1] + 1), (new[0] + 1, new[1]))
