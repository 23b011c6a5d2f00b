import pytest

from streamer.text.fillers import without_fillers


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("嗯，我们开始。", "我们开始。"),
        ("我们呃，先看预算。", "我们呃，先看预算。"),
        ("好，嗯嗯，就这样。", "好，就这样。"),
        ("嗯我觉得可以。", "我觉得可以。"),
        ("嗯。", "。"),
        ("金额，三百。", "金额，三百。"),
        ("", ""),
    ],
)
def test_hesitations_at_the_beginning_of_a_clause_go(text: str, expected: str) -> None:
    assert without_fillers(text) == expected
