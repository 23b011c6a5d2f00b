"""Forms that numbers are written in: what the rules of inverse text normalisation put in place of their matches.

Each takes a match whose groups its rule has as it needs them, and gives None where that is no number after all.
"""

from __future__ import annotations

import re
from itertools import pairwise

from streamer.text.numerals import DIGITS, cardinal, spelled, written


def amount(run: str) -> str | None:
    """A cardinal with or without decimals, as digits."""
    whole, point, decimals = run.partition("点")
    value = cardinal(whole)
    if whole in ("零", "〇"):
        value = 0
    if value is None:
        return None
    if not point:
        return written(value)
    digits = spelled(decimals)
    return None if digits is None else f"{value}.{digits}"


def percent(match: re.Match[str]) -> str | None:
    """百分之三点五 → 3.5%, 百分之三到五 → 3%到5%, 千分之三 → 3‰."""
    sign, minus = "%" if match[2] == "百" else "‰", "-" if match[1] else ""
    first = "100" if match[3] == "百" else amount(match[3])
    if first is None:
        return None
    if not match[4]:
        return minus + first + sign
    second = amount(match[5])
    return None if second is None else f"{minus}{first}{sign}{match[4]}{second}{sign}"


def negative_percent(match: re.Match[str]) -> str | None:
    """百分之负三 → -3%, as 负百分之三."""
    number = amount(match[1])
    return None if number is None else f"-{number}%"


def fraction(match: re.Match[str]) -> str | None:
    """三分之二 → 2/3."""
    below, above = cardinal(match[1]), cardinal(match[2])
    return None if below is None or above is None else f"{above}/{below}"


def score(match: re.Match[str]) -> str | None:
    """三比二 → 3:2."""
    sides = [0 if run in ("零", "〇") else cardinal(run) for run in match.groups()]
    return None if None in sides else f"{sides[0]}:{sides[1]}"


def ratio(match: re.Match[str]) -> str | None:
    """一比三点五 → 1:3.5."""
    sides = [amount(run) for run in match.groups()]
    return None if None in sides else f"{sides[0]}:{sides[1]}"


def span(match: re.Match[str]) -> str | None:
    """十到二十 → 10到20; below ten only with a unit."""
    low, high = 0 if match[1] == "零" else cardinal(match[1]), cardinal(match[3])
    if low is None or high is None or (high < 10 and not match[4]):
        return None
    if 0 < low < 10 and re.fullmatch(".[百千]", match[3]):
        return match[0]  # 三到五百 is 300 to 500, which 3到500 would not be
    return f"{written(low)}{match[2]}{written(high)}{match[4] or ''}"


def reaching(match: re.Match[str]) -> str | None:
    """五天到十五天 → 5天到15天: the first as the second is written."""
    low, high = cardinal(match[1]), plain_number(match[4])
    return None if low is None or high is None else f"{low}{match[2]}{match[3]}{high}"


def ordinal(match: re.Match[str]) -> str | None:
    """第十二 → 第12; 第二 stays."""
    value = cardinal(match[1])
    return match[0] if value is None or value < 10 else f"第{value}"


def counted(match: re.Match[str]) -> str | None:
    """三十公里, 三点五倍: a number and what it counts."""
    number = amount(match[1])
    return None if number is None else number + match[2]


def thousands(match: re.Match[str]) -> str | None:
    """七十万千瓦 is 700,000 kilowatts; 一万三千瓦 may be 13,000 watts."""
    value = cardinal(match[1])
    return None if value is None or cardinal(f"{match[1]}千") is not None else written(value) + match[2]


def with_tail(match: re.Match[str]) -> str | None:
    """三块五 → 3块5, 一米七八 → 1米78."""
    value, tails = cardinal(match[1]), [spelled(tail) for tail in match[3].split("毛")]
    return None if value is None or None in tails else f"{value}{match[2]}{'毛'.join(map(str, tails))}{match[4] or ''}"


def negative(match: re.Match[str]) -> str | None:
    """负二十 → -20."""
    number = amount(match[1])
    return None if number is None else f"-{number}"


def both(match: re.Match[str]) -> str | None:
    """Two cardinals with a word between them, and one after it: 十减三等于七, 一斤二两."""
    numbers = [(match[group], cardinal(match[group] or "")) for group in (1, 3, 5)]
    if any(run and value is None for run, value in numbers):
        return None
    first, second, third = ("" if value is None else str(value) for _, value in numbers)
    return f"{first}{match[2]}{second}{match[4]}{third}"


def race_time(match: re.Match[str]) -> str | None:
    """一分三十秒, and of races 两分零六秒九一."""
    minutes, seconds = cardinal(match[1]), cardinal(match[2])
    return None if minutes is None or seconds is None else f"{minutes}分{seconds}秒{spelled(match[3] or '') or ''}"


def minutes_after_hours(match: re.Match[str]) -> str | None:
    """Behind hours: 零五分 → 零5分, as in 2小时零5分."""
    minutes = cardinal(match[2])
    return None if minutes is None else f"{match[1]}{minutes}{match[3]}"


def version(match: re.Match[str]) -> str | None:
    """三点二点一 → 3.2.1."""
    parts = [str(cardinal(run) if re.search("[十百]", run) else spelled(run)) for run in match.groups() if run]
    # Two versions without a pause, 一点零二点零, have a part that begins with a zero; 七八十 is no number.
    return ".".join(parts) if all(part.isdigit() and str(int(part)) == part for part in parts) else None


def address(match: re.Match[str]) -> str | None:
    """Four parts are an address where one of them is no single digit; else they may be points or hours."""
    is_address = any(len(run) > 1 or run in "零〇幺十" for run in match.groups())
    return version(match) if is_address else None


def code(match: re.Match[str]) -> str | None:
    """幺三八零零 → 13800; who counts (三四五, 三二一) gives no code."""
    digits = spelled(match[1])
    if digits is None:
        return None
    steps = {int(after) - int(before) for before, after in pairwise(digits)}
    counting = steps == {1} or (steps == {-1} and len(digits) > 2 and digits[-1] == "1")
    return None if counting and "幺" not in match[1] and len(digits) < 7 else digits


def coded(match: re.Match[str]) -> str | None:
    """What a code follows, and its digits: 房间号八零二 → 房间号802."""
    digits = spelled(match[2])
    return None if digits is None else match[1] + digits


def plain(match: re.Match[str]) -> str | None:
    """A cardinal from ten on: 三千五 → 3500."""
    return plain_number(match[0])


def plain_number(run: str) -> str | None:
    """As :func:`plain` writes it."""
    value = cardinal(run)
    return None if value is None or value < 10 else written(value)


def letter_digit(match: re.Match[str]) -> str | None:
    """A single digit beside a letter: 五G → 5G."""
    return str(DIGITS[match[0]])
