"""What the rules of inverse text normalisation are made of."""

from __future__ import annotations

import re
from collections.abc import Callable

DIGIT = "[零〇一二三四五六七八九]"
"""A digit as it is spoken."""
NUMERAL = "[零〇一二两三四五六七八九十百千万亿]"
"""A part of a cardinal."""
GOES_ON = f"点?{NUMERAL}|幺"
"""What goes on a number that ends with a numeral."""
FREE = "(?<![零〇一二两三四五六七八九十百千万亿幺几数点])"
"""No number goes on here."""
PHYSICAL = (
    "平方公里|平方米|平米|立方米|立方(?!体)|公里|千米|厘米|毫米|微米|纳米|英里|米|公斤|千克|毫克|克(?!服)|吨|斤|毫升|升(?!级|职|高|旗)|"
    "摄氏度|公顷|亩|小时|分钟|秒|千瓦|瓦|伏|安培|赫兹|兆|岁|寸|元(?![次论化方素组桥里锂店购制性体]|[一二三]次(?:方程|函数|不等)|线性|函数|关系|分类|回归|期权|运算|材料|电池|结构|对立|变量|牛奶|前驱|正极)|美元|欧元|日元|港元|港币|英镑|个百分点"
)
"""Units that numbers with decimals have, each without the words that begin like it."""

COUNTED = "位|名|家|条|项|部门|个(?!亿|点|百分点|月|小时|工作日|人天|人月)"
"""After 一点 (a little; a point) these are counted, and the numeral before them is no decimal: 快一点三个人都到了."""

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""A pattern tried at a position, and what is written for it; None leaves the position to the next rule."""


def rule(pattern: str, write: Callable[[re.Match[str]], str | None]) -> Rule:
    """A rule from the source of its pattern."""
    return re.compile(pattern), write


def as_said(match: re.Match[str]) -> str:
    """What a rule writes that keeps other rules away."""
    return match[0]
