"""Inverse text normalisation: numbers as people write them, in text as people speak it.

二零二六年十一月二十号下午三点半 → 2026年11月20号下午3:30. Idioms and names keep their characters (一心一意, 三国),
and so do approximations (三四百), single digits before general measures (三个) and ordinals below ten (第二): what
GB/T 15835-2011 leaves to the writer stays as it was said.

Libraries were tried first: wetext 0.1.8 writes dates as 2026/11/20 and 十分重要 as 10分重要, needs 45 MB and 0.7 s to
load; cn2an converts numbers but knows no context.
"""

from __future__ import annotations

import re
from itertools import pairwise

from streamer.text.dates import DATE_RULES, HOUR_RULES
from streamer.text.listed import listed_pattern
from streamer.text.numerals import DIGITS, cardinal, spelled, written
from streamer.text.rules import COUNTED as _COUNTED
from streamer.text.rules import DIGIT as _D
from streamer.text.rules import FREE as _FREE
from streamer.text.rules import NUMERAL as _C
from streamer.text.rules import PHYSICAL as _PHYSICAL
from streamer.text.rules import Rule, as_said, rule

_MEASURES = (
    _PHYSICAL + "|个|位|名|人|家|倍|层|次|天|年|周|台|辆|项|条|本|张|件|块|多|页|款|种|户|座|只|头|届|期|楼|米|毛"
)
_WORD_AFTER_ONE = "(?:[定些样起直般下方旦边次种位向律致]|个(?!百分点|亿|点))"
_NO_DECIMAL = "百(?!分之)|千(?![克米瓦])|月|号|届"
"""What follows no decimals: 慢一点一百块 is slower and a hundred."""
_OCTET = "[零〇一幺二三四五六七八九十百]{1,6}"
_JUDGED = "评分|得分|打分|均分|分数|打了|得了|考了|扣了|加了|分是|分为|数是|数为"
"""Before points that somebody is given, which would be minutes elsewhere."""
_CODE_BEFORE = (
    "(?:尾号|房间|航班|电话|号码|编号|密码|验证码|代码|车牌|会议室|型号|分机|手机|工号|学号|单号|卡号|账号|邮编)"
    "(?:号|是|为|号是)?"
)


_FIRST_NUMERAL = re.compile("[零〇一二两三四五六七八九十百千万亿幺]")
_LEAD = 8
"""Characters in front of its first numeral that what a rule or the list of words matches has at most: further from the
next numeral nothing is tried, which most text is."""


def normalise(spoken: str) -> str:
    """Written form of spoken text, punctuated or not. Pure; text without numerals comes back unchanged."""
    out: list[str] = []
    position, last = 0, ""
    while numeral := _FIRST_NUMERAL.search(spoken, position):
        near = max(position, numeral.start() - _LEAD)
        written, end = _at(spoken, near)
        is_number = written != spoken[near:end]
        # Two numbers that nothing separates would be one: 三点半三零五会议室.
        is_one = is_number and near == position and last.isdecimal() and written[0].isdecimal()
        out.append(f"{spoken[position:near]}{' ' if is_one else ''}{written}")
        position, last = end, written[-1] if is_number else ""
    return "".join((*out, spoken[position:]))


def _at(text: str, position: int) -> tuple[str, int]:
    if kept := listed_pattern().match(text, position):
        return kept[0], kept.end()
    for pattern, write in _RULES:
        match = pattern.match(text, position)
        if match and (replacement := write(match)) is not None:
            return replacement, match.end()
    return text[position], position + 1


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


def _percent(match: re.Match[str]) -> str | None:
    sign, minus = "%" if match[2] == "百" else "‰", "-" if match[1] else ""
    first = "100" if match[3] == "百" else _number(match[3])
    if first is None:
        return None
    if not match[4]:
        return minus + first + sign
    second = _number(match[5])
    return None if second is None else f"{minus}{first}{sign}{match[4]}{second}{sign}"


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
    if low < 10 and re.fullmatch(".[百千]", match[3]):
        return match[0]  # 三到五百 is 300 to 500, which 3到500 would not be
    return f"{written(low)}{match[2]}{written(high)}{match[4] or ''}"


def _ordinal(match: re.Match[str]) -> str | None:
    value = cardinal(match[1])
    return match[0] if value is None or value < 10 else f"第{value}"


def _counted(match: re.Match[str]) -> str | None:
    number = _number(match[1])
    return None if number is None else number + match[2]


def _with_tail(match: re.Match[str]) -> str | None:
    value, tails = cardinal(match[1]), [spelled(tail) for tail in match[3].split("毛")]
    return None if value is None or None in tails else f"{value}{match[2]}{'毛'.join(map(str, tails))}{match[4] or ''}"


def _negative(match: re.Match[str]) -> str | None:
    number = _number(match[1])
    return None if number is None else f"-{number}"


def _both(match: re.Match[str]) -> str | None:
    """Two cardinals with a word between them, and one after it: 十减三等于七, 一斤二两."""
    numbers = [(match[group], cardinal(match[group] or "")) for group in (1, 3, 5)]
    if any(run and value is None for run, value in numbers):
        return None
    first, second, third = ("" if value is None else str(value) for _, value in numbers)
    return f"{first}{match[2]}{second}{match[4]}{third}"


def _minutes(match: re.Match[str]) -> str | None:
    """一分三十秒, and of races 两分零六秒九一."""
    minutes, seconds = cardinal(match[1]), cardinal(match[2])
    return None if minutes is None or seconds is None else f"{minutes}分{seconds}秒{spelled(match[3] or '') or ''}"


def _minutes_after_hours(match: re.Match[str]) -> str | None:
    minutes = cardinal(match[2])
    return None if minutes is None else f"{match[1]}{minutes}{match[3]}"


def _version(match: re.Match[str]) -> str | None:
    parts = [str(cardinal(run)) if re.search("[十百]", run) else spelled(run) or "" for run in match.groups()]
    # Two versions without a pause, 一点零二点零, have a part that begins with a zero.
    return ".".join(parts) if all(str(int(part)) == part for part in parts if part.isdigit()) else None


def _address(match: re.Match[str]) -> str | None:
    """Four parts are an address where one of them is no single digit; else they may be points or hours."""
    is_address = any(len(run) > 1 or run in "零〇幺十" for run in match.groups())
    return _version(match) if is_address else None


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


_RULES: tuple[Rule, ...] = (
    rule(f"[百千]分之{_C}*点?几", as_said),
    rule(
        f"((?<!正)负|)([百千])分之(百|{_C}+(?:点{_D}+)?)(?:([到至])(?:[百千]分之)?({_C}+(?:点{_D}+)?)(?![月年日号点个天]))",
        _percent,
    ),
    rule(f"((?<!正)负|)([百千])分之(百|{_C}+(?:点{_D}+)?)()()", _percent),
    rule(f"{_FREE}({_C}+)分之({_C}+)", _fraction),
    rule(f"{_FREE}({_OCTET})点({_OCTET})点({_OCTET})点({_OCTET})(?!点|{_C})", _address),
    rule(f"{_FREE}({_D}|十{_D}?)点({_D}{{1,2}})点({_D}{{1,2}})(?!点|{_C})", _version),
    rule(f"{_FREE}(?:{_C}+点){{2,}}{_C}+", as_said),
    rule(f"(?<=最后|补充|强调|还有)一点{_C}+(?={_COUNTED})", as_said),
    rule(f"(?<=中铁|中交|中建|水电){_C}+局", as_said),
    rule(f"{_C}+届{_C}中全会", as_said),
    rule(f"{_FREE}({_C}+)(乘以?|除以)({_C}+)()()", _both),
    rule(f"{_FREE}({_C}+)([加减])({_C}+)(等于)({_C}+)", _both),
    rule(f"{_FREE}({_C}+)(的负?)({_C}+)(次方)()", _both),
    rule(f"{_FREE}({_C}+)分零?({_C}+)秒({_D}{{2}})?(?!{_C})", _minutes),
    rule(f"{_FREE}(?:{_C}+十|{_C}+[百千万亿])(?=一[共定直旦致概])", _plain),
    rule(f"{_FREE}{_C}+[百千万亿](?=一[个年月天次平家台套张晚位份件吨斤辆株瓶盒亩起样般些边面向半])", _plain),
    rule(f"{_FREE}{_C}+[百千][二三四五六七八九](?=个(?!百分点|亿|点)|[人位名天年次家台只条件岁月号])", as_said),
    rule(f"(?<=小时)(零?)({_C}+)(分)", _minutes_after_hours),
    rule(f"{_FREE}({_C}+)(斤)({_D})(两)()", _both),
    rule(f"(?<={_JUDGED})({_C}+点{_D}+)(分)", _counted),
    *DATE_RULES,
    rule(
        f"{_FREE}({_C}+点{_D}+)(?<!一)(?!{_NO_DECIMAL}|[零〇二三四五六七八九十]|一(?!{_WORD_AFTER_ONE}))({_PHYSICAL}|倍|度|)",
        _counted,
    ),
    rule(f"{_FREE}({_C}+点{_D}*一)(?!{_NO_DECIMAL}|十|{_WORD_AFTER_ONE})({_PHYSICAL}|倍|度|)", _counted),
    *HOUR_RULES,
    rule(f"第({_C}+)", _ordinal),
    rule(f"{_FREE}({_C}+)([到至])({_C}+)(?!{_C})({_PHYSICAL}|度)?(?![月年日号点])", _range),
    rule(f"{_FREE}({_C}+)比({_C}+)", _score),
    rule(f"{_FREE}({_C}+)(块)({_D}毛{_D})(分)?(?!{_C})", _with_tail),
    rule(f"{_FREE}({_C}+)(块)([一二三四五六七八九])(毛)?(?![个十百千万亿两三四五六七八九])", _with_tail),
    rule(f"{_FREE}({_C}+)([米度])({_D}{{1,2}})(?![个十百千万亿])()", _with_tail),
    rule(f"{_FREE}([一二两三四五六七八九])(千[瓦克米])", _counted),
    rule(
        f"{_FREE}(?!二度)([二两三四五六七八九])"
        "(块钱|(?<![这那哪分成有为].)块(?=$|[，。？！、])|度(?![假合蝉获当夺入提登出为与被参访执荣问担让使]))",
        _counted,
    ),
    rule(f"{_FREE}({_C}+)({_PHYSICAL})", _counted),
    rule(f"(?<!正)负({_C}+(?:点{_D}+)?)", _negative),
    rule(f"({_CODE_BEFORE})((?:{_D}|幺){{2,}})(?!{_C})", _coded),
    rule(f"(?<=[A-Z])()((?:{_D}|幺){{2,}})(?!{_C})", _coded),
    rule(f"{_FREE}((?:{_D}|幺)*幺(?:{_D}|幺)+|(?:{_D}|幺){{2,}}幺)", _code),
    rule(f"{_FREE}({_D}{{2,3}}[零〇]{_D}*|{_D}[零〇]{_D}|[零〇]{_D}{{2,}}|{_D}{{5,}}|{_D}{{3}})(?!{_C})", _code),
    rule(f"{_FREE}{_C}{{2,}}(?!零?[几来])", _plain),
    rule(f"{_FREE}十(?={_MEASURES}|度(?![过假])|[A-Z])", _plain),
    rule(f"{_FREE}({_D}{{2}})(?=[A-Z])", _code),
    rule(f"{_FREE}[一二三四五六七八九](?=[A-Z])", _letter_digit),
    rule(f"(?<=[A-Z])[二三四五六七八九](?!{_C}|[个位种])", _letter_digit),
    rule(f"(?<=(?<![A-Z])[QPVH])[零一](?!{_C}|{_WORD_AFTER_ONE})", _letter_digit),
)
