"""Rules of inverse text normalisation for dates and times: 二零二六年五月二十号三点半 → 2026年5月20号3:30."""

from __future__ import annotations

import re
from typing import Final

from streamer.text.forms import coded
from streamer.text.numerals import cardinal, spelled
from streamer.text.rules import DIGIT as _D
from streamer.text.rules import FREE as _FREE
from streamer.text.rules import NUMERAL as _C
from streamer.text.rules import PHYSICAL as _PHYSICAL
from streamer.text.rules import Rule, as_said, rule

_DAY_PART = "凌晨|清晨|早晨|早上|今早|明早|上午|中午|下午|傍晚|晚上|今晚|明晚|夜里|半夜|深夜"
_AROUND = "之前|以前|之后|以后|左右|准时|开始|开会|见面|集合|出发|到达|钟|整"
_COUNTED_POINTS = "建议|意见|要求|原因|理由|想法|内容|体会|注意|说明|措施|结论|共识|问题|好处|优势|不足|思考|启示|经验"
_UNITS = f"{_PHYSICAL}|万|亿|倍|块|个|度(?![过假])|(?<![百千])分之|分贝"
"""What comes after 点 and has one of these is no minute: 一点四十度 may be 1.40 degrees, or forty at one o'clock."""
_NO_UNIT = f"(?!{_C}+(?:{_UNITS}|楼|层|号))"
_TIME = (
    f"(?P<hour>{_C}{{1,3}})点(?:(?P<half>半)|(?P<quarter>[一三])刻|过?{_NO_UNIT}(?P<minute>[零〇一二三四五六七八九十]"
    f"{{1,3}})(?![二三四五六七八九百千万亿点]|[一十]点)(?P<fen>分)?(?:(?P<second>{_C}{{1,3}})秒)?)"
)
_CLOCK: Final = re.compile(_TIME)
_HOUR: Final = re.compile(f"({_C}{{1,3}})点")


def _year(match: re.Match[str]) -> str | None:
    digits = spelled(match[1])
    if digits is None or (len(digits) == 2 and digits[0] != "0" and int(digits[1]) == int(digits[0]) + 1):
        return None
    return f"{digits}年"


def _certain_year(match: re.Match[str]) -> str:
    return f"{spelled(match[1])}年"


def _decade(match: re.Match[str]) -> str:
    return f"{spelled(match[1])}后"


def _spelled(match: re.Match[str]) -> str | None:
    return spelled(match[1])


def _years(match: re.Match[str]) -> str | None:
    return f"{spelled(match[1])}{match[2]}{spelled(match[3])}{match[4]}"


def _month(match: re.Match[str]) -> str:
    month, day = cardinal(match[1]), match[2]  # both are numbers, as the rule has them
    return f"{month}月{cardinal(day[:-1])}{day[-1]}" if day else f"{month}月"


def _day(match: re.Match[str]) -> str | None:
    value = cardinal(match[1])
    return None if value is None or (match[2] == "日" and value < 10) else f"{value}{match[2]}"


def _days(match: re.Match[str]) -> str | None:
    """三到五号; 三到五日 stays, as 三日 does."""
    first, last = cardinal(match[1]), cardinal(match[3])
    if first is None or last is None or (match[4] == "日" and last < 10):
        return None
    return f"{first}{match[2]}{last}{match[4]}"


def _months(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}{match[2]}{cardinal(match[3])}月"


def _last_day(match: re.Match[str]) -> str | None:
    value = cardinal(match[1])
    return None if value is None else f"{value}日"


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
    if hour == 0 and run[0] in "零〇" and not match["fen"]:
        return None  # 零点零一 is 0.01
    second = cardinal(match["second"]) if match["second"] else None
    return f"{hour}:{minute:02d}" + (f":{second:02d}" if second is not None else "")


def _hour(match: re.Match[str]) -> str | None:
    hour = 0 if match[1] == "零" else cardinal(match[1])
    return f"{hour}点" if hour is not None and hour <= 24 else None


def _formal_hour(match: re.Match[str]) -> str | None:
    """九时, 九时零八分: as the time of a meeting is announced."""
    hour, minute = cardinal(match[1]), cardinal((match[2] or "").lstrip("零"))
    if hour is None or hour > 24 or (match[2] and (minute is None or minute > 59)):
        return None
    return f"{hour}时" + ("" if minute is None else f"{minute:02d}分")


def _hour_and_code(match: re.Match[str]) -> str | None:
    """下午三点三零二会议室 is room 302 at three."""
    hour = cardinal(match[1])
    return f"{hour}点{spelled(match[2])}" if hour is not None and hour <= 24 else None


def _late_hour(match: re.Match[str]) -> str:
    return f"{cardinal(match[1])}点"  # ten to twenty-four, as the rule has it


def _time(said: str) -> str | None:
    clock = _CLOCK.fullmatch(said)
    hour = _HOUR.fullmatch(said)
    return _clock(clock) if clock else _hour(hour) if hour else None


def _weekday(match: re.Match[str]) -> str | None:
    """周三十点 is Wednesday at ten: the day's numeral is no part of the hour, nor of 周三三四点."""
    return match[1] + (_time(match[2]) or match[2])


def _weekday_day(match: re.Match[str]) -> str:
    """周五十五号 is Friday the 15th."""
    return f"{match[1]}{cardinal(match[2])}号"  # of one to 31, as the rule has it


def _hours(match: re.Match[str]) -> str | None:
    """Two times with 到 between them, of which the first may leave out its 点: 九到十一点, 两点半到五点."""
    first, last = (_time(said if "点" in said else f"{said}点") for said in (match["from"], match["until"]))
    if first is None or last is None:
        return None
    return f"{first if '点' in match['from'] else first[:-1]}{match['to']}{last}"


_SAID_TIME = f"{_C}{{1,3}}点(?:半|[一三]刻|[零〇一二三四五六七八九十]{{1,3}}分?)"
_UNTIL = f"(?P<to>[到至])(?P<until>{_C}{{1,3}}点(?:半|[一三]刻)?)(?!{_C}|半|[一三]刻|{_COUNTED_POINTS})"
_MONTH = "十[一二]?|[一二三四五六七八九]"
_LATE = "(?:十[一二三四五六七八九]?|二十[一二三四]?)"
_CODE = f"({_D}{{1,2}}[零〇]{_D})(?!{_C})"
_WEEKDAY = f"((?:星期|礼拜|(?<!{_C})周)[一二三四五六])"

DATE_RULES: Final[tuple[Rule, ...]] = (
    rule(
        f"{_WEEKDAY}({_C}{{1,3}}点(?:半|[一三]刻|过?{_NO_UNIT}[零〇一二三四五六七八九十]{{1,3}}分?)?)"
        f"(?!{_COUNTED_POINTS})",
        _weekday,
    ),
    rule("(?<=[上下本这])周(?:二十[一二三四五六七八九]?|三十一?)号", as_said),  # the 28th, or Tuesday the 18th
    rule(f"{_WEEKDAY}(三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])号", _weekday_day),
    rule(f"{_WEEKDAY}{_CODE}", coded),
    rule(f"{_FREE}(?:{_MONTH})月初[一二三四五六七八九十]", as_said),
    rule(f"(?:[正腊冬]|(?:农历|阴历)(?:{_MONTH}))月初?{_C}+", as_said),
    rule(f"{_FREE}({_D}{{4}})(?=[财学]年)", _spelled),
    rule(f"{_FREE}({_D}{{4}})([到至])({_D}{{4}})(年?)(?!{_C})", _years),
    rule(f"{_FREE}({_D}{{2}})([到至])({_D}{{2}})(年)(?![级来多])", _years),
    rule(f"{_FREE}({_D}{{4}}|[零〇七八九]{_D})年(?!级)", _year),
    rule(f"{_FREE}({_D}{{2}})年(?=(?:{_MONTH})月|第?[一二三四]季度|[上下]半年|Q[一二三四])", _certain_year),
    rule(f"{_FREE}({_D}{{2}})年(?=[底初]|{_C}{{1,2}}月)", _year),
    rule(f"{_FREE}([五六七八九零〇][零〇五])后(?![天来面续])", _decade),
    rule(f"{_FREE}([一二][零〇一二三四五六七八九])年(?![级来多])", _year),
    rule(
        f"{_FREE}({_MONTH})月((?:三十一?|二?十[一二三四五六七八九]?|[一二三四五六七八九])[日号])?",
        _month,
    ),
    rule(f"{_FREE}({_MONTH})([到至])({_MONTH})月", _months),
    rule(f"{_FREE}({_C}{{1,3}})([到至])({_C}{{1,3}})([日号])", _days),
    rule(f"{_FREE}({_C}{{1,3}})([日号])", _day),
    rule(f"(?<=[日号][到至])({_C}{{1,3}})(日)", _last_day),
    rule(f"{_FREE}(?:{_C}{{1,3}}点){{2,}}(?!{_C})", as_said),
    rule(f"(?<={_DAY_PART})(?P<from>{_C}{{1,3}}){_UNTIL}", _hours),
    rule(f"{_FREE}(?P<from>{_C}{{1,3}})(?=[到至](?:十|二十)){_UNTIL}", _hours),
    rule(f"{_FREE}(?P<from>{_SAID_TIME}){_UNTIL}", _hours),
    rule(_FREE + _TIME, _clock),
    rule(f"(?<={_DAY_PART})({_C}{{1,3}})点{_CODE}(?!{_PHYSICAL}|倍|度)", _hour_and_code),
    rule(f"{_FREE}({_C}{{1,3}})点{_CODE}(?=会议室|房间|教室|办公室)", _hour_and_code),
    rule(f"(?<={_DAY_PART})({_C}{{1,3}})点(?={_D})(?!{_C}+(?:{_PHYSICAL}|万|亿|块|倍|度))", _hour),
)
"""Before all that could take a date's parts for numbers."""

HOUR_RULES: Final[tuple[Rule, ...]] = (
    rule(f"{_FREE}{_C}+点{_C}+(?={_UNITS})", as_said),
    rule(f"{_FREE}{_C}+点(?={_COUNTED_POINTS})", as_said),
    rule(f"(?<={_DAY_PART})九十点|九十点(?=钟)", as_said),
    rule(f"(?<={_DAY_PART})({_C}{{1,3}})点", _hour),
    rule(f"(?<={_DAY_PART})({_C}{{1,3}})时(?![兴候间段])(?:({_C}{{1,3}})分)?", _formal_hour),
    rule(f"(?<=点[到至])({_C}{{1,3}})点", _hour),
    rule(f"{_FREE}({_C}{{1,3}})点(?={_AROUND}|[到至]{_C}+点|(?:或者?|还是|和){_LATE}点)", _hour),
    rule(f"{_FREE}({_LATE})点", _late_hour),
)
"""After decimals, which have 点 as well."""
