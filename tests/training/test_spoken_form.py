"""Written text to what a person says."""

from __future__ import annotations

import pytest

from streamer.training.spoken_form import BREAK, read_digits, read_integer, spoken_form

pytest.importorskip("cn2an")


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("2004年06月25日。", "二零零四年六月二十五日。"),
        ("成本2900万美元", "成本两千九百万美元"),
        ("2小时，20 年，98年", "两小时，二十年，九八年"),
        ("12.5%，3-5个", "百分之十二点五，三到五个"),
        ("10%-20%", "百分之十到百分之二十"),
        ("电话13812345678", "电话幺三八幺二三四五六七八"),
        ("请回答2021", "请回答二零二一"),
        ("1,200元，第2届", "一千二百元，第二届"),
        ("9:05开始", "九点零五开始"),
        ("１９９８年１２月", "一九九八年十二月"),
        ("౪౫和3", "和三"),
        ("2026-01-25开会", "二零二六年一月二十五日开会"),
        ("2 个人", "两个人"),
        ("9:00到9:30", "九点到九点三十"),
        ("０９", "零九"),
        ("1985-1988年就读", "一九八五到一九八八年就读"),
        ("1865～1870年", "一八六五到一八七零年"),
        ("1905年-1908年", "一九零五年到一九零八年"),
        ("1985-87年", "一九八五到八七年"),
        ("10~20个", "十到二十个"),
        ("达到10.", "达到十"),
        ("2004.", "二零零四"),
        ("127.5.", "一百二十七点五"),
        ("2.5.1版", "二五一版"),
        ("20.5.1", "二零五一"),
        ("2004.5.6", "二零零四五六"),
        ("大约1/3，有 3/4 的人", "大约三分之一，有四分之三的人"),
        ("1/10和1/1000", "十分之一和一千分之一"),
        ("第70/88届，1993/2007年，1/3日", "第七十八十八届，一九九三二零零七年，一三日"),
        ("比分2:1，比例为1:10", "比分二比一，比例为一比十"),
        ("以3:2获胜，1.5:1的比例，98:95险胜", "以三比二获胜，一点五比一的比例，九十八比九十五险胜"),
        ("问题1:3个人", "问题一，三个人"),
        ("气温-5℃，零下5度", "气温零下五摄氏度，零下五度"),
        ("−2.5度到5℃", "零下二点五度到五摄氏度"),
        ("3度-5度，20-30℃", "三度到五度，二十到三十摄氏度"),
        ("38.5°C", "三十八点五摄氏度"),
        ("歼-20，F-16", "歼二十，F十六"),
        ("增长-2%，3.5‰，-1‰", "增长负百分之二，千分之三点五，负千分之一"),
        ("8:30:15开始", "八点三十分十五秒开始"),
        ("9:30-11:00", "九点三十到十一点"),
    ],
)
def test_numbers_are_read_as_people_read_them(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken


@pytest.mark.parametrize(
    ("number", "spoken"),
    [
        ("10", "十"),
        ("12", "十二"),
        ("200", "两百"),
        ("22000", "两万两千"),
        ("007", "零零七"),
        ("0", "零"),
        ("12345678", "一千二百三十四万五千六百七十八"),
        ("123456789", "一二三四五六七八九"),
    ],
)
def test_whole_numbers(number: str, spoken: str) -> None:
    assert read_integer(number) == spoken


def test_digits_of_a_telephone_number_say_yao_for_one() -> None:
    assert read_digits("110", phone=True) == "幺幺零"


def test_capital_words_are_spelled_and_known_words_replaced() -> None:
    assert spoken_form("我们的CEO说okay") == "我们的CEO说OK"


def test_an_unknown_foreign_word_leaves_a_break() -> None:
    assert spoken_form("他用default方案") == f"他用{BREAK}方案"


def test_brackets_and_quotes_are_not_spoken() -> None:
    assert spoken_form("《红楼梦》（第三版）是“名著”。") == "红楼梦是名著。"


def test_the_stronger_of_two_marks_stays() -> None:
    assert spoken_form("真的吗，？好……") == "真的吗？好。"


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("买ABCDE", "买ABCDE"),
        ("买ABCDEF", f"买{BREAK}"),
        ("买Abc", f"买{BREAK}"),
        ("Ａ到Ｚ，ａｒ", "A到Z，AR"),
        ("他说Ж你", f"他说{BREAK}你"),
    ],
)
def test_up_to_five_capitals_are_spelled_and_other_words_leave_a_break(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken


@pytest.mark.parametrize(
    ("written", "spoken"),
    [
        ("，你好", "你好"),
        ("。你好", "你好"),
        ("Ж，你好", f"{BREAK}你好"),
        ("好，。", "好。"),
        ("好、？", "好？"),
        ("好？，", "好？"),
        ("好。？", "好。"),
        ("好，、", "好，"),
        ("好,?", "好？"),
        ("好，……", "好。"),
    ],
)
def test_a_mark_stands_behind_what_is_said_and_a_sentences_end_takes_a_commas_place(written: str, spoken: str) -> None:
    assert spoken_form(written) == spoken
