from __future__ import annotations

import math

import pytest

from benchmarks.scoring import error_rate, kind_of, rate_difference
from streamer.scoring import Errors, compare, spoken_characters


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("沃尔玛(蜀西路分店)", "沃尔玛蜀西路分店"),
        ("时代奥特莱斯1号门", "时代奥特莱斯一号门"),
        ("首套房贷款8.5折左右", "首套房贷款八点五折左右"),
        ("相关公司股票走势万科Ａ保利地产", "相关公司股票走势万科A保利地产"),
        ("[n]一辆黑色小轿车", "一辆黑色小轿车"),
        ("\ufeff打开完美世界主题曲", "打开完美世界主题曲"),
        ("买apple watch的", "买APPLEWATCH的"),
        ("美嘉森·奥特莱斯", "美嘉森奥特莱斯"),
        ("第12届，二〇二六年", "第十二届二零二六年"),
        ("拨打10086", "拨打一零零八六"),
        ("40岁", "四十岁"),
    ],
)
def test_spoken_characters(text: str, spoken: str) -> None:
    assert "".join(spoken_characters(text)) == spoken


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("七九幺零二零九九", "digits"),
        ("I P P", "letters"),
        ("打开Call Me Maybe", "english"),
        ("嗯打开去大理", "commands"),
        ("变温温度设为两摄氏度档", "commands"),
        ("海宁皮革城", "short"),
        ("除一季度的降准降息之外", "sentences"),
        ("四D打印的出现必将掀开一个工业史上的全新篇章", "sentences"),
    ],
)
def test_kinds(text: str, kind: str) -> None:
    assert kind_of(text) == kind


def test_compare_counts_each_sort_of_error() -> None:
    assert compare(list("甲乙丙丁戊"), list("甲乙丁戊己")) == Errors(5, 0, 1, 1)
    assert compare(list("甲乙"), list("甲丙")) == Errors(2, 1, 0, 0)
    assert compare(list("甲乙"), []) == Errors(2, 0, 2, 0)


def test_an_error_rate_weighs_utterances_by_length() -> None:
    rate = error_rate([Errors(10, 1, 0, 0), Errors(30, 0, 0, 9)])

    assert rate.value == 0.25
    assert rate.low == pytest.approx(0.1)
    assert rate.high == pytest.approx(0.3)


def test_no_utterances_have_no_rate() -> None:
    assert math.isnan(error_rate([]).value)


def test_a_difference_of_rates_is_drawn_in_pairs() -> None:
    easy, hard = Errors(10, 0, 0, 0), Errors(10, 9, 0, 0)

    rate = rate_difference([Errors(10, 1, 0, 0), Errors(10, 8, 1, 1)], [easy, hard])

    assert (rate.value, rate.low, rate.high) == (0.1, 0.1, 0.1)


def test_no_utterances_have_no_difference() -> None:
    assert math.isnan(rate_difference([], []).value)
