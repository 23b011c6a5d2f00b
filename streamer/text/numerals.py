"""Chinese numerals: what a run of them is worth, and how the number is written.

cn2an, the usual library, reads 三四 (three or four) as 34 and refuses 百 alone only by an exception; here a run that is
not one well-formed number has no value, because approximations must stay as they were said.
"""

from __future__ import annotations

import re

DIGITS = {
    "零": 0, "〇": 0, "一": 1, "幺": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9,
}  # fmt: skip
"""Digits as they are spoken; 幺 is 1 in telephone numbers, 两 is 2 before a measure."""

_SECTION = re.compile(
    "(?:(?P<thousands>[一二两三四五六七八九])千)?(?:零?(?P<hundreds>[一二两三四五六七八九])百)?"
    "(?:(?:零(?=[^十]))?(?P<tens>[一二三四五六七八九]?)十)?(?:(?P<skip>(?<=.)[零〇])?(?P<ones>[一幺二三四五六七八九]|^两))?"
)
"""A number below 10,000 with its places named; 一千零二十, 一百八 (180) and 十五 are well-formed, 三四百 is not."""

_WAN, _YI, _WAN_YI = 10_000, 100_000_000, 1_000_000_000_000


def cardinal(run: str) -> int | None:
    """Value of a well-formed cardinal (三百六十五, 一万二, 十五); None for anything else (三四百, 百, 二零二六)."""
    high, yi, rest = run.rpartition("亿")
    if yi:
        above = _below_yi(high)
        return None if above is None else _joined(above * _YI, rest, _YI)
    return _below_yi(run)


def _below_yi(run: str) -> int | None:
    high, wan, rest = run.rpartition("万")
    if not wan:
        return _section(run)
    above = _section(high)
    return None if above is None else _joined(above * _WAN, rest, _WAN)


def _joined(above: int, rest: str, unit: int) -> int | None:
    """Add what follows 万 or 亿; a single digit is the next place down (一万二 = 12,000)."""
    if not rest:
        return above
    if rest in DIGITS and rest not in "零〇两":
        return above + DIGITS[rest] * unit // 10
    skips = rest[0] in "零〇"
    below = _below_yi(rest.lstrip("零〇")) if unit == _YI else _section(rest.lstrip("零〇"))
    if below is None or (not skips and below < unit // 100):
        return None
    return above + below


def _section(run: str) -> int | None:
    """Value of a cardinal below 10,000."""
    match = _SECTION.fullmatch(run)
    if match is None:
        return None
    places = [match[name] for name in ("thousands", "hundreds", "tens", "ones")]
    values = [0 if digit is None else DIGITS.get(digit, 1) for digit in places]
    total = sum(value * unit for value, unit in zip(values, (1000, 100, 10, 1), strict=True))
    spoken = [unit for digit, unit in zip(places[:3], (1000, 100, 10), strict=True) if digit is not None]
    if spoken and not match["skip"]:
        # 一百八 is 180, 一百零八 is 108.
        total += values[3] * (spoken[-1] // 10 - 1)
    return total or None


def spelled(run: str) -> str | None:
    """Digits of a run that is read digit by digit (二零二六 → 2026); None where it holds anything else."""
    if not run or any(character not in DIGITS or character == "两" for character in run):
        return None
    return "".join(str(DIGITS[character]) for character in run)


def written(value: int) -> str:
    """A cardinal as it is written: 万, 亿 and 万亿 stay where that is shorter (350万, 3.5亿), else digits."""
    if value >= _WAN_YI and value % (_WAN_YI // 100) == 0:
        return _mantissa(value, _WAN_YI) + "万亿"
    if value >= _YI and value % (_YI // 100) == 0:
        return _mantissa(value, _YI) + "亿"
    if value >= _WAN and value % (_WAN // 10) == 0:
        return _mantissa(value, _WAN) + "万"
    return str(value)


def _mantissa(value: int, unit: int) -> str:
    whole, below = divmod(value, unit)
    fraction = f"{below:0{len(str(unit)) - 1}d}".rstrip("0")
    return f"{whole}.{fraction}" if fraction else str(whole)
