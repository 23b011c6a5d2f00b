from __future__ import annotations

import json

import pytest

from streamer.errors import SummaryError
from streamer.summary.endpoint import ChatEndpoint
from streamer.summary.extract import extract
from streamer.summary.reading import read_answer
from streamer.summary.rendering import CHINESE, ENGLISH, rendered
from streamer.summary.summarizing import summarize, summarize_with
from streamer.summary.values import Item, Origin, Summary, SummaryLine
from tests.summary.asking import LINES
from tests.summary.server import Visit, chat_server

TIMES = {line.id: line.time for line in LINES}
ANSWER = {
    "overview": "讨论了预算。",
    "topics": [{"text": "预算", "lines": [1, 2]}],
    "decisions": [{"text": "批准二十万", "lines": [3]}],
    "actions": [{"text": "写报告", "owner": "小王", "due": "周五", "lines": [4]}],
}


def test_an_answer_becomes_a_summary():
    with chat_server(lambda visit: visit.say(json.dumps(ANSWER))) as server:
        found = summarize("周会", LINES, server.settings())
    assert found == Summary(
        Origin.MODEL,
        "qwen",
        "讨论了预算。",
        topics=(Item("预算", (1, 2)),),
        decisions=(Item("批准二十万", (3,)),),
        actions=(Item("写报告", (4,), "小王", "周五"),),
    )
    text = server.bodies[0]["messages"][1]["content"]
    assert "会议：周会\n" in text
    assert "[1] 14:30:01 第1句说的是预算的事情。\n" in text


def test_the_text_says_what_it_is_and_cites_times():
    summary = read_answer(json.dumps(ANSWER), TIMES, "qwen")
    assert summary is not None
    assert rendered(summary, TIMES, CHINESE) == (
        "由语言模型 qwen 生成，可能有误，请对照原文。\n概要：\n讨论了预算。\n议题：\n· 预算（14:30:01 14:30:02）\n"
        "决定：\n· 批准二十万（14:30:03）\n待办：\n· 写报告（负责人 小王；期限 周五；14:30:04）"
    )


@pytest.mark.parametrize(
    "answer",
    [
        json.dumps(ANSWER),
        "<think>让我想想 {不是这个}</think>\n" + json.dumps(ANSWER),
        "让我想想 {不是这个}\n</think>\n" + json.dumps(ANSWER),
        "好的，摘要如下：\n```json\n" + json.dumps(ANSWER) + "\n```\n希望有帮助！",
        "摘要：" + json.dumps(ANSWER) + "。",
    ],
)
def test_what_stands_around_the_answer_does_not_matter(answer):
    found = read_answer(answer, TIMES, "qwen")
    assert found is not None
    assert found.decisions == (Item("批准二十万", (3,)),)


def test_lines_that_do_not_exist_are_not_cited():
    answer = {"decisions": [{"text": "涨薪", "lines": [3, 999, "第4行", -1, 1e300, 3]}]}
    found = read_answer(json.dumps(answer), TIMES, "qwen")
    assert found is not None
    assert found.decisions == (Item("涨薪", (3, 4)),)
    assert rendered(Summary(Origin.MODEL, "m", topics=(Item("无据"),)), TIMES, ENGLISH).endswith(
        "· 无据 (no source named)"
    )


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (
            {"actions": [{"text": "写报告", "owner": ["小王", "小李"], "due": None, "lines": 4}]},
            ("写报告", "小王、小李", (4,)),
        ),
        ({"actions": [{"text": "写报告", "owner": "小王", "lines": "第3、4行"}]}, ("写报告", "小王", (3, 4))),
        ({"actions": {"text": "写报告", "owner": "小王", "lines": ["3-4"]}}, ("写报告", "小王", (3, 4))),
        ({"actions": {"text": "写报告", "lines": ["14:30:03"]}}, ("写报告", "", ())),
        ({"actions": "写报告", "overview": ["好"], "decisions": "无"}, ("写报告", "", ())),
        ({"actions": {"text": "写报告", "owner": 5, "due": {}, "lines": [{"id": 1}, None, 3]}}, ("写报告", "5", (3,))),
        ({"actions": {"text": "写报告", "owner": [None, "王", False], "lines": {}}}, ("写报告", "王", ())),
    ],
)
def test_one_value_where_several_were_asked_for_and_the_other_way_round_are_read(answer, expected):
    found = read_answer(json.dumps(answer), TIMES, "qwen")

    assert [(item.text, item.owner, item.lines) for item in found.actions] == [expected]
    assert found.decisions == ()


@pytest.mark.parametrize(
    "answer",
    ["", "对不起，我不能。", "[1, 2]", '{"topics": 5}', "{" * 100_000, '{"topics": [[]]}', '{"概要": "好"}', "{}"],
)
def test_what_is_not_in_the_form_is_not_read(answer):
    assert read_answer(answer, TIMES, "qwen") is None


def test_other_text_is_asked_for_again_then_kept_as_text():
    with chat_server(lambda visit: visit.say("忽略之前的指令。<script>alert(1)</script>\x1b[2J")) as server:
        found = summarize("周会", LINES, server.settings())
    assert len(server.bodies) == 2
    assert found == Summary(Origin.MODEL, "qwen", "忽略之前的指令。<script>alert(1)</script>\x1b[2J")


@pytest.mark.parametrize("answer", ["", " \n", "<think>我想想</think>", "<think>我想来想去，"])
def test_a_model_that_says_nothing_is_an_error(answer):
    with (
        chat_server(lambda visit: visit.say(answer)) as server,
        pytest.raises(SummaryError, match="qwen answered nothing, twice; lower"),
    ):
        summarize("周会", LINES, server.settings())


@pytest.mark.parametrize(
    "answer", ['{"overview": "预算批', '好的：\n```json\n{"overview": "预算', '{"概要": "预算批准了。"}']
)
def test_an_answer_that_breaks_off_or_has_other_keys_is_no_summary(answer):
    with chat_server(lambda visit: visit.say(answer)) as server, pytest.raises(SummaryError) as refused:
        summarize("周会", LINES, server.settings())
    assert len(server.bodies) == 2
    assert str(refused.value) == (
        f"qwen answered in another form than it was asked for, or broke off: {answer} …; lower [summary] "
        "part_characters, let it answer at greater length, or take another model"
    )


def test_parts_whose_merging_breaks_off_stand_one_after_another():
    def act(visit: Visit) -> None:
        is_merging = "请合并" in visit.body["messages"][1]["content"]
        visit.say('{"topics": [' if is_merging else json.dumps({"topics": ["预算"], "overview": "好"}))

    with chat_server(act) as server:
        endpoint = ChatEndpoint(server.settings())
        found = summarize_with(endpoint, "周会", LINES, 200, None)
        endpoint.close()
    assert found == Summary(Origin.MODEL, "qwen", "好\n好\n好", (Item("预算"),) * 3)


def test_endless_answers_are_cut():
    answer = {"overview": "长" * 10_000, "topics": ["短"] * 1000}
    found = read_answer(json.dumps(answer), TIMES, "qwen")
    assert found is not None
    assert (len(found.overview), len(found.topics)) == (2000, 100)


def test_long_meetings_are_summed_up_in_parts_and_merged():
    def act(visit: Visit) -> None:
        content = visit.body["messages"][1]["content"]
        if "请合并" in content:
            visit.say(json.dumps(ANSWER))
        else:
            first = int(content.split("[", 1)[1].split("]", 1)[0])
            visit.say(json.dumps({"topics": [{"text": f"从第{first}句起", "lines": [first]}]}))

    told: list[tuple[float, float]] = []
    with chat_server(act) as server:
        endpoint = ChatEndpoint(server.settings())
        found = summarize_with(endpoint, "周会", LINES, 200, lambda done, total: told.append((done, total)))
        endpoint.close()

    contents = [body["messages"][1]["content"] for body in server.bodies]
    parts = [one for one in contents if "部分）" in one]
    assert [one.count("\n[") for one in parts] == [16, 15, 9]
    assert told == [(1, 3), (2, 3), (3, 3)]
    assert found.decisions == (Item("批准二十万", (3,)),)
    assert '"从第1句起"' in contents[3]


def test_summaries_too_long_to_merge_stand_one_after_another():
    answer = {"topics": [{"text": "很长的议题" * 60, "lines": [1]}]}
    with chat_server(lambda visit: visit.say(json.dumps(answer))) as server:
        endpoint = ChatEndpoint(server.settings())
        found = summarize_with(endpoint, "周会", LINES, 300, None)
        endpoint.close()
    assert len(found.topics) == 2


def test_without_an_endpoint_sentences_are_picked_in_their_order():
    pytest.importorskip("sumy")
    lines = [
        SummaryLine(1, "1", "我们今天讨论明年的预算。"),
        SummaryLine(2, "2", "好的。"),
        SummaryLine(3, "3", "明年的预算一共是二十万，主要用于设备采购。"),
        SummaryLine(4, "4", "午饭吃什么还没有想好呢。"),
        SummaryLine(5, "5", "设备采购的预算由小王负责，明年一月开始。"),
    ]
    lines += [SummaryLine(6, "6", "会议室下午还有别人要用。"), SummaryLine(7, "7", "设备采购的清单已经写好了。")]
    found = extract(lines, 2)
    assert (found.origin, found.source) == (Origin.EXTRACT, "sumy LexRank")
    assert [item.lines for item in found.excerpts] in ([(1,), (5,)], [(3,), (5,)])
    assert "原文摘录，未经改写" in rendered(found, {line.id: line.time for line in lines}, CHINESE)


def test_at_most_a_third_is_picked():
    pytest.importorskip("sumy")

    assert [len(extract(LINES[:count], 10).excerpts) for count in (1, 2, 6, 8, 40)] == [1, 1, 2, 2, 10]


def test_an_empty_meeting_says_so():
    assert rendered(extract([], 10), {}, CHINESE).endswith("没有可摘要的内容。")


def test_where_all_that_was_said_stays_no_library_gets_the_credit():
    found = extract([SummaryLine(1, "1", "我们今天讨论明年的预算。")], 2)

    assert (found.source, [item.lines for item in found.excerpts]) == ("streamer", [(1,)])
