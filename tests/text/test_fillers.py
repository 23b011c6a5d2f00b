from dataclasses import replace

import pytest

from streamer.minutes import MomentKind
from streamer.text.fillers import entries_without_fillers, without_fillers
from tests.sinks.minutes.material import line, moment


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("嗯，我们开始。", "我们开始。"),
        ("我们呃，先看预算。", "我们呃，先看预算。"),
        ("好，嗯嗯，就这样。", "好，就这样。"),
        ("嗯我觉得可以。", "我觉得可以。"),
        ("嗯。", ""),
        ("好，嗯。", "好。"),
        ("好？呃。走吧。", "好？走吧。"),
        ("好，、嗯。", "好。"),
        ("呃，嗯，", ""),
        ("金额，三百。", "金额，三百。"),
        ("额度已经用完了。", "额度已经用完了。"),
        ("好的，额外的预算要审批。", "好的，额外的预算要审批。"),
        ("额，额度呢？", "额度呢？"),
        ("嗯呢，知道了。", "嗯呢，知道了。"),
        ("嗯嗯呢，知道了。", "嗯呢，知道了。"),
        ("嗯额外再加一点。", "额外再加一点。"),
        ("额我觉得可以。", "我觉得可以。"),
        ("额额，好。", "好。"),
        ("呃逆怎么办？", "呃逆怎么办？"),
        ("唔使客气。", "唔使客气。"),
        ("", ""),
    ],
)
def test_hesitations_at_the_beginning_of_a_clause_go(text: str, expected: str) -> None:
    assert without_fillers(text) == expected


def test_minutes_without_hesitations_keep_marks_and_what_a_person_wrote() -> None:
    spoken, edited, mark = (
        line(1, "嗯，我们开始。"),
        replace(line(3, "嗯，好。"), edited=True),
        moment(MomentKind.MARK, 4),
    )

    shown = list(entries_without_fillers([spoken, line(2, "呃。"), edited, mark]))

    assert shown == [replace(spoken, text="我们开始。"), edited, mark]
