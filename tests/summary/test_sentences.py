from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.summary.extract import extract
from streamer.summary.sentences import is_telling, sentences_of, worth_picking
from streamer.summary.values import Item, SummaryLine


def lines(*said: str) -> list[SummaryLine]:
    return [SummaryLine(number, f"14:30:{number:02}", text) for number, text in enumerate(said, start=1)]


def test_a_line_that_ends_with_a_comma_goes_on_in_the_next_one():
    found = sentences_of(lines("我这边补充一句，", "测试环境停了两个小时。最后一件事。下次改到", "星期二。"))

    assert found == [
        Item("我这边补充一句，测试环境停了两个小时。", lines=(1, 2)),
        Item("最后一件事。", lines=(2,)),
        Item("下次改到星期二。", lines=(2, 3)),
    ]


def test_without_any_marks_each_line_is_a_sentence():
    assert sentences_of(lines("今天讨论预算", "明天上线")) == [
        Item("今天讨论预算", lines=(1,)), Item("明天上线", lines=(2,)),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "said", ["我这边补充一句，", "好的，我先说一下。", "那我来介绍一下，", "大家下午好。", "没问题，谢谢大家。"]
)
def test_what_only_begins_something_is_not_worth_picking(said):
    assert worth_picking([Item(said)]) == []


def test_what_was_said_twice_is_picked_once():
    said = sentences_of(lines("预算批了二十万。", "明年三月上线。", "预算批了二十万！", "好的，明年三月上线。"))

    assert [item.lines for item in worth_picking(said)] == [(1,), (2,)]


def test_who_does_what_until_when_is_telling_and_a_question_is_not():
    said = ("5号有点紧，我建议放到12号。", "安全检查由陈建负责。", "下个月5号来得及吗？", "原因查清楚了。")

    assert [is_telling(Item(text)) for text in said] == [True, True, False, False]


def test_a_proposal_is_picked_and_an_opening_is_not():
    pytest.importorskip("sumy")
    said = (
        "我这边补充一句，", "昨天晚上停了两个小时。", "原因已经查清楚了。", "上线的时间定一下吗？", "我建议放到12号。",
        "有一个星期可以测试。", "安全检查由陈建负责。", "接口的文档有错误。",
    )  # fmt: skip

    assert [item.lines for item in extract(lines(*said), 10).excerpts] == [(5,), (7,)]


def test_what_picked_the_sentences_is_named_and_not_sumy_where_it_ranked_none():
    """Without the extra, too: as many are telling as there is room for."""
    said = ("5号有点紧，我建议放到12号。", "原因已经查清楚了。", "昨天晚上停了两个小时。")

    found = extract(lines(*said), 10)

    assert ([item.lines for item in found.excerpts], found.source) == ([(1,)], "streamer")


@given(st.lists(st.text("今天讨论预算一二三，。？", min_size=1, max_size=20), max_size=12))
def test_a_sentence_ends_with_a_mark_or_with_a_line_and_nothing_is_lost(said):
    meeting = lines(*said)
    found = sentences_of(meeting)

    assert "".join(each.text for each in found) == "".join(said)
    for each in found:
        last = meeting[each.lines[-1] - 1].text
        assert each.text[-1] in "。？！" or last.endswith(each.text[-1])
