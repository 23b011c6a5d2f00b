from __future__ import annotations

import json
import re
from dataclasses import replace
from html import escape
from pathlib import Path

import jsonschema
import pytest
from markdown_it import MarkdownIt

from streamer.minutes import MomentKind
from streamer.sinks.minutes.json import JsonWriter
from streamer.sinks.minutes.labels import CHINESE, ENGLISH
from streamer.sinks.minutes.markdown import MarkdownWriter
from streamer.sinks.minutes.text import TextWriter
from streamer.types import SAMPLE_RATE
from tests.sinks.minutes.material import ENDED, RECORD, line, moment

SCHEMA = json.loads((Path(__file__).parents[3] / "config" / "minutes.schema.json").read_text(encoding="utf-8"))
LINK = "audio/000000000000.flac#t=5.0"


def test_markdown_in_chinese():
    writer = MarkdownWriter(CHINESE, 0.5)
    text = writer.head(ENDED, "") + writer.entry(line(1, "预算批了。", 5, 7, doubts="批"), LINK)
    text += writer.entry(moment(MomentKind.MARK, 65, "重要"), LINK) + writer.entry(moment(MomentKind.PAUSE, 66), None)

    assert text == (
        "# 周会\n\n"
        "- 时间：2026-11-20 14:30–15:32\n- 时长：1:02:00\n- 房间：room-1\n- 声音来源：USB 麦克风\n"
        "- 识别模型：zh 1\n\n---\n\n"
        "- *〔…？〕：机器没有把握的文字*\n"
        "- [14:30:05](audio/000000000000.flac#t=5.0) 预算〔批？〕了。\n"
        "- [14:31:05](audio/000000000000.flac#t=5.0) **标记：重要**\n"
        "- `14:31:06` **暂停**\n"
    )


@pytest.mark.parametrize(
    ("writer", "legend"),
    [
        (MarkdownWriter(ENGLISH, 0.5), "- *〔…？〕: text that the machine doubts*"),
        (TextWriter(ENGLISH, 0.5), "〔…？〕: text that the machine doubts"),
    ],
    ids=["markdown", "text"],
)
def test_what_doubt_marks_mean_stands_above_the_first_of_them_and_nowhere_else(writer, legend):
    entries = [line(1, "好"), moment(MomentKind.MARK, 1), line(2, "预算", doubts="预"), line(3, "批了", doubts="批")]

    for _ in range(2):  # written anew, too
        head, *written = [writer.head(RECORD, ""), *(writer.entry(entry, None) for entry in entries)]
        assert "〔" not in head + written[0] + written[1]
        assert written[2].splitlines()[0] == legend
        assert legend not in written[3]
        assert "〔批？〕" in written[3]


def test_the_length_of_days_is_told_in_hours():
    head = TextWriter(CHINESE, 0).head(replace(ENDED, end_sample=93_784 * SAMPLE_RATE), "")

    assert "时长：26:03:04\n" in head


def test_text_in_english():
    writer = TextWriter(ENGLISH, 0)
    text = writer.head(replace(RECORD, title=""), "Two topics.") + writer.entry(line(1, "预算批了。", 5, 7), LINK)
    text += writer.entry(moment(MomentKind.GAP, 65, "mic away", 2.54), LINK)

    assert text == (
        "Minutes\nTime: 2026-11-20 14:30–running\nRoom: room-1\nSound from: USB 麦克风\nModel: zh 1\n\n"
        "Summary\nTwo topics.\n\n"
        "[14:30:05] 预算批了。\n[14:31:05] * No sound 2.5 s: mic away\n"
    )


@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("the device or its sound server went away", "设备或声音服务断开"),
        ("USB Mic B: the computer slept", "电脑休眠"),
        ("device lost", "device lost"),
    ],
)
def test_a_gap_s_reason_is_told_in_the_language_of_the_minutes(reason, said):
    writer = TextWriter(CHINESE, 0)
    writer.head(RECORD, "")
    text = writer.entry(moment(MomentKind.GAP, 65, reason, 2.54), LINK)

    assert text == f"[14:31:05] * 声音中断 2.5 秒：{said}\n"


@pytest.mark.parametrize(
    "hostile",
    ["<script>alert(1)</script>", "![x](http://e/x.png)", "# 标题\n## 又一个", "1. 列表", "&lt;b&gt;", "*a* _b_ `c`"],
)
def test_titles_and_texts_stay_text_in_markdown(hostile):
    writer = MarkdownWriter(CHINESE, 0)
    text = writer.head(replace(RECORD, title=hostile), hostile) + writer.entry(line(1, hostile), None)
    html = MarkdownIt().render(text)

    shown = escape(" ".join(hostile.split()))
    assert f"<h1>{shown}</h1>" in html
    assert f"</code> {shown}</li>" in html
    assert set(re.findall(r"<(\w+)", html)) <= {"h1", "h2", "ul", "li", "p", "br", "hr", "code"}
    assert html.count("<h2>") == 1, "only that of the summary"


def test_each_line_of_a_summary_is_a_line_in_markdown():
    head = MarkdownWriter(CHINESE, 0).head(RECORD, "两个议题：\n\n# 预算 *涨*")

    assert head.endswith("\n\n## 摘要\n\n两个议题：  \n\n\\# 预算 \\*涨\\*  \n\n---\n\n")


def test_controls_go_and_addresses_are_no_links():
    text = MarkdownWriter(CHINESE, 0).entry(line(1, "\x1b[2J\u202e红 http://evil.example"), None)
    assert text.endswith(" \\[2J红 http\\://evil.example\n")


def test_edited_lines_say_so():
    written = MarkdownWriter(CHINESE, 0.5).entry(replace(line(1, "改过"), edited=True), None)

    assert written.endswith("改过 *（已修改）*\n")


def document(*, ended: bool, summary: str = "") -> dict:
    writer = JsonWriter(0.5)
    text = writer.head(ENDED if ended else RECORD, summary)
    text += writer.entry(line(1, "预算，批了。", 5, 7, doubts="算批"), LINK)
    text += writer.entry(replace(line(2, "改过"), edited=True, tokens=()), None)
    for kind in MomentKind:
        text += writer.entry(moment(kind, 65, "注", 2.5), LINK)
    return json.loads(text + writer.tail)


@pytest.mark.parametrize("ended", [True, False])
def test_json_validates_against_the_published_schema(ended):
    found = document(ended=ended, summary="两个议题")

    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.Draft202012Validator(SCHEMA, format_checker=jsonschema.FormatChecker()).validate(found)
    assert [one["type"] for one in found["entries"]] == ["line", "line", "mark", "gap", "pause", "resume"]
    assert found["entries"][0]["doubtful"] == [[1, 4]]


def test_json_says_when_everything_was_in_seconds_of_the_recording():
    found = document(ended=True, summary="两个议题")
    said, edited, mark, *_ = found["entries"]

    assert (found["meeting"]["seconds"], found["summary"]) == (3720.0, "两个议题")
    assert (said["start"], said["end"], said["text"], said["audio"]) == (5.0, 7.0, "预算，批了。", LINK)
    assert said["tokens"][1] == {"text": "算", "syllable": "x1", "start": 5.5, "end": 6.0, "confidence": 0.2}
    assert (edited["edited"], edited["audio"]) == (True, None)
    assert (mark["start"], mark["seconds"], mark["text"]) == (65.0, 2.5, "注")


def test_json_that_is_written_anew_begins_anew():
    writer = JsonWriter(0.5)
    first, again = (
        writer.head(RECORD, "") + writer.entry(line(1, "一"), None) + writer.entry(line(2, "二"), None) + writer.tail
        for _ in range(2)
    )

    assert again == first
    assert json.loads(again)["summary"] is None


def test_the_schema_refuses_what_it_does_not_know():
    found = document(ended=True)
    found["entries"][0]["speaker"] = "?"

    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(found, SCHEMA)


def test_json_of_an_empty_meeting_validates():
    writer = JsonWriter(0.5)
    jsonschema.validate(json.loads(writer.head(RECORD, "") + writer.tail), SCHEMA)


@pytest.mark.parametrize(
    ("writer", "date"),
    [
        (MarkdownWriter(CHINESE, 0.5), "\n## 2026-11-21\n\n- `00:00:00` "),
        (TextWriter(CHINESE, 0.5), "\n-- 2026-11-21 --\n[00:00:00] "),
    ],
    ids=["markdown", "text"],
)
def test_where_a_new_day_begins_its_date_stands_above(writer, date):
    midnight = 9.5 * 3600
    entries = [line(1, "好", midnight - 1), moment(MomentKind.PAUSE, midnight), line(2, "早", midnight + 9)]

    for _ in range(2):  # written anew, too
        head, *written = [writer.head(RECORD, ""), *(writer.entry(entry, None) for entry in entries)]
        assert "2026-11-21" not in head + written[0] + written[2]
        assert written[1].startswith(date)


def test_a_meeting_of_days_has_a_heading_for_each_in_markdown():
    writer = MarkdownWriter(CHINESE, 0.5)
    text = writer.head(RECORD, "") + "".join(writer.entry(line(day, "好", 86_400 * day), LINK) for day in range(3))

    assert re.findall(r"<h2>(.*?)</h2>\n<ul>", MarkdownIt().render(text)) == ["2026-11-21", "2026-11-22"]
