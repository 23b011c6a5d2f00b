"""What is wrong with a configuration file, or with an option that goes over one, in Chinese."""

from __future__ import annotations

from typing import Final

from streamer.sinks.failures.system import SYSTEM
from streamer.sinks.sayings import Sayings

_PLACE = r"(?P<place>`[^`]*`(?: of \[\[room\]\] \d+)?)"

_PLACES = Sayings(((r"(?P<key>`.*`) of \[\[room\]\] (?P<number>\d+)", "第 {number} 个 [[room]] 的 {key}"),))

_WHERE = Sayings(
    (
        ("command line", "命令行"),
        ("configuration", "设置"),
        (r"configuration in (?P<path>.*)", "设置 {path}"),
    )
)

_VALUES = Sayings((("a table", "表"), ("a list", "列表"), (r"(?P<value>.*)", " {value}")))

_KINDS = Sayings((("true or false", " true 或 false"), ("a whole number", "整数"), ("a number", "数")))

_RANGES = Sayings(
    (
        (r" of at least (?P<least>\S+)", "，不小于 {least}"),
        (r" above (?P<least>\S+) and below (?P<most>\S+)", "，大于 {least}，小于 {most}"),
        (r" above (?P<least>\S+) and up to (?P<most>\S+)", "，大于 {least}，不超过 {most}"),
        (r" above (?P<least>\S+)", "，大于 {least}"),
        (r" from (?P<least>\S+) and below (?P<most>\S+)", "，不小于 {least}，小于 {most}"),
        (r" from (?P<least>\S+) to (?P<most>\S+)", "，从 {least} 到 {most}"),
    )
)

_LENGTHS = Sayings(
    (
        (r" of (?P<least>\d+) to (?P<most>\d+) characters", "，{least} 到 {most} 个字符"),
        (r" that fits (?P<pattern>.*)", "，符合 {pattern}"),
        (" that is not empty", "，不能为空"),
    )
)

_WRITTEN = Sayings(((" in quotes", "，写在引号里"), (", without quotes", "，不加引号")))

_EXPECTATIONS = Sayings(
    (
        (
            r"it is a table: write (?P<written>\[.*\]), and its keys on the lines below",
            "这是一个表：写 {written}，它的键写在下面各行",
        ),
        (
            r"write (?P<written>\[\[.*\]\]), with two brackets: there may be several",
            "写 {written}，用两层方括号：可以有几个",
        ),
        (r"expected (?P<count>\d+) values, in brackets", "应为 {count} 个值，写在方括号里"),
        ("expected a list, in brackets", "应为列表，写在方括号里"),
        (r"expected one of (?P<names>.*)", "应为其中之一：{names}"),
        (r"expected a number, or text in quotes(?P<written>(?:, without quotes)?)", "应为数，或引号里的文字"),
        (r"expected text(?P<length>.*?)(?P<written>(?: in quotes)?)", "应为文字{length}{written}"),
        (
            r"expected (?P<kind>true or false|a whole number|a number)(?P<range>.*?)(?P<written>(?:, without quotes)?)",
            "应为{kind}{range}{written}",
        ),
    ),
    {"range": _RANGES.chinese, "length": _LENGTHS.chinese, "written": _WRITTEN.chinese, "kind": _KINDS.chinese},
)

_PROBLEMS: Final = (
    (r"unknown key " + _PLACE + r"; did you mean (?P<meant>`.*`)\?", "没有这个键：{place}；是不是 {meant}？"),
    (r"unknown key " + _PLACE, "没有这个键：{place}"),
    (_PLACE + " is missing", "缺少这个键：{place}"),
    (
        r"U\+0000 stands in the text at " + _PLACE + ": no path, name or address has it",
        "{place} 的文字里有 U+0000：路径、名称和地址里都不会有",
    ),
    ("tables or lists in each other, deeper than any key", "表或列表套得太深，没有这样的键"),
    (_PLACE + r" has a value that does not fit; (?P<expectation>.*)", "{place} 中有不合适的值；{expectation}"),
    (
        _PLACE + r" (?:is|has) (?P<value>.*); (?P<expectation>(?:expected|write|it is a table).*)",
        "{place} 的值是{value}；{expectation}",
    ),
    (
        _PLACE + r": (?P<smaller>\w+) \((?P<low>\S+)\) must not exceed (?P<larger>\w+) \((?P<high>\S+)\)",
        "{place}：{smaller}（{low}）不能大于 {larger}（{high}）",
    ),
    (
        _PLACE + r": start_voiced_frames \((?P<start>\d+)\) must exceed (?P<idle>\d+): .*",
        "{place}：start_voiced_frames（{start}）必须大于 {idle}：否则开始一句话的声音可能不足以维持它",
    ),
)

_TOML_PROBLEMS = Sayings(
    (
        ("Expected '=' after a key in a key/value pair", "键的后面缺少 ="),
        (r"Expected (?P<sign>'\]+') at the end of .*", "表头缺少 {sign}"),
        (r"Expected (?P<sign>\"'+\"|'\"+')", "引号 {sign} 没有成对"),
        ("Expected newline or end of document after a statement", "值到这里应结束（小数点用 .，整数前面不写 0）"),
        ("Invalid initial character for a key part", "这不能是键的开头"),
        ("Invalid statement", "不是有效的语句"),
        ("Invalid value", "值无效：文字要写在引号里，真假写 true 或 false，数字用半角"),
        ("Unclosed array", "方括号没有成对"),
        ("Unclosed inline table", "花括号没有成对"),
        ("Cannot overwrite a value", "这个键前面已有"),
        (r"Cannot declare \((?P<key>.*?),?\) twice", "表 {key} 前面已有"),
        (r"Illegal character '\\n'", "这一行的引号没有成对"),
        (r"Illegal character (?P<sign>.*)", "不允许的字符 {sign}"),
        (r"Unescaped '\\' in a string|Invalid hex value", "引号里的反斜杠要写两个，或改用单引号"),
    )
)

_TOML = Sayings(
    (
        (
            r"(?P<problem>.*) \(at line (?P<line>\d+), column (?P<column>\d+)\)",
            "第 {line} 行第 {column} 列，{problem}",
        ),
        (r"(?P<problem>.*) \(at end of document\)", "到文件结尾，{problem}"),
    ),
    {"problem": _TOML_PROBLEMS.chinese},
)

_PROBLEM_PARTS: Final = {
    "place": _PLACES.chinese,
    "value": _VALUES.chinese,
    "expectation": _EXPECTATIONS.chinese,
}

PROBLEMS: Final = Sayings(_PROBLEMS, _PROBLEM_PARTS)
"""What is wrong with a key; of a pack's manifest, too."""

SETTINGS: Final = Sayings(
    (
        (
            (
                r"(?P<where>configuration(?: in .*?)?|command line): (?P<problem>.*) "
                r"\(see config/default\.toml for every key and its range\)"
            ),
            "{where}：{problem}（各键及其范围见 config/default.toml）",
        ),
        (r"configuration file not found: (?P<path>.*)", "没有配置文件：{path}"),
        (r"cannot read configuration file (?P<path>.*): (?P<error>.*?)", "无法读取配置文件 {path}：{error}"),
        (
            r"configuration file (?P<path>.*) is not UTF-8 from byte (?P<byte>\d+) on: save it so",
            "配置文件 {path} 从第 {byte} 字节起不是 UTF-8：请另存为 UTF-8",
        ),
        (
            r"(?P<path>.*) is not valid TOML: (?P<toml>.*); there TOML takes plain signs only: .*",
            (
                '{path} 不是有效的 TOML：{toml}；那里只能用半角符号：引号用 "，不用“”‘’＂；等号用 =，不用 ＝；'
                "方括号用 [ ]，不用 ［］【】；逗号用 ,，不用 ，、"
            ),
        ),
        (r"(?P<path>.*) is not valid (?:UTF-8 )?TOML: (?P<toml>.*)", "{path} 不是有效的 TOML：{toml}"),
        (
            r"(?P<path>.*) holds an integer of thousands of digits, which no key takes \(see .*\)",
            "{path} 中有几千位的整数，没有这样的键（各键及其范围见 config/default.toml）",
        ),
    ),
    {"where": _WHERE.chinese, "problem": PROBLEMS.chinese, "error": SYSTEM.chinese, "toml": _TOML.chinese},
)
"""Errors of reading the configuration."""
