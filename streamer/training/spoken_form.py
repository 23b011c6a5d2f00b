"""Written Chinese to the form a person speaks: digits read out, Latin spelled, brackets and quotes dropped.

Only ideographs, upper-case Latin letters and the marks ``，。？！、`` are left. Where reading aloud would be a guess
(an English word that is not in the lexicon, foreign script), a break is left instead: what stands before and after it
is good text, but the two do not follow each other.
"""

from __future__ import annotations

import re
from typing import Final

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command
from streamer.text.pinyin import is_hanzi
from streamer.text.punctuation import MARKS

__all__ = ["BREAK", "MARKS", "read_digits", "read_integer", "spoken_form"]

BREAK: Final = "\n"
"""Stands where text was left out."""

# Latin words that are spoken letter by letter although written in lower case, and usual Chinese spellings of others.
_LEXICON: Final = {
    "ok": "OK", "okay": "OK", "okok": "OKOK", "app": "APP", "ceo": "CEO", "cto": "CTO", "cfo": "CFO", "ppt": "PPT",
    "nft": "NFT", "vr": "VR", "ar": "AR", "ai": "AI", "it": "IT", "tv": "TV", "kpi": "KPI", "pk": "PK", "vip": "VIP",
    "dna": "DNA", "gdp": "GDP", "hr": "HR", "ip": "IP", "pc": "PC", "qq": "QQ", "cd": "CD", "dvd": "DVD", "mtv": "MTV",
    "mv": "MV", "km": "公里", "cm": "厘米", "mm": "毫米", "kg": "公斤", "hello": "哈喽", "bye": "拜", "hi": "嗨",
    "bb": "BB", "gps": "GPS", "usb": "USB", "dj": "DJ", "ktv": "KTV", "diy": "DIY", "gg": "GG", "mp": "MP",
}  # fmt: skip

_WIDE: Final = {
    code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
} | {ord(wide): ord(narrow) for wide, narrow in zip("％．：－／　～~〇", "%.:-/ --零", strict=True)}

_MARK_OF: Final = {
    "，": "，", ",": "，", "；": "，", ";": "，", ":": "，", "—": "，", "。": "。", "…": "。", "？": "？", "?": "？",
    "！": "！", "!": "！", "、": "、",
}  # fmt: skip

_MEASURES: Final = (
    "个小时天位种部首次点岁分钟条家本张只件名座年级元块米公斤里万千百亿"
    "周人届套间层辆所项篇集场口杯台步句遍起期队组支双对多余"
)
_DROPPED: Final = re.compile(r"（[^（）]*）|\([^()]*\)|【[^【】]*】|\[[^\[\]]*\]|https?://\S+|www\.\S+")
_OTHER_DIGIT: Final = re.compile(r"(?![0-9])\d")
"""Digits of other scripts, which count as digits to patterns and are none to speakers of Chinese."""
_NUMBER: Final = r"\d+(?:\.\d+)?"
_NO_FURTHER: Final = r"(?!\.?\d)"
"""Behind a number: neither a digit nor a version's next part (2.5.1), but perhaps the end of a sentence."""
_FRACTION: Final = re.compile(r"(?<![\d/.])([1-9]\d{0,3})/([1-9]\d{0,3})(?![\d/.月日号])")
_RATIO: Final = rf"({_NUMBER}):({_NUMBER})(?![\d:])"
_SCORED: Final = re.compile(rf"(?:(?<=比[分例率])|(?<=比[分例率][为是])){_RATIO}")
_WON: Final = re.compile(
    rf"(?<![\d:.]){_RATIO}(?=\s?的?(?:比例|比分|胜|获胜|取胜|战胜|击败|险胜|大胜|逆转|领先|落后|平))"
    rf"|(?<=以){_RATIO}"
)
"""Of what may be a list's number and its entry (问题1:3个), ratios are those that are called so."""
_LATIN_WORD: Final = re.compile(r"[A-Za-z]+")


def spoken_form(text: str) -> str:
    """The text as it is read aloud, with the marks of :data:`MARKS` and :data:`BREAK` where something was left out.

    Raises:
        MissingDependencyError: cn2an (extra ``train``) is not installed.
    """
    text = _OTHER_DIGIT.sub("", _DROPPED.sub("", text.translate(_WIDE)))
    text = _read_numbers(text)
    text = _LATIN_WORD.sub(lambda match: _read_latin(match[0]), text)
    return _keep_spoken(text)


def read_integer(digits: str) -> str:
    """A whole number as it is spoken: ``2004`` → 两千零四. Long or zero-led strings are read digit by digit."""
    if len(digits) > 8 or (digits[0] == "0" and len(digits) > 1):
        return read_digits(digits)
    spoken: str = _an2cn(digits)
    return re.sub(r"^二(?=[百千万亿])|(?<=[万亿])二(?=千)", "两", spoken)


def read_digits(digits: str, *, phone: bool = False) -> str:
    """Digit by digit: ``2026`` → 二零二六; in telephone numbers 1 is 幺."""
    spoken = digits.translate(str.maketrans("0123456789", "零一二三四五六七八九"))
    return spoken.replace("一", "幺") if phone else spoken


def _read_numbers(text: str) -> str:
    if not any(character.isdigit() for character in text):
        return text
    text = re.sub(r"(?<=\d)\s?(?:℃|°C)", "摄氏度", text)
    text = re.sub(r"(?<=\d),(?=\d{3}(?!\d))", "", text)
    text = re.sub(r"(?<=\d)\s+(?=[年月日号个点万亿])", "", text)
    text = re.sub(r"(?<![\d.])(\d{4})-(\d{1,2})-(\d{1,2})(?!\d)", _date, text)
    text = _SCORED.sub(_ratio, text)
    text = re.sub(r"(?<![\d.])0?(\d{1,2}):([0-5]\d)(?::([0-5]\d))?(?!\d)", _time, text)
    text = _FRACTION.sub(_fraction, _WON.sub(_ratio, text))
    text = re.sub(
        r"(?<!\d)(1\d{10}|\d{3,4}-\d{7,8})(?!\d)",
        lambda match: read_digits(match[1].replace("-", ""), phone=True),
        text,
    )
    text = re.sub(
        rf"({_NUMBER})%?\s?-\s?({_NUMBER})%",
        lambda match: f"百分之{_number(match[1])}到百分之{_number(match[2])}",
        text,
    )
    text = re.sub(rf"(?<![\dA-Za-z%‰度])[-−](?={_NUMBER}\s?[%‰])", "负", text)
    text = re.sub(rf"(?<![\dA-Za-z%‰度])[-−](?={_NUMBER}\s?(?:摄氏)?度)", "零下", text)
    text = re.sub(rf"({_NUMBER})\s?%", lambda match: "百分之" + _number(match[1]), text)
    text = re.sub(rf"({_NUMBER})\s?‰", lambda match: "千分之" + _number(match[1]), text)
    text = re.sub(r"(?<=[\d点元米年月日号度零一二三四五六七八九十])-(?=[\d一二三四五六七八九十])", "到", text)
    text = re.sub(
        r"(?<!\d)(\d{4}(?=年|到\d{4}年)|(?:[5-9]\d|0\d)(?=年(?![前级龄多来以])))",
        lambda match: read_digits(match[1]),
        text,
    )
    text = re.sub(r"(?<!\d)0(\d)(?=[月日号])", r"\1", text)
    text = re.sub(rf"(?<!\d)((?:19|20)\d\d){_NO_FURTHER}(?![{_MEASURES}])", lambda match: read_digits(match[1]), text)
    text = re.sub(rf"(?<![\d.第])2(?=[{_MEASURES}])(?!月|日|号|[百千万亿]?分之)", "两", text)
    text = re.sub(rf"(?<![\d.]){_NUMBER}{_NO_FURTHER}", lambda match: _number(match[0]), text)
    return re.sub(r"\d", lambda match: read_digits(match[0]), text)


def _number(digits: str) -> str:
    whole, _, fraction = digits.partition(".")
    return read_integer(whole) + ("点" + read_digits(fraction) if fraction else "")


def _date(match: re.Match[str]) -> str:
    return f"{read_digits(match[1])}年{read_integer(str(int(match[2])))}月{read_integer(str(int(match[3])))}日"


def _time(match: re.Match[str]) -> str:
    minutes = ("零" if match[2][0] == "0" else "") + read_integer(str(int(match[2])))
    if match[3]:
        return f"{read_integer(match[1])}点{minutes}分{read_integer(str(int(match[3])))}秒"
    return f"{read_integer(match[1])}点{'' if match[2] == '00' else minutes}"


def _fraction(match: re.Match[str]) -> str:
    """Below one and with a small denominator, or one part: others may be dates, pages or scores (11/20)."""
    above, below = int(match[1]), int(match[2])
    if above >= below or (below > 10 and above > 1):
        return match[0]
    return f"{read_integer(match[2])}分之{read_integer(match[1])}"


def _ratio(match: re.Match[str]) -> str:
    first, second = (side for side in match.groups() if side is not None)
    return f"{_number(first)}比{_number(second)}"


def _read_latin(word: str) -> str:
    if word.lower() in _LEXICON:
        return _LEXICON[word.lower()]
    return word if word.isupper() and len(word) <= 5 else BREAK


def _keep_spoken(text: str) -> str:
    kept: list[str] = []
    for character in text:
        if is_hanzi(character) or "A" <= character <= "Z":
            kept.append(character)
        elif character == BREAK or character.isalpha():
            kept.append(BREAK)
        elif (mark := _MARK_OF.get(character)) and kept and kept[-1] != BREAK:
            if kept[-1] not in MARKS:
                kept.append(mark)
            elif mark in "。？！" and kept[-1] in "，、":
                kept[-1] = mark
    return re.sub(f"{BREAK}+", BREAK, "".join(kept))


def _an2cn(digits: str) -> str:
    try:
        import cn2an  # noqa: PLC0415 - needed by training only
    except ImportError as error:
        raise MissingDependencyError(f"cn2an is not installed: {install_command('train')}") from error
    spoken: str = cn2an.an2cn(digits, "low")
    return spoken
