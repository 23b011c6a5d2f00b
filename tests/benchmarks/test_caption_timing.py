from dataclasses import replace

import pytest

from benchmarks.caption_timing import Flicker, Spread, flicker, settling, spread, timing
from benchmarks.played import Passage
from streamer.types import SAMPLE_RATE, SegmentUpdated, Token
from tests.sinks.events import finalized, segment, status, updated


def shown(number: int, start: float, text: str, end: float, stable: int = 0) -> SegmentUpdated:
    return SegmentUpdated(
        replace(segment(number, start, text, stable=stable), end_sample=round(end * SAMPLE_RATE)), number, 0.0
    )


def passage(name: str, start: float, end: float) -> Passage:
    at = [round(second * SAMPLE_RATE) for second in (start, end, start + 0.5, end - 0.5)]
    return Passage(name, *at)


def seconds(sample: int) -> float:
    return 100 + sample / SAMPLE_RATE


def test_delays_are_measured_from_what_sounded() -> None:
    events = [
        (101.9, status(1)),
        (102.0, shown(1, 1.2, "今", 1.9)),
        (102.4, shown(1, 1.2, "今天", 2.2)),
        (104.1, finalized(1, 1.2, "今天")),
    ]
    measured = timing(events, [passage("a", 1.0, 4.0)], seconds)

    assert measured.first_text == Spread(1, pytest.approx(0.5), pytest.approx(0.5), pytest.approx(0.5))
    assert measured.display == Spread(2, pytest.approx(0.1), pytest.approx(0.2), pytest.approx(0.2))
    assert measured.final.max == pytest.approx(0.6)
    assert measured.silent == 0


def test_a_segment_belongs_to_the_passage_it_begins_in_and_the_last_final_counts() -> None:
    passages = [passage("a", 1.0, 4.0), passage("b", 6.0, 9.0), passage("c", 11.0, 14.0)]
    events = [(104.5, finalized(1, 0.8, "今")), (108.0, finalized(2, 5.7, "明")), (109.5, finalized(3, 8.0, "天"))]
    measured = timing(events, passages, seconds)

    assert (measured.final.count, measured.silent) == (2, 1)
    assert measured.final.max == pytest.approx(1.0)


def test_empty_text_is_no_text() -> None:
    assert timing([(102.0, finalized(1, 1.2, ""))], [passage("a", 1.0, 4.0)], seconds).silent == 1


def test_flicker_counts_characters_that_were_replaced_or_taken_away() -> None:
    events = [updated(1, 0, "今天"), updated(1, 0, "今田好"), finalized(1, 0, "今天好的")]

    assert flicker(events) == Flicker(final_characters=4, changed=2, stable_changed=0)


def test_characters_put_between_others_change_nothing_that_was_shown() -> None:
    assert flicker([updated(1, 0, "今好"), finalized(1, 0, "今天好")]).changed == 0


def test_stable_characters_that_the_final_changed_are_counted_apart() -> None:
    counted = flicker([updated(1, 0, "今田好", stable=2), finalized(1, 0, "今天好")])

    assert (counted.changed, counted.stable_changed) == (1, 1)


def test_a_character_settles_when_it_was_last_put_there() -> None:
    def tokens(text: str) -> tuple[Token, ...]:
        return tuple(Token(character, "", 0, (at + 1) * SAMPLE_RATE) for at, character in enumerate(text))

    final = finalized(1, 0, "今天好")
    final = replace(final, segment=replace(final.segment, tokens=tokens("今天好")))
    events = [
        (101.5, updated(1, 0, "今")),
        (102.0, updated(1, 0, "今田")),
        (103.5, updated(1, 0, "今天")),
        (105.0, final),
    ]

    assert settling(events, seconds) == [0.5, 1.5, 2.0]


def test_a_character_that_was_away_settles_when_it_is_back() -> None:
    final = finalized(1, 0, "好")
    final = replace(final, segment=replace(final.segment, tokens=(Token("好", "hao3", 0, SAMPLE_RATE),)))
    events = [(101.5, updated(1, 0, "好")), (102.0, updated(1, 0, "号")), (103.0, final)]

    assert settling(events, seconds) == [2.0]


def test_segments_are_counted_each_on_its_own() -> None:
    assert flicker([updated(1, 0, "今"), updated(2, 3, "明"), finalized(1, 0, "今"), finalized(2, 3, "")]).changed == 1


def test_percentiles_are_by_nearest_rank() -> None:
    assert spread([float(value) for value in range(1, 101)]) == Spread(100, 50.0, 95.0, 100.0)
    assert spread([]) == Spread(0, 0.0, 0.0, 0.0)
