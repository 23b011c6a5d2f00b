import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.text.pinyin import LETTERS, Syllable, canonical, is_hanzi, parse_syllable, spell, toneless


@pytest.mark.parametrize(
    ("foreign", "expected"),
    [
        ("zhong1", "zhong1"),
        ("ZHONG1", "zhong1"),
        ("lü4", "lv4"),
        ("lu:4", "lv4"),
        ("lüe4", "lve4"),
        ("lue4", "lve4"),
        ("nue4", "nve4"),
        ("jv1", "ju1"),
        ("yve4", "yue4"),
        ("qv4", "qu4"),
        ("xvan3", "xuan3"),
        ("de", "de5"),
        ("de0", "de5"),
        ("n2", "en2"),
        ("ng4", "en4"),
        ("m2", "mu2"),
        ("hng5", "heng5"),
        ("ê4", "ei4"),
        ("A", "A"),
    ],
)
def test_foreign_spellings_become_canonical(foreign: str, expected: str) -> None:
    assert canonical(foreign) == expected


@pytest.mark.parametrize("wrong", ["", "5", "xyz1", "zhong6", "中", "ab1"])
def test_what_is_no_syllable_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="syllable"):
        canonical(wrong)


@pytest.mark.parametrize(
    ("spelling", "expected"),
    [
        ("zhi1", Syllable("zh", "iii", 1)),
        ("zi4", Syllable("z", "ii", 4)),
        ("ju2", Syllable("j", "v", 2)),
        ("yuan2", Syllable("", "van", 2)),
        ("wo3", Syllable("", "uo", 3)),
        ("er2", Syllable("", "er", 2)),
        ("lve4", Syllable("l", "ve", 4)),
        ("ang2", Syllable("", "ang", 2)),
        ("shuang1", Syllable("sh", "uang", 1)),
        ("chi1", Syllable("ch", "iii", 1)),
        ("shi4", Syllable("sh", "iii", 4)),
        ("ri4", Syllable("r", "iii", 4)),
        ("ci2", Syllable("c", "ii", 2)),
        ("si4", Syllable("s", "ii", 4)),
        ("zan4", Syllable("z", "an", 4)),
        ("ji1", Syllable("j", "i", 1)),
        ("que4", Syllable("q", "ve", 4)),
        ("xuan3", Syllable("x", "van", 3)),
        ("qiong2", Syllable("q", "iong", 2)),
        ("weng1", Syllable("", "ueng", 1)),
        ("yo1", Syllable("", "io", 1)),
    ],
)
def test_syllables_come_apart_by_sound(spelling: str, expected: Syllable) -> None:
    assert parse_syllable(spelling) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("一心一意", ["yi1", "xin1", "yi1", "yi4"]),
        ("不是不对", ["bu4", "shi4", "bu4", "dui4"]),
        ("花儿", ["hua1", "er2"]),
        ("重庆银行", ["chong2", "qing4", "yin2", "hang2"]),
        ("旅游略", ["lv3", "you2", "lve4"]),
        ("嗯，好。", ["en5", "hao3"]),
        ("CEO你好", ["C", "E", "O", "ni3", "hao3"]),
        ("a座", ["A", "zuo4"]),
        ("", []),
    ],
)
def test_text_is_spelled_with_the_dictionary_tones(text: str, expected: list[str]) -> None:
    assert spell(text) == expected


def test_toneless_drops_the_tone_but_keeps_letters() -> None:
    assert [toneless(spelling) for spelling in ("lv4", "de5", "A")] == ["lv", "de", "A"]


def test_hanzi_are_told_from_punctuation_and_digits() -> None:
    assert [is_hanzi(character) for character in "一中\u9fff〇㐀\u4dbf"] == [True] * 6
    assert [is_hanzi(character) for character in "，2A\u33ff\u4dc0\ua000"] == [False] * 6


UNREAD = "兙兡嗧桛烪瓧瓰瓱瓼甅"
"""Ideographs of Japanese and of old units that pypinyin has no reading for."""


@pytest.mark.parametrize("character", UNREAD)
def test_an_ideograph_without_a_reading_is_refused(character: str) -> None:
    with pytest.raises(ValueError, match="not a toned syllable"):
        spell(character)


@given(
    st.text(alphabet=st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5, exclude_characters=UNREAD), max_size=8)
)
def test_every_common_ideograph_gets_one_parsable_syllable(text: str) -> None:
    spelled = spell(text)

    assert len(spelled) == len(text)
    for spelling in spelled:
        assert spelling in LETTERS or parse_syllable(spelling)
