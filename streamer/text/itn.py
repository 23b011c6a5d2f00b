"""Inverse text normalisation: numbers as people write them, in text as people speak it.

二零二六年十一月二十号下午三点半 → 2026年11月20号下午3:30. Idioms and names keep their characters (一心一意, 三国),
and so do approximations (三四百), single digits before general measures (三个) and ordinals below ten (第二): what
GB/T 15835-2011 leaves to the writer stays as it was said.

Libraries were tried first: wetext 0.1.8 writes dates as 2026/11/20 and 十分重要 as 10分重要, needs 45 MB and 0.7 s to
load; cn2an converts numbers but knows no context.
"""

from __future__ import annotations

import re

from streamer.text import forms
from streamer.text.dates import DATE_RULES, HOUR_RULES
from streamer.text.listed import listed_pattern
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
_NOT_LOST = "(?<![正肩身担背抱自辜欺胜先平惜告亏])(?<![胜平].)"
"""Before a 负 that may be a minus: 肩负三大任务 has none, nor has 胜三负二."""
_DEGREES = (
    "(?:(?<=[下上氏温升降低高到至约近差达过调转偏斜用省耗涨多少天夜晚].)度(?![假合蝉获当夺入提登出为与被参访执荣问担让使])"
    "|度(?=$|[，。？！、]|电|左右|以[上下内]|[的多到至角水半吧吗呢了啊]|温差))"
)
"""Degrees behind a single digit, where 两度 may also mean twice: 曾两度辞职."""
_TWICE = "(?<!零[上下])(?<!最[高低])(?<!气温)二度"
"""What is no temperature, but twice: 二度获奖."""
_JUDGED = "评分|得分|打分|均分|分数|打了|得了|考了|扣了|加了|分是|分为|数是|数为"
"""Before points that somebody is given, which would be minutes elsewhere."""
_NO_DAY = "(?<!星期)(?<!礼拜)(?<!周)"
"""Before a code of which the first digit would be a weekday's: 周三三四个人 are three or four."""
_CODE_BEFORE = (
    "(?:尾号|房间|航班|电话|号码|编号|密码|验证码|代码|车牌|会议室|型号|分机|手机|工号|学号|单号|卡号|账号|邮编|热线|端口|"
    "后[三四六八]位)(?:号|是|为|号是)?"
)
_FEW = "[二三四五六七八九]{2}[间个条次台部张位名家趟通]"
"""Behind what may have a code, too, three or four of them: 会议室三四间."""
_VERSION = "(?:(?<=版本)|(?<=版本[号是])|(?<=版本号是)|(?<=(?<![A-Z])V))"
_TIME_GOES_ON = f"{_C}|[分刻半钟]|左右|准时|上线|发布|开始"
"""What makes a time, or what may be one, of a version: 新版本三点十五上线."""
_RATIO_ENDS = f"(?!{_C}|[点分刻度倍多少大小高低好早晚])"
"""Behind a ratio; of two numbers of which one is the larger there is none."""


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


_RULES: tuple[Rule, ...] = (
    rule(f"[百千]分之{_C}*点?几", as_said),
    rule(
        f"((?<!正)负|)([百千])分之(百|{_C}+(?:点{_D}+)?)(?:([到至])(?:[百千]分之)?({_C}+(?:点{_D}+)?)(?![月年日号点个天]))",
        forms.percent,
    ),
    rule(f"((?<!正)负|)([百千])分之(百|{_C}+(?:点{_D}+)?)()()", forms.percent),
    rule(f"百分之负({_C}+(?:点{_D}+)?)", forms.negative_percent),
    rule(f"{_FREE}({_C}+)分之({_C}+)", forms.fraction),
    rule(f"{_FREE}({_OCTET})点({_OCTET})点({_OCTET})点({_OCTET})(?!点|{_C})", forms.address),
    rule(f"{_FREE}({_D}|十{_D}?)点({_D}{{1,2}})点({_D}{{1,2}})(?!点|{_C})", forms.version),
    rule(f"{_VERSION}({_C}{{1,3}})点({_C}{{1,3}})(?:点({_C}{{1,3}}))?(?!点|{_TIME_GOES_ON})", forms.version),
    rule(f"{_VERSION}({_C}+点{_D}+)(?!点|{_TIME_GOES_ON})()", forms.counted),
    rule(f"{_FREE}(?:{_C}+点){{2,}}{_C}+", as_said),
    rule(f"{_FREE}({_C}+点{_D}+)比({_C}+){_RATIO_ENDS}", forms.ratio),
    rule(f"{_FREE}({_C}+)比({_C}+点{_D}+){_RATIO_ENDS}", forms.ratio),
    rule(f"{_FREE}十([天个次块年件斤家条台张里米页句遍])八\\1", as_said),
    rule(f"(?<=最后|补充|强调|还有)一点{_C}+(?={_COUNTED})", as_said),
    rule(f"(?<=中铁|中交|中建|水电){_C}+局", as_said),
    rule(f"{_C}+届{_C}中全会", as_said),
    rule(f"{_FREE}{_C}+(?:升{_C}+降|降{_C}+升)", as_said),
    rule(f"{_FREE}二元(?!钱|硬币|纸币|人民币|店|{_C}|$|[，。？！、])", as_said),
    rule(f"(?<=[每这那哪某同另])一(?=(?:{_PHYSICAL}|千[瓦克米])(?!{_D}))", as_said),
    rule(f"{_FREE}({_C}+)([加减]|乘以?|除以)({_C}+)(等于)({_C}+)", forms.both),
    rule(f"{_FREE}({_C}+)(乘以?|除以)({_C}+)()()", forms.both),
    rule(f"{_FREE}({_C}+)(的负?)({_C}+)(次方)()", forms.both),
    rule(f"{_FREE}({_C}+)分零?({_C}+)秒({_D}{{2}})?(?!{_C})", forms.race_time),
    rule(f"{_FREE}(?:{_C}+十|{_C}+[百千万亿])(?=一[共定直旦致概])", forms.plain),
    rule(f"{_FREE}{_C}+[百千万亿](?=一[个年月天次平家台套张晚位份件吨斤辆株瓶盒亩起样般些边面向半])", forms.plain),
    rule(f"{_FREE}{_C}+[百千][二三四五六七八九](?=个(?!百分点|亿|点)|[人位名天年次家台只条件岁月号])", as_said),
    rule(f"(?<=小时)(零?)({_C}+)(分)", forms.minutes_after_hours),
    rule(f"{_FREE}({_C}+)(斤)({_D})(两)()", forms.both),
    rule(f"(?<={_JUDGED})({_C}+点{_D}+)(分)", forms.counted),
    rule(f"{_FREE}({_C}+点{_D}+)(分)(?=的?(?:评分|得分|均分|高分|好评))", forms.counted),
    *DATE_RULES,
    rule(
        f"{_FREE}({_C}+点{_D}+)(?<!一)(?!{_NO_DECIMAL}|[零〇二三四五六七八九十]|一(?!{_WORD_AFTER_ONE}))({_PHYSICAL}|倍|度|)",
        forms.counted,
    ),
    rule(f"{_FREE}({_C}+点{_D}*一)(?!{_NO_DECIMAL}|十|{_WORD_AFTER_ONE})({_PHYSICAL}|倍|度|)", forms.counted),
    *HOUR_RULES,
    rule(f"第({_C}+)", forms.ordinal),
    rule(f"{_FREE}({_C}+)([到至])({_C}+)(?!{_C})({_PHYSICAL}|度)?(?![月日号点]|年代)", forms.span),
    rule(f"{_FREE}([一二两三四五六七八九])([天个人位年岁周])([到至])({_C}{{2,}})(?=\\2)", forms.reaching),
    rule(f"{_FREE}({_C}+)比({_C}+)", forms.score),
    rule(f"{_FREE}({_C}+)(块零|元)({_D})([毛角])()", forms.both),
    rule(f"{_FREE}({_C}+)(块)({_D}毛{_D})(分)?(?!{_C})", forms.with_tail),
    rule(f"{_FREE}({_C}+)(块)([一二三四五六七八九])(毛)?(?![个十百千万亿两三四五六七八九])", forms.with_tail),
    rule(f"{_FREE}({_C}+)([米度])({_D}{{1,2}})(?![个十百千万亿])()", forms.with_tail),
    rule(f"{_FREE}([一二两三四五六七八九])(千[瓦克米])", forms.counted),
    rule(f"{_FREE}({_C}+)(千[瓦伏克米赫])", forms.thousands),
    rule(
        f"{_FREE}(?!{_TWICE})([二两三四五六七八九])(块钱|(?<![这那哪分成有为].)块(?=$|[，。？！、])|{_DEGREES})",
        forms.counted,
    ),
    rule(f"{_FREE}({_C}+)({_PHYSICAL})", forms.counted),
    rule(f"{_NOT_LOST}负({_C}+(?:点{_D}+)?)(?!大|项|[局场盘])", forms.negative),
    rule(f"({_CODE_BEFORE})(?!{_FEW})((?:{_D}|幺){{2,}})(?!{_C})", forms.coded),
    rule(f"{_FREE}()((?:{_D}|幺){{4,}})(?=热线|客服)", forms.coded),
    rule(f"(?<=[A-Z])()((?:{_D}|幺){{2,}})(?!{_C})", forms.coded),
    rule(f"{_FREE}((?:{_D}|幺)*幺(?:{_D}|幺)+|(?:{_D}|幺){{2,}}幺)", forms.code),
    rule(f"{_FREE}({_D}[零〇]{_D}|{_NO_DAY}{_D}[零〇]{_D}{{2}}|[零〇]{_D}{{2,}})(?!{_C}|几)", forms.code),
    rule(f"{_FREE}{_NO_DAY}({_D}{{2,3}}[零〇]{_D}*|{_D}{{5,}}|{_D}{{3}})(?!{_C}|几)", forms.code),
    rule(f"{_FREE}{_C}{{2,}}(?!零?[几来])", forms.plain),
    rule(f"{_FREE}十(?={_MEASURES}|度(?![过假])|[A-Z])", forms.plain),
    rule(f"{_FREE}({_D}{{2}})(?=[A-Z])", forms.code),
    rule(f"{_FREE}[一二三四五六七八九](?=[A-Z])", forms.letter_digit),
    rule(f"(?<=[A-Z])[二三四五六七八九](?!{_C}|[个位种])", forms.letter_digit),
    rule(f"(?<=(?<![A-Z])[QPVH])[零一](?!{_C}|{_WORD_AFTER_ONE})", forms.letter_digit),
)
