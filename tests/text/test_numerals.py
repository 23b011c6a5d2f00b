import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.text.numerals import cardinal, spelled, written


def spoken(value: int) -> str:
    """A cardinal as it is read, by the schoolbook rule."""
    if value >= 10**8:
        return _joined(value, 10**8, "亿")
    if value >= 10**4:
        return _joined(value, 10**4, "万")
    text, rest = "", value
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit, rest = divmod(rest, unit)
        if digit:
            text += "零一二三四五六七八九"[digit] + name
        elif text and rest and not text.endswith("零"):
            text += "零"
    return text


def _joined(value: int, unit: int, name: str) -> str:
    high, low = divmod(value, unit)
    gap = "零" if low and low < unit // 10 else ""
    return spoken(high) + name + gap + (spoken(low) if low else "")


@given(st.integers(1, 10**12 - 1))
def test_every_cardinal_is_understood(value: int) -> None:
    assert cardinal(spoken(value)) == value


@pytest.mark.parametrize(
    ("run", "value"),
    [
        ("十", 10),
        ("十五", 15),
        ("一百八", 180),
        ("一百零八", 108),
        ("两千三", 2300),
        ("一千二百八", 1280),
        ("一万二", 12000),
        ("一万零五", 10005),
        ("一万零五十", 10050),
        ("一万一百", 10100),
        ("三亿五", 350000000),
        ("一亿零五", 100000005),
        ("两百", 200),
        ("一百一十五", 115),
    ],
)
def test_short_forms_are_understood(run: str, value: int) -> None:
    assert cardinal(run) == value


@pytest.mark.parametrize(
    "run",
    [
        "",
        "百",
        "千万",
        "三四百",
        "七八十",
        "三四",
        "二零二六",
        "十十",
        "一十百",
        "零",
        "五十两",
        "万亿万",
        "万亿",
        "三万四万亿",
        "一亿亿",
        "一万万",
        "一亿二万万",
        "一万五十",
        "一万九十九",
        "一万两",
        "一万零",
    ],
)
def test_what_is_no_single_number_has_no_value(run: str) -> None:
    assert cardinal(run) is None


@pytest.mark.parametrize(
    ("run", "digits"),
    [
        ("二零二六", "2026"),
        ("二〇二六", "2026"),
        ("幺三八", "138"),
        ("两三", None),
        ("十", None),
        ("", None),
    ],
)
def test_digits_read_one_by_one(run: str, digits: str | None) -> None:
    assert spelled(run) == digits


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (15, "15"),
        (9999, "9999"),
        (10000, "1万"),
        (12000, "1.2万"),
        (123400, "123400"),
        (3500000, "350万"),
        (10**8, "1亿"),
        (350000000, "3.5亿"),
        (10**12, "1万亿"),
        (10**12 + 1, "1000000000001"),
        (1234567, "1234567"),
    ],
)
def test_round_numbers_keep_their_unit(value: int, expected: str) -> None:
    assert written(value) == expected
