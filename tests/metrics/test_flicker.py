from hypothesis import given
from hypothesis import strategies as st

from benchmarks.caption_timing import _lost
from streamer.metrics.flicker import lost_characters

TEXT = st.text("一二三", max_size=8)


def test_what_is_only_continued_loses_nothing() -> None:
    assert lost_characters("今天", "今天讨论") == 0


def test_a_replaced_character_is_lost() -> None:
    assert lost_characters("今天讨论支付", "今天讨伦支付接口") == 1


def test_a_text_taken_back_is_lost() -> None:
    assert lost_characters("今天", "") == 2


@given(TEXT, TEXT)
def test_the_same_as_counting_without_short_cuts(before: str, after: str) -> None:
    assert lost_characters(before, after) == _lost(before, after)
