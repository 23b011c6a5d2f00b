from __future__ import annotations

import jiwer
import numpy as np
import pytest

from benchmarks.along import read_along
from streamer.types import Token


def tokens(syllables: str) -> list[Token]:
    return [Token("字", syllable, 100 * at, 100 * at + 80) for at, syllable in enumerate(syllables.split())]


def test_every_syllable_that_is_there_is_heard_where_it_is() -> None:
    reading = read_along(["wo3", "men2", "kai1", "hui4"], tokens("wo3 men2 kai1 hui4"))

    assert reading.heard == (True,) * 4
    assert reading.extra == (0,) * 5
    assert reading.times == (40, 140, 240, 340)


def test_a_missing_syllable_has_the_time_of_the_one_before() -> None:
    reading = read_along(["wo3", "men2", "kai1", "hui4"], tokens("wo3 kai1 hui4"))

    assert reading.heard == (True, False, True, True)
    assert reading.times == (40, 40, 140, 240)


def test_added_syllables_count_before_the_next_one_and_at_the_end() -> None:
    reading = read_along(["wo3", "men2"], tokens("wo3 dou1 men2 le5 ba5"))

    assert reading.heard == (True, True)
    assert reading.extra == (0, 1, 2)


@pytest.mark.parametrize(
    ("said", "recognised", "missing"),
    [
        # 十月图中 heard as 七通州: 月 is missing, though 十→七, 月→通, 图→州 would have as few errors.
        ("shi2 yue4 tu2 zhong1 xiao3", "qi3 tong1 zhou1 xiao3", {0, 1}),
        # 要搞清楚的 heard as 高提出的.
        ("yao4 gao3 qing1 chu3 de5", "gao4 ti2 chu1 de5", {0}),
        # 关注、关键还在 heard as 官住官件在.
        ("zhu4 guan1 jian4 hai2 zai4", "zhu3 guan4 jian3 zai5", {3}),
    ],
)
def test_of_alignments_with_as_few_errors_the_one_of_syllables_alike_tells_what_is_missing(
    said: str, recognised: str, missing: set[int]
) -> None:
    reading = read_along(said.split(), tokens(recognised))

    assert sum(not each for each in reading.heard) == 1
    assert reading.heard.index(False) in missing


def test_nothing_recognised_and_nothing_said() -> None:
    assert read_along(["wo3"], []).heard == (False,)
    assert read_along([], tokens("wo3 men2")).extra == (2,)


def test_no_alignment_has_more_errors_than_it_need_have() -> None:
    rng = np.random.default_rng(5)
    inventory = ["ma1", "ma3", "mi4", "ba1", "hao3", "lao3"]
    for _ in range(200):
        said = rng.choice(inventory, rng.integers(1, 13)).tolist()
        recognised = rng.choice(inventory, rng.integers(1, 13)).tolist()
        row = [Token("字", each, 100 * at, 100 * at + 80) for at, each in enumerate(recognised)]
        reading = read_along(said, row)

        least = jiwer.process_words(" ".join(said), " ".join(recognised))
        middles = {(token.start_sample + token.end_sample) // 2: token.syllable for token in row}
        wrong = sum(
            heard and middles[time] != syllable
            for syllable, heard, time in zip(said, reading.heard, reading.times, strict=True)
        )
        lost = reading.heard.count(False)

        assert wrong + lost + sum(reading.extra) == least.substitutions + least.deletions + least.insertions
