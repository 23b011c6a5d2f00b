"""Inverse text normalisation: numbers as people write them, in text as people speak it.

二零二六年十一月二十号下午三点半 → 2026年11月20号下午3:30. Idioms and names keep their characters (一心一意, 三国),
and so do approximations (三四百), single digits before general measures (三个) and ordinals below ten (第二): what
GB/T 15835-2011 leaves to the writer stays as it was said.

Libraries were tried first: wetext 0.1.8 writes dates as 2026/11/20 and 十分重要 as 10分重要, needs 45 MB and 0.7 s to
load; cn2an converts numbers but knows no context.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from importlib import resources
from itertools import pairwise

from streamer.text.numerals import DIGITS, cardinal, spelled, written

_D = "[零〇一二三四五六七八九]"
_C = "[零〇一二两三四五六七八九十百千万亿]"
_FREE = "(?<![零〇一二两三四五六七八九十百千万亿幺几数点])"
_DAY_PART = "凌晨|清晨|早晨|早上|今早|明早|上午|中午|下午|傍晚|晚上|今晚|明晚|夜里|半夜|深夜"
_AROUND = "之前|以前|之后|以后|左右|准时|开始|开会|见面|集合|出发|到达|钟|整"
_PHYSICAL = (
    "平方公里|平方米|立方米|公里|千米|厘米|毫米|微米|纳米|英里|米|公斤|千克|毫克|克(?!服)|吨|斤|毫升|升(?!级|职|高)|"
    "摄氏度|公顷|亩|小时|分钟|秒|千瓦|瓦|伏|安培|赫兹|兆|岁|寸|元(?![次论化方素])|美元|欧元|日元|港元|港币|英镑|个百分点"
)
_MEASURES = (
    _PHYSICAL + "|个|位|名|人|家|倍|层|次|天|年|周|台|辆|项|条|本|张|件|块|万|亿|多|页|款|种|户|座|只|头|届|期|楼|米|毛"
)
_WORD_AFTER_ONE = "[定些样起直般下个方旦边次种位向律致]"
_CODE_BEFORE = "(?:尾号|房间|航班|电话|号码|编号|密码|验证码|代码|车牌|会议室|型号|分机|手机)(?:号|是|为|号是)?"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""A pattern tried at a position, and what is written for it; None leaves the position to the next rule."""


def normalise(spoken: str) -> str:
    """Written form of spoken text, punctuated or not. Pure; text without numerals comes back unchanged."""
    out: list[str] = []
    position = 0
    while position < len(spoken):
        found = _at(spoken, position)
        out.append(found[0])
        position = found[1]
    return "".join(out)


def _at(text: str, position: int) -> tuple[str, int]:
    if kept := _protected().match(text, position):
        return kept[0], kept.end()
    for pattern, write in _RULES:
        match = pattern.match(text, position)
        if match and (replacement := write(match)) is not None:
            return replacement, match.end()
    return text[position], position + 1


@lru_cache(maxsize=1)
def _protected() -> re.Pattern[str]:
    """Idioms, names and words that hold numerals, longest first."""
    listed = resources.files("streamer.text").joinpath("numeral_words.txt").read_text(encoding="utf-8")
    words = [line for line in listed.splitlines() if line and not line.startswith("#")]
    return re.compile("|".join(sorted(words, key=len, reverse=True)))


def _number(run: str) -> str | None:
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


def _year(match: re.Match[str]) -> str | None:
    digits = spelled(match[1])
    if digits is None or (len(digits) == 2 and int(digits[1]) == int(digits[0]) + 1):
        return None
    return f"{digits}年"


def _month(match: re.Match[str]) -> str | None:
    month, day = cardinal(match[1]), match[2]
    if month is None or month > 12:
        return None
    if not day:
        return f"{month}月"
    value = cardinal(day[:-1])
    return f"{month}月{value}{day[-1]}" if value is not None and value <= 31 else None


def _day(match: re.Match[str]) -> str | None:
    value = cardinal(match[1])
    if value is None or (match[2] == "日" and not 10 <= value <= 31):
        return None
    return f"{value}{match[2]}"


def _clock(match: re.Match[str]) -> str | None:
    hour = 0 if match["hour"] == "零" else cardinal(match["hour"])
    if hour is None or hour > 24:
        return None
    if match["half"]:
        return f"{hour}:30"
    if match["quarter"]:
        return f"{hour}:{'15' if match['quarter'] == '一' else '45'}"
    run = match["minute"]
    minute = cardinal(run.lstrip("零〇")) if run else None
    # Digits read one by one after 点 are decimals; minutes have their 十, their 零 or their 分.
    if minute is None or minute > 59 or not (match["fen"] or "十" in run or run[0] in "零〇"):
        return None
    second = cardinal(match["second"]) if match["second"] else None
    return f"{hour}:{minute:02d}" + (f":{second:02d}" if second is not None else "")


def _hour(match: re.Match[str]) -> str | None:
    hour = cardinal(match[1])
    return f"{hour}点" if hour is not None and hour <= 24 else None


def _late_hour(match: re.Match[str]) -> str | None:
    hour = cardinal(match[1])
    return f"{hour}点" if hour is not None and 10 <= hour <= 24 else None


def _percent(match: re.Match[str]) -> str | None:
    sign = "%" if match[1] == "百" else "‰"
    first = "100" if match[2] == "百" else _number(match[2])
    if first is None:
        return None
    if not match[3]:
        return first + sign
    second = _number(match[4])
    return None if second is None else f"{first}{sign}{match[3]}{second}{sign}"


def _fraction(match: re.Match[str]) -> str | None:
    below, above = cardinal(match[1]), cardinal(match[2])
    return None if below is None or above is None else f"{above}/{below}"


def _score(match: re.Match[str]) -> str | None:
    sides = [0 if run in ("零", "〇") else cardinal(run) for run in match.groups()]
    return None if None in sides else f"{sides[0]}:{sides[1]}"


def _range(match: re.Match[str]) -> str | None:
    low, high = cardinal(match[1]), cardinal(match[3])
    if low is None or high is None or (high < 10 and not match[4]):
        return None
    return f"{written(low)}{match[2]}{written(high)}{match[4] or ''}"


def _ordinal(match: re.Match[str]) -> str | None:
    value = cardinal(match[1])
    return match[0] if value is None or value < 10 else f"第{value}"


def _counted(match: re.Match[str]) -> str | None:
    number = _number(match[1])
    return None if number is None else number + match[2]


def _with_tail(match: re.Match[str]) -> str | None:
    value, tail = cardinal(match[1]), spelled(match[3])
    return None if value is None or tail is None else f"{value}{match[2]}{tail}{match[4] or ''}"


def _negative(match: re.Match[str]) -> str | None:
    number = _number(match[1])
    return None if number is None else f"-{number}"


def _code(match: re.Match[str]) -> str | None:
    digits = spelled(match[1])
    if digits is None:
        return None
    counting = all(int(b) == int(a) + 1 for a, b in pairwise(digits))
    return None if counting and "幺" not in match[1] and len(digits) < 7 else digits


def _coded(match: re.Match[str]) -> str | None:
    digits = spelled(match[2])
    return None if digits is None else match[1] + digits


def _plain(match: re.Match[str]) -> str | None:
    value = cardinal(match[0])
    return None if value is None or value < 10 else written(value)


def _letter_digit(match: re.Match[str]) -> str | None:
    return str(DIGITS[match[0]])


def _rule(pattern: str, write: Callable[[re.Match[str]], str | None]) -> Rule:
    return re.compile(pattern), write


_RULES: tuple[Rule, ...] = (
    _rule(f"([百千])分之(百|{_C}+(?:点{_D}+)?)(?:([到至])(?:[百千]分之)?({_C}+)(?![月年日号点个天]))?", _percent),
    _rule(f"([百千])分之(百|{_C}+(?:点{_D}+)?)()()", _percent),
    _rule(f"{_FREE}({_C}+)分之({_C}+)", _fraction),
    _rule(f"{_FREE}({_D}{{4}}|[零〇七八九]{_D})年(?!级)", _year),
    _rule(
        f"{_FREE}(十[一二]?|[一二三四五六七八九])月((?:三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])[日号])?",
        _month,
    ),
    _rule(f"{_FREE}({_C}{{1,3}})([日号])", _day),
    _rule(
        f"{_FREE}(?P<hour>{_C}{{1,3}})点(?:(?P<half>半)|(?P<quarter>[一三])刻|过?(?P<minute>[零〇一二三四五六七八九十]"
        f"{{1,3}})(?P<fen>分)?(?:(?P<second>{_C}{{1,3}})秒)?)",
        _clock,
    ),
    _rule(f"{_FREE}({_C}+点{_D}+)(?<!一)({_PHYSICAL}|倍|度|)", _counted),
    _rule(f"{_FREE}({_C}+点{_D}*一)(?!{_WORD_AFTER_ONE})({_PHYSICAL}|倍|度|)", _counted),
    _rule(f"(?<={_DAY_PART})({_C}{{1,3}})点", _hour),
    _rule(f"(?<=点[到至])({_C}{{1,3}})点", _hour),
    _rule(f"{_FREE}({_C}{{1,3}})点(?={_AROUND}|[到至]{_C}+点)", _hour),
    _rule(f"{_FREE}(十[一二三四五六七八九]?|二十[一二三四]?)点", _late_hour),
    _rule(f"第({_C}+)", _ordinal),
    _rule(f"{_FREE}({_C}+)([到至])({_C}+)({_PHYSICAL})?(?![月年日号点])", _range),
    _rule(f"{_FREE}({_C}+)比({_C}+)", _score),
    _rule(f"{_FREE}({_C}+)(块)([一二三四五六七八九])(毛)?(?![个十百千万亿两三四五六七八九])", _with_tail),
    _rule(f"{_FREE}({_C}+)(米)({_D}{{1,2}})(?![个十百千万亿])()", _with_tail),
    _rule(f"{_FREE}([一二两三四五六七八九])(千[瓦克米])", _counted),
    _rule(f"{_FREE}([二两三四五六七八九])(块钱|块(?=$|[，。？！、])|度(?!假))", _counted),
    _rule(f"{_FREE}({_C}+)({_PHYSICAL})", _counted),
    _rule(f"负({_C}+(?:点{_D}+)?)", _negative),
    _rule(f"({_CODE_BEFORE})({_D}{{2,}})(?!{_C})", _coded),
    _rule(f"{_FREE}((?:{_D}|幺)*幺(?:{_D}|幺)+)", _code),
    _rule(f"{_FREE}({_D}{{2,3}}[零〇]{_D}*|{_D}[零〇]{_D}|[零〇]{_D}{{2,}}|{_D}{{5,}}|{_D}{{3}})(?!{_C})", _code),
    _rule(f"{_FREE}{_C}{{2,}}(?![几来])", _plain),
    _rule(f"{_FREE}十(?={_MEASURES})", _plain),
    _rule("[一二三四五六七八九](?=[A-Z])", _letter_digit),
    _rule("(?<=[A-Z])[二三四五六七八九](?![个位种])", _letter_digit),
)
